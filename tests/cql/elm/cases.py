"""Cases for the comparison with an independent engine: libraries, records, and the answers in one neutral form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from openum.cql import Answer, CaseData, compile_library
from openum.cql.elm import elm_libraries
from openum.cql.expression import to_json
from openum.cql.values.codes import Instance
from tests.cql.elm.families import FAMILIES
from tests.cql.elm.records import DEFINITIONS, INCLUDED, RESOURCES, VALUE_SETS

NOW = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
POLICIES = Path(__file__).resolve().parents[3] / "policies"
HEADER = "library Family version '1'\nusing FHIR version '4.0.1'\ncontext Patient\n"
PATIENTS = 3  # of each guideline
_PLACES, _STEP = Context(prec=60, rounding=ROUND_HALF_UP), Decimal("1e-8")


@dataclass(frozen=True)
class Case:
    """One library over one record."""

    id: str
    source: str
    includes: Mapping[str, str] = field(default_factory=dict)
    resources: tuple[dict[str, Any], ...] = ({"resourceType": "Patient", "id": "p1"},)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    value_sets: Mapping[str, Iterable[tuple[str, str]]] = field(default_factory=dict)
    now: datetime = NOW
    only: tuple[str, ...] | None = None

    @property
    def digest(self) -> str:
        """Return what the answers depend on, as a hash."""
        parts = [
            self.source,
            *(f"{k}\0{v}" for k, v in sorted(self.includes.items())),
            json.dumps(self.resources, sort_keys=True, default=str),
        ]
        parts += [
            repr(sorted(self.parameters.items())),
            repr(sorted((k, sorted(v)) for k, v in self.value_sets.items())),
        ]
        return sha256("\0".join(parts).encode()).hexdigest()[:16]

    def answers(self) -> dict[str, Answer]:
        """Return our answers."""
        library = compile_library(self.source, includes=self.includes)
        return library.evaluate(
            CaseData.from_resources(self.resources),
            now=self.now,
            parameters=self.parameters,
            value_sets=self.value_sets,
            only=self.only,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the case as the other engine's runner reads it."""
        library = compile_library(self.source, includes=self.includes)
        sets = {}
        for name, address, _ in library.value_sets:
            pairs = self.value_sets.get(name) or self.value_sets.get(address) or ()
            sets[address] = [{"system": s, "code": c} for s, c in sorted(pairs)]
        entries = [{"resource": r} for r in self.resources]
        return {
            "id": self.id,
            "libraries": elm_libraries(self.source, self.includes),
            "bundle": {"resourceType": "Bundle", "type": "collection", "entry": entries},
            "valueSets": sets,
            "parameters": {
                k: {"Date": v.isoformat()} if isinstance(v, date) else v
                for k, v in self.parameters.items()
                if v is not None
            },
            "now": self.now.isoformat(timespec="milliseconds"),
            "only": self.only,
        }


def families() -> Iterator[Case]:
    """Yield a library for each operator family, its expressions as definitions named by their text."""
    for name, expressions in FAMILIES.items():
        lines = [f'define "{number}": {text}' for number, text in enumerate(expressions)]
        yield Case(f"family {name}", HEADER + "\n".join(lines))


def records() -> Iterator[Case]:
    """Yield definitions over FHIR records."""
    parameters = {"Ordered": date(2026, 11, 1), "Shared.Ordered": date(2026, 11, 1), "Limit": 40}
    yield Case("records", DEFINITIONS, {"Shared": INCLUDED}, RESOURCES, parameters, VALUE_SETS)


@cache
def guidelines() -> tuple[Case, ...]:
    """Return the criteria of the policy pack over its first test patients."""
    return tuple(_guidelines())


def _guidelines() -> Iterator[Case]:
    from openum.criteria.document import assemble, parse_guideline
    from openum.criteria.pack import guideline_files
    from openum.criteria.program import Program, parameters_for

    for file in guideline_files(POLICIES):
        text = assemble(file.text, libraries=file.libraries, file=file.name, patients=file.patients)
        program = Program(parse_guideline(text, file=file.name))
        for patient in program.guideline.patients[:PATIENTS]:
            given = parameters_for(request_date=patient.request_date, code=patient.service[1], side=patient.side)
            yield Case(
                f"{Path(file.name).parent.name} {patient.name}",
                program.guideline.cql,
                dict(program.guideline.libraries),
                tuple(patient.record().resources),
                {k: v for k, v in given.items() if k in program.parameters},
                program.value_sets,
                datetime.combine(patient.request_date, time(12), UTC),
                program.names,
            )


def shown(found: Answer) -> Any:
    """Return one of our answers in the neutral form."""
    if found.error:
        return {"Error": found.error}
    return _shown(found.value)


def _shown(value: Any) -> Any:
    if isinstance(value, dict) and not isinstance(value, Instance):
        return {"FHIR": "element"}
    if isinstance(value, Instance):
        return {"Tuple": {name: _shown(inner) for name, inner in value.items()}}
    if type(value) in (list, tuple):
        return {"List": [_shown(inner) for inner in value]}
    return to_json(value)


def neutral(value: Any) -> Any:
    """Return an answer of either engine so that equal answers are equal.

    Numbers have one kind, for the other engine has one; resources and other FHIR elements are told by their presence
    only; closed bounds of whole-number and date intervals are written as closed.
    """
    if value is None:
        return None
    kind, inner = next(iter(value.items()))
    if kind in ("Integer", "Long", "Decimal", "Number"):
        return ("number", _PLACES.quantize(Decimal(str(inner)), _STEP).normalize())
    if kind == "Quantity":
        return ("quantity", Decimal(inner[0]).normalize(), inner[1] or "1")
    if kind == "List":
        return ("list", tuple(map(neutral, inner)))
    if kind == "Interval":
        return ("interval", neutral(inner[0]), inner[1], neutral(inner[2]), inner[3])
    if kind == "Ratio":
        return ("ratio", *map(neutral, inner))
    if kind == "FHIR":
        return ("record",)
    if kind == "Code":
        return ("code", *inner)
    if kind == "Concept":
        return ("concept", tuple(map(neutral, inner)))
    return _tuple(inner) if kind == "Tuple" else (kind, inner)


def _tuple(inner: dict[str, Any]) -> Any:
    if set(inner) == {"value"}:
        return neutral(inner["value"])
    if "resourceType" in inner:
        return ("record",)
    if "code" in inner and set(inner) <= {"code", "system", "version", "display"}:
        parts = (inner.get("system"), inner.get("code"))
        return ("code", *(p and p["String"] for p in parts))
    if set(inner) <= {"codes", "display"} and "codes" in inner:
        return ("concept", neutral(inner["codes"])[1])
    return ("tuple", frozenset((k, neutral(v)) for k, v in inner.items() if v is not None))
