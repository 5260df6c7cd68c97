"""Da Vinci Prior Authorization Support (PAS) 2.0.1 and 2.2.1: Claim/$submit and Claim/$inquire."""
