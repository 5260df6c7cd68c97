"""Requests that came to the wrong place, sent on with their first receipt."""
