"""What goes into an evaluation of many cases, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from openum.cql.errors import CqlRuntimeError
from openum.cql.run.answer import Answer
from openum.cql.run.data import CaseData

NO_JSON: Final = "The records of this case are no JSON."
NO_RECORDS: Final = "The records of this case are neither a Bundle nor a list of resources."


@dataclass(frozen=True, slots=True)
class CaseInput:
    """One case of many.

    Attributes:
        key: names the case in the outcome.
        records: JSON text of a Bundle or of a list of resources, or either as parsed. Text costs least to hand over
            to another process.
        parameters: of this case only; they stand over those of the run.
    """

    key: str
    records: bytes | str | Mapping[str, Any] | Sequence[Any]
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """The answers of one case; `error` says why there are none."""

    key: str
    answers: Mapping[str, Answer] = field(default_factory=dict)
    error: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The values by definition; None is unknown."""
        return {name: answer.value for name, answer in self.answers.items()}


def parsed(records: bytes | str | Mapping[str, Any] | Sequence[Any]) -> Any:
    """Return records as parsed JSON.

    Raises:
        CqlRuntimeError: they are no JSON.
    """
    if not isinstance(records, bytes | str):
        return records
    try:
        return orjson.loads(records)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise CqlRuntimeError(NO_JSON) from error


def case_data(records: bytes | str | Mapping[str, Any] | Sequence[Any]) -> CaseData:
    """Return the records of a case ready to be asked.

    Raises:
        CqlRuntimeError: they are no JSON, or no Bundle and no list.
    """
    value = parsed(records)
    if isinstance(value, Mapping):
        if "resourceType" in value and value["resourceType"] != "Bundle":
            return CaseData.from_resources([value])
        if isinstance(value.get("entry", []), list):
            return CaseData.from_bundle(value)
    elif isinstance(value, Sequence) and not isinstance(value, bytes | str):
        return CaseData.from_resources(value)
    raise CqlRuntimeError(NO_RECORDS)
