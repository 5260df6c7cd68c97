"""Pages of work, split by noun."""
