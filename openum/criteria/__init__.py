"""Guidelines and their versions; runs the CQL engine on one person's record and explains the result."""
