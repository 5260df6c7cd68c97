"""Reads the fields of a typed request form from the words that text recognition found. Nothing here writes."""
