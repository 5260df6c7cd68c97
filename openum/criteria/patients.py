"""Reads the test patients of a guideline document: who they are, what their record says, what must be found. Pure.

A test patient is invented. Its record is written in short forms that `facts` turns into FHIR resources, so that the
logic is tried on what real systems send.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from openum.criteria.codes import SYSTEMS
from openum.criteria.facts import resources_of, response_of
from openum.criteria.facts.parts import NotAFact
from openum.criteria.faults import DocumentInvalid, Fault, Lined, Reader
from openum.criteria.record import Person, Record, StoredResource, build_record
from openum.vocabulary.terms import FindingValue, LineOfBusiness

Pairs = tuple[tuple[str, str], ...]

_KEYS = (
    "name", "request_date", "service", "side", "born", "sex", "line_of_business", "like", "without", "record", "answers",
    "expect", "names",
)  # fmt: skip
_SIDES = ("right", "left", "both")
_SEXES = ("female", "male", "other", "unknown")
_BORN = date(1970, 1, 1)
OVERALL = "overall"
REFERENCE = "Patient/p"
"""How the resources of a test patient name the patient."""


@dataclass(frozen=True, slots=True)
class PatientBlock:
    """One ```patients block as it stands in a file."""

    file: str
    first_line: int
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a record: the identity by which others leave it out, and what it says."""

    id: str
    fact: Mapping[str, Any]
    line: int


@dataclass(frozen=True, slots=True)
class Patient:
    """One test patient: a request on a day, a record, answers of the form, and the findings that must come out."""

    name: str
    file: str
    line: int
    request_date: date
    service: tuple[str, str]
    side: str | None
    born: date
    sex: str
    line_of_business: LineOfBusiness | None
    entries: tuple[Entry, ...]
    answers: Mapping[str, object]
    overall: FindingValue
    expected: Mapping[str, FindingValue]
    """By the key of the criterion."""
    names: Mapping[str, str]
    """The missing element that must be named while the criterion is unknown."""

    @property
    def resources(self) -> tuple[dict[str, Any], ...]:
        """The record and the answered form as FHIR R4 resources about `Patient/p`."""
        found: list[dict[str, Any]] = []
        for number, entry in enumerate(self.entries, start=1):
            found += resources_of(entry.fact, identity=entry.id or f"r{number}", subject=REFERENCE)
        if self.answers:
            found.append(response_of(self.answers, identity="form", subject=REFERENCE, on=self.request_date))
        return tuple(found)

    def record(self) -> Record:
        """Return the record as the logic reads it."""
        person = Person(frozenset({REFERENCE}), frozenset(), self.born, self.sex)
        return build_record([StoredResource(resource, "patient") for resource in self.resources], person=person)


@lru_cache(maxsize=256)
def patients_of(blocks: tuple[PatientBlock, ...], services: Pairs) -> tuple[Patient, ...]:
    """Read the test patients of a document.

    Args:
        blocks: the ```patients blocks of the document and of its sibling file.
        services: the services of the scope; the first is requested where a patient names none.

    Raises:
        DocumentInvalid: with every fault found, each with its line and what to do.
    """
    found: dict[str, Patient] = {}
    faults: list[Fault] = []
    for block in blocks:
        reader = Reader(block.file)
        rows = reader.yaml(block.text, first_line=block.first_line)
        if not isinstance(rows, list) and not reader.faults:
            reader.fault(block.first_line, "A ```patients block must be a list, each entry beginning with “- name:”.")
        for row in rows if isinstance(rows, list) else ():
            patient = _patient(reader, row, block, services, found)
            if patient is not None:
                found[patient.name] = patient
        faults += reader.faults
    if faults:
        raise DocumentInvalid(sorted(faults, key=lambda fault: (fault.file, fault.line)))
    return tuple(found.values())


def _patient(
    reader: Reader, row: object, block: PatientBlock, services: Pairs, known: Mapping[str, Patient]
) -> Patient | None:
    if not isinstance(row, Lined):
        reader.fault(block.first_line, "Each test patient must be a block of “name: value” lines.")
        return None
    before = len(reader.faults)
    name = reader.text(row, "name", what="a test patient")
    what = f"the patient “{name}”"
    reader.known_keys(row, _KEYS, what=what)
    if name in known:
        reader.fault(row.line, f"There are two patients of the name “{name}”; give each its own.")
    other = _other(reader, row, known, what=what)
    request_date = _day(reader, row, "request_date", other.request_date if other else None, what=what)
    if request_date is None and "request_date" not in row:
        reader.fault(row.line, f"{what} needs “request_date”: the day the request is received.")
    born = _day(reader, row, "born", other.born if other else _BORN, what=what)
    entries = _entries(reader, row, other, what=what)
    answers = _answers(reader, row, other, what=what)
    overall, expected = _expected(reader, row, other, what=what)
    inherited = {key: name for key, name in other.names.items() if _is_unknown(expected.get(key))} if other else {}
    names = inherited | (reader.block(row, "names", what=what, required=False) or {})
    service = _service(reader, row, other.service if other else services[0] if services else ("", ""), what=what)
    side = _word(reader, row, "side", _SIDES, other.side if other else "", what=what)
    sex = _word(reader, row, "sex", _SEXES, other.sex if other else "female", what=what)
    business = _word(
        reader, row, "line_of_business", tuple(LineOfBusiness), other.line_of_business if other else "", what=what
    )
    if len(reader.faults) > before or request_date is None or born is None or overall is None:
        return None
    return Patient(
        name=name,
        file=block.file,
        line=row.line,
        request_date=request_date,
        service=service,
        side=side or None,
        born=born,
        sex=sex,
        line_of_business=LineOfBusiness(business) if business else None,
        entries=entries,
        answers=answers,
        overall=overall,
        expected=expected,
        names={str(key): str(element) for key, element in names.items()},
    )


def _is_unknown(value: FindingValue | None) -> bool:
    return value is FindingValue.UNKNOWN


def _other(reader: Reader, row: Lined, known: Mapping[str, Patient], *, what: str) -> Patient | None:
    """Return the patient that this one is like."""
    name = reader.text(row, "like", what=what, required=False)
    if not name:
        if "without" in row:
            reader.fault(row.lines["without"], f"“without” of {what} leaves out what another patient has; add “like”.")
        return None
    if name not in known:
        reader.fault(row.lines["like"], f"There is no patient “{name}” before {what}; write it first.")
    return known.get(name)


def _day(reader: Reader, row: Lined, key: str, default: date | None, *, what: str) -> date | None:
    value = row.get(key, default)
    if value is None:
        return None
    if not isinstance(value, date) or isinstance(value, datetime):
        reader.fault(row.lines[key], f"“{key}” of {what} must be a date, like 2030-01-31.")
        return None
    return value


def _word(reader: Reader, row: Lined, key: str, allowed: tuple[str, ...], default: str | None, *, what: str) -> str:
    value = reader.text(row, key, what=what, required=False)
    if value and value not in allowed:
        reader.fault(row.lines[key], f"“{value}” is none of: {', '.join(allowed)}.")
    return value or default or ""


def _service(reader: Reader, row: Lined, default: tuple[str, str], *, what: str) -> tuple[str, str]:
    value = reader.text(row, "service", what=what, required=False)
    if not value:
        return default
    system, _bar, code = value.partition("|")
    if system not in SYSTEMS or not code:
        reader.fault(row.lines["service"], f"“service” of {what} must read SYSTEM|code, for example CPT|12345.")
    return system, code


def _entries(reader: Reader, row: Lined, other: Patient | None, *, what: str) -> tuple[Entry, ...]:
    left_out = reader.texts(row, "without", what=what)
    inherited = other.entries if other else ()
    for name in left_out:
        if other and name not in {entry.id for entry in inherited}:
            reader.fault(row.lines["without"], f"“{other.name}” has no record with the id “{name}”.")
    entries = [entry for entry in inherited if entry.id not in left_out]
    for value in reader.items(row, "record", what=what):
        if not isinstance(value, Lined):
            reader.fault(row.lines["record"], f"Each record of {what} must be “{{kind: SYSTEM|code, …}}”.")
            continue
        identity = str(value.get("id", ""))
        entries = [entry for entry in entries if not identity or entry.id != identity]
        entries.append(Entry(identity, value, value.line))
        try:
            resources_of(value, identity=identity or "x", subject=REFERENCE)
        except NotAFact as refusal:
            reader.fault(value.line, f"A record of {what} cannot be read: {refusal}")
    return tuple(entries)


def _answers(reader: Reader, row: Lined, other: Patient | None, *, what: str) -> dict[str, object]:
    """Return the answers of the form; one set to nothing (`~`) takes an answer of the other patient away."""
    own = reader.block(row, "answers", what=what, required=False) or Lined()
    try:
        response_of({link: value for link, value in own.items() if value is not None})
    except NotAFact as refusal:
        reader.fault(own.line, f"An answer of {what} cannot be read: {refusal}")
    merged = (dict(other.answers) if other else {}) | own
    return {link: value for link, value in merged.items() if value is not None}


def _expected(
    reader: Reader, row: Lined, other: Patient | None, *, what: str
) -> tuple[FindingValue | None, dict[str, FindingValue]]:
    """Return what must come out; what a patient is like stands where the own “expect” says nothing."""
    own = reader.block(row, "expect", what=what, required=other is None) or Lined()
    overall = other.overall if other else None
    expected = dict(other.expected) if other else {}
    for key, value in own.items():
        if value not in tuple(FindingValue):
            reader.fault(own.lines[key], f"“{value}” for {key} is none of: {', '.join(FindingValue)}.")
        elif key == OVERALL:
            overall = FindingValue(value)
        else:
            expected[key] = FindingValue(value)
    if overall is None:
        reader.fault(
            row.lines.get("expect", row.line), f"“expect” of {what} needs “overall”: {', '.join(FindingValue)}."
        )
    return overall, expected
