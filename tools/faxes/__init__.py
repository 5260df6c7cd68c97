"""Typed request forms of our own making, noised as a fax is, to measure how many fields intake reads rightly."""
