"""Queues, routing, assignment, capacity, tasks and what colleagues tell each other about a case."""
