"""Broken and hostile messages: made from good ones with a seed, sent to every door, and what must hold afterwards."""
