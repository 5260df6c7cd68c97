"""Running compiled libraries on a case."""
