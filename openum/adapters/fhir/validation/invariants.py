"""Invariants: FHIRPath of the definitions, run by our engine; only False is a finding."""

from typing import Any

from openum.adapters.fhir.validation.proofs import PROOFS
from openum.cql import fhirpath
from openum.cql.fhirpath import FhirPathError, Hooks

Json = dict[str, Any]


class Invariant:
    """One invariant.

    Attributes:
        key: its name, such as "per-1".
        is_error: whether breaking it is an error; else a warning.
        human: the definition's own sentence.
        text: the FHIRPath.
        proof: says True where the invariant surely holds; None when there is no quick proof of it.
    """

    __slots__ = ("_expression", "human", "is_error", "key", "proof", "text")

    def __init__(self, key: str, severity: str, human: str, text: str) -> None:
        self.key = key
        self.is_error = severity == "error"
        self.human = human
        self.text = text
        self.proof = PROOFS.get(key)
        self._expression: fhirpath.Expression | None = None

    def is_broken(
        self, value: Any, type_name: str, *, extra: Json | None, resource: Json, root: Json, hooks: Hooks
    ) -> bool:
        """Say whether the invariant is False here; what cannot be evaluated is no proof against the message."""
        if self.proof is not None and self.proof(value):
            return False
        try:
            if self._expression is None:
                self._expression = fhirpath.compile(self.text)
            found = self._expression.holds(
                value,
                type=type_name,
                extra=extra,
                environment={"resource": resource, "rootResource": root},
                hooks=hooks,
            )
        except FhirPathError:
            return False
        return found is False
