"""Requests taken by telephone, along a script: the call with its number, the page, the log."""
