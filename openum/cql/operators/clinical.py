"""Operators that look at the case: now, the patient's age, references."""

from __future__ import annotations

from typing import Any, Protocol

from openum.cql.errors import CqlRuntimeError
from openum.cql.fhir import convert
from openum.cql.operators.durations import age_at
from openum.cql.values.temporal import Date, DateTime, Time

Value = Any


class Case(Protocol):
    """What these operators need of the running evaluation."""

    now: DateTime

    @property
    def patient(self) -> dict[str, Any] | None:
        """The patient resource."""
        ...

    def resolve(self, reference: str) -> dict[str, Any] | None:
        """Return the resource a reference points to."""
        ...

    def note_missing(self, resource_type: str, element: str, note: str) -> None:
        """Record that something was not there."""
        ...


def now(case: Case) -> DateTime:
    """Now()."""
    return case.now


def today(case: Case) -> Date:
    """Today()."""
    return case.now.date()


def time_of_day(case: Case) -> Time:
    """TimeOfDay()."""
    return Time(case.now.fields[3:])


def _birth_date(case: Case) -> Date | None:
    patient = case.patient
    birth = None if patient is None else convert.to_date(patient.get("birthDate"))
    if birth is None:
        case.note_missing(
            "Patient", "birthDate", "there is no Patient" if patient is None else "no readable birth date"
        )
    return birth


def age_in(case: Case, word: str) -> Value:
    """AgeInYears() and its kin."""
    return age_at(_birth_date(case), case.now, word)


def age_in_at(case: Case, at: Value, word: str) -> Value:
    """AgeInYearsAt(date) and its kin."""
    return age_at(_birth_date(case), at, word)


def calculate_age(case: Case, birth: Value, word: str) -> Value:
    """CalculateAgeInYears(birthDate) and its kin."""
    return age_at(birth, case.now, word)


def resolve(case: Case, reference: Value) -> Value:
    """Return the resource a FHIR reference points to."""
    if isinstance(reference, dict):
        reference = reference.get("reference")
    return case.resolve(reference) if isinstance(reference, str) else None


def message(source: Value, condition: bool | None, code: str | None, severity: str | None, text: str | None) -> Value:
    """Message: an Error ends the evaluation of the definition.

    Raises:
        CqlRuntimeError: the condition holds and the severity is Error.
    """
    if condition and severity == "Error":
        raise CqlRuntimeError(f"{code or ''}: {text or ''}".strip(": ") or "The library reported an error.")
    return source
