"""Subscriptions of other systems (R5 backport for R4) and their numbered notifications."""
