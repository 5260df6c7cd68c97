"""From rows of the case to typed letters. Reads only; every fact in a letter comes from a stored row."""
