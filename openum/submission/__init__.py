"""One door for every request, whatever its channel."""
