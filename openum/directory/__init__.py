"""Members, coverage, products, practitioners, facilities, networks, codes and published policies."""
