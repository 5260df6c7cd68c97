"""Deadlines: which law, when it started, what moved it, who has to act, when it is due."""
