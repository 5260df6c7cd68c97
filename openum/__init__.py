"""OpenUM: open utilization management for health plans and the people they serve."""

__version__ = "0.1.0"
