"""Reads of queues, of where lines are, of people's days, and of what surrounds a case."""
