"""Databases: the fair-lock SQLite backend, the movable demo clock, text cleaning."""
