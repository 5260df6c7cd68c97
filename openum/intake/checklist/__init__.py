"""Which papers a request of its kind should carry, and which of them are there."""
