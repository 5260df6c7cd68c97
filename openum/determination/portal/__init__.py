"""Pages of requesters and members, split by noun; never shared with staff."""
