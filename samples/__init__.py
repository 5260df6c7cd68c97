"""The demo world: synthetic people, providers and requests, generated from a seed. Nobody here exists."""
