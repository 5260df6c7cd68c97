"""What an evaluation answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class MissingElement:
    """Something that was not in the records and without which a definition has no answer.

    Attributes:
        resource_type: FHIR resource type that was asked for, or "" for a parameter that was not given.
        element: path of the empty element, or "" when the resource itself was missing; the parameter's name.
        note: a phrase for a person, naming the value set or code, or the record that lacks the element.
    """

    resource_type: str
    element: str
    note: str


class Trace(Protocol):
    """What can tell, when asked, what an answer rests on."""

    def evidence(self) -> tuple[str, ...]:
        """Return the keys of the resources used."""
        ...

    def missing(self) -> tuple[MissingElement, ...]:
        """Return what was empty on the way."""
        ...


class Answer:
    """The value of one definition. Immutable by convention; the trace is worked out when it is first read.

    Attributes:
        name: name of the definition.
        value: a Python or CQL value; None is unknown.
        evidence: keys ("Observation/id") of the resources the value rests on.
        missing: what was empty on the way, filled when the value is None.
        error: why it could not be evaluated, or None; then the value is None.
    """

    __slots__ = ("_evidence", "_missing", "_trace", "error", "name", "value")

    def __init__(
        self,
        name: str,
        value: Any,
        evidence: tuple[str, ...] = (),
        missing: tuple[MissingElement, ...] = (),
        error: str | None = None,
        *,
        trace: Trace | None = None,
    ) -> None:
        self.name = name
        self.value = value
        self.error = error
        self._evidence = evidence
        self._missing = missing
        self._trace = trace

    def _resolve(self) -> None:
        trace, self._trace = self._trace, None
        if trace is not None:
            self._evidence = trace.evidence()
            if self.value is None:
                self._missing = trace.missing()

    @property
    def evidence(self) -> tuple[str, ...]:
        """Return the keys of the resources the value rests on."""
        self._resolve()
        return self._evidence

    @property
    def missing(self) -> tuple[MissingElement, ...]:
        """Return what was empty on the way."""
        self._resolve()
        return self._missing

    def _parts(self) -> tuple[Any, ...]:
        return self.name, self.value, self.evidence, self.missing, self.error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answer) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((self.name, self.error))

    def __repr__(self) -> str:
        return "Answer(name={!r}, value={!r}, evidence={!r}, missing={!r}, error={!r})".format(*self._parts())

    def __reduce__(self) -> tuple[type[Answer], tuple[Any, ...]]:
        return Answer, self._parts()
