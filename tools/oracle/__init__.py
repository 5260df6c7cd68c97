"""Development only: our ELM in an independent CQL engine."""
