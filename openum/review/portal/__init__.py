"""The provider's side of review."""
