"""Pages of decisions, split by noun: the decision page, approving in review."""
