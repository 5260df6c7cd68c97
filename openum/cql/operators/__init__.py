"""The operators of CQL: run-time functions, and one declarative table of their signatures."""
