"""The editor of guidelines: for people who know medicine. It changes texts; `services/drafting.py` keeps them."""
