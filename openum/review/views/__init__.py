"""Pages of review, split by noun: lines and conversations."""
