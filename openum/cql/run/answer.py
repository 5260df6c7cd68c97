"""What an evaluation answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class MissingElement:
    """Something that was not in the records and without which a definition has no answer.

    Attributes:
        resource_type: FHIR resource type that was asked for.
        element: path of the empty element, or "" when the resource itself was missing.
        note: a phrase for a person, naming the value set or code, or the record that lacks the element.
    """

    resource_type: str
    element: str
    note: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The value of one definition.

    Attributes:
        name: name of the definition.
        value: a Python or CQL value; None is unknown.
        evidence: keys ("Observation/id") of the resources the value rests on.
        missing: what was empty on the way, filled when the value is None.
        error: why it could not be evaluated, or None; then the value is None.
    """

    name: str
    value: Any
    evidence: tuple[str, ...] = ()
    missing: tuple[MissingElement, ...] = ()
    error: str | None = None
