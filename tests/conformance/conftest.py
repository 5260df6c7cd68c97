"""The door of the adapters' tests, for the published examples."""

from tests.adapters.conftest import door, world

__all__ = ["door", "world"]
