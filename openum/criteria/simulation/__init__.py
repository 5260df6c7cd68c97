"""What a guideline would have done with the requests of the last months, before it is published."""
