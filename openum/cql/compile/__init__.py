"""Syntax tree to typed tree to Python source."""
