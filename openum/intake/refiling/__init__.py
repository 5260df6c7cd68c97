"""Requests, or some of their services, that were taken in at the wrong case or for the wrong person."""
