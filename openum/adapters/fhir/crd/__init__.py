"""Da Vinci CRD: coverage requirements at the moment of ordering, over CDS Hooks."""
