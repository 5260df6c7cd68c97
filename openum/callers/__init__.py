"""Serving members who call: who is it, where does the request stand, what is taken on the spot."""
