"""A library over many cases: in a pool of processes, or as SQL with the Python target where that does not reach."""

from openum.cql.population.cases import CaseInput, CaseOutcome
from openum.cql.population.pool import evaluate_many

__all__ = ["CaseInput", "CaseOutcome", "evaluate_many"]
