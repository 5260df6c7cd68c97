"""Background work of the criteria."""

from openum.criteria.simulation.tasks import simulate

__all__ = ["simulate"]
