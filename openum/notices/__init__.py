"""The letters and messages a law requires, and proof that they went out."""
