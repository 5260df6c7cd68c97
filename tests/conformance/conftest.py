"""The door of the adapters' tests, for the published examples."""

from tests.adapters.conftest import door

__all__ = ["door"]
