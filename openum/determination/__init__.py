"""The decision on each line, its rationale, the authorization and its use."""
