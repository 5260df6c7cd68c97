"""The CQL engine against Python written by hand: six criteria over one record, and compiling a 4 kB library.

    python -m tools.bench.engine

The hand-written side reads the same parsed resources, indexes them once by type and code, and answers met, not met
or unknown by the same rules; it keeps no trace of what it used. Both sides run in turn, in processor time, and the
median of the ratios counts. The clauses of the criteria and the record are made up for this measurement.
"""

from __future__ import annotations

import gc
import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

from openum.cql import CaseData, compile_library
from openum.cql import library as compiled

NOW = datetime(2026, 11, 23, 9, 12, 4, tzinfo=UTC)
OWN, LOINC, UCUM = "urn:codes", "http://loinc.org", "http://unitsofmeasure.org"
VALUE_SETS = {
    "Leg Pain": frozenset((OWN, f"pain-{n}") for n in range(12)),
    "Therapy": frozenset((OWN, f"therapy-{n}") for n in range(6)),
    "Blood Thinner": frozenset((OWN, f"thinner-{n}") for n in range(9)),
    "Red Flag": frozenset((OWN, f"flag-{n}") for n in range(20)),
    "Visit": frozenset({(OWN, "visit")}),
}
LIBRARY = """
library Bench version '1'
using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1'
codesystem "LOINC": 'http://loinc.org'
valueset "Leg Pain": 'urn:vs:pain'
valueset "Therapy": 'urn:vs:therapy'
valueset "Blood Thinner": 'urn:vs:thinner'
valueset "Red Flag": 'urn:vs:flag'
valueset "Visit": 'urn:vs:visit'
code "Body Mass": '39156-5' from "LOINC"
code "Glycated": '4548-4' from "LOINC"
context Patient

define "Adult": AgeInYearsAt(Today()) >= 18

define "Pain": [Condition: "Leg Pain"] C
  where C.clinicalStatus.coding[0].code = 'active'
define "Six Weeks of Pain":
  if not exists [Condition: "Leg Pain"] then null
  else exists ("Pain" C where C.onset 6 weeks or more on or before day of Today())

define "Visits in Six Months": [Procedure: "Therapy"] P
  where P.status = 'completed' and P.performed during day of Interval[Today() - 6 months, Today()]
define "Eight Visits": if not exists [Procedure: "Therapy"] then null else Count("Visits in Six Months") >= 8

define "Latest Mass": Last([Observation: "Body Mass"] O
  where O.status in { 'final', 'amended', 'corrected' } and O.value is not null
    and O.effective during day of Interval[Today() - 12 months, Today()]
  sort by (effective as dateTime))
define "Mass Below Forty": ("Latest Mass".value as Quantity) < 40 'kg/m2'

define "Sugar": [Observation: "Glycated"] O
  where O.status = 'final' and O.effective 90 days or less on or before day of Today()
define "Sugar Under Control": if not exists "Sugar" then null else not exists ("Sugar" S where S.value >= 8 '%')

define "Seen For It": if not exists [Encounter: "Visit"] then null else exists ([Encounter: "Visit"] E
  with "Pain" C such that E.period starts after C.onset
  where E.status = 'finished' and E.period during Interval[Today() - 1 year, Today()])
    and not exists ([MedicationRequest: "Blood Thinner"] M where M.status = 'active' and M.authoredOn after Today() - 90 days)
"""
CRITERIA = (
    "Adult", "Six Weeks of Pain", "Eight Visits", "Mass Below Forty", "Sugar Under Control", "Seen For It",
)  # fmt: skip


def concept(code: str, system: str = OWN) -> dict[str, Any]:
    """Return a CodeableConcept with two codings, as records have them."""
    return {"coding": [{"system": system, "code": code, "display": "made up"}, {"system": "urn:local", "code": code}]}


def record() -> list[dict[str, Any]]:
    """Return a made-up record of 140 resources."""
    found: list[dict[str, Any]] = [
        {"resourceType": "Patient", "id": "p1", "birthDate": "1958-04-12", "gender": "female"}
    ]
    active = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}
    for n in range(20):
        code = f"pain-{n}" if n < 2 else f"other-{n}"
        day = f"2026-{1 + n % 9:02d}-{1 + n:02d}"
        found.append(
            {"resourceType": "Condition", "id": f"c{n}", "clinicalStatus": active, "code": concept(code),
             "subject": {"reference": "Patient/p1"}, "onsetDateTime": day, "recordedDate": day}
        )  # fmt: skip
    for n in range(30):
        code = f"therapy-{n % 6}" if n < 12 else f"act-{n}"
        found.append(
            {"resourceType": "Procedure", "id": f"t{n}", "status": "completed", "code": concept(code),
             "subject": {"reference": "Patient/p1"}, "performedDateTime": f"2026-{8 + n % 3:02d}-{1 + n % 28:02d}"}
        )  # fmt: skip
    for n in range(60):
        code, unit, value = f"lab-{n % 17}", "mg/dL", 80.5 + n
        if n % 12 == 0:
            code, unit, value = "39156-5", "kg/m2", 34.2 + n / 20
        elif n % 12 == 5:
            code, unit, value = "4548-4", "%", 6.8 + n / 200
        found.append(
            {"resourceType": "Observation", "id": f"o{n}", "status": "final", "code": concept(code, LOINC),
             "subject": {"reference": "Patient/p1"}, "effectiveDateTime": f"2026-{1 + n % 10:02d}-{1 + n % 28:02d}T08:30:00Z",
             "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit}}
        )  # fmt: skip
    found += [
        {"resourceType": "Encounter", "id": f"e{n}", "status": "finished", "type": [concept("visit" if n % 3 else "call")],
         "subject": {"reference": "Patient/p1"},
         "period": {"start": f"2026-{1 + n % 10:02d}-10T09:00:00Z", "end": f"2026-{1 + n % 10:02d}-10T09:30:00Z"}}
        for n in range(15)
    ]  # fmt: skip
    found += [
        {"resourceType": "MedicationRequest", "id": f"m{n}", "status": "active" if n % 2 else "stopped", "intent": "order",
         "medicationCodeableConcept": concept(f"drug-{n}"), "subject": {"reference": "Patient/p1"},
         "authoredOn": f"2026-{1 + n % 10:02d}-05"}
        for n in range(14)
    ]  # fmt: skip
    return found


# --- by hand ---------------------------------------------------------------------------------------------------------


def by_hand(resources: list[dict[str, Any]], now: datetime) -> dict[str, bool | None]:
    """Answer the six criteria in plain Python: index once, then ask."""
    today = now.date()
    by_type: dict[str, list[dict[str, Any]]] = {}
    for resource in resources:
        by_type.setdefault(resource["resourceType"], []).append(resource)
    index: dict[tuple[str, str | None, str | None], list[dict[str, Any]]] = {}
    for kind in ("Condition", "Procedure", "Observation"):
        for resource in by_type.get(kind, ()):
            for coding in resource.get("code", {}).get("coding", ()):
                index.setdefault((kind, coding.get("system"), coding.get("code")), []).append(resource)
    for resource in by_type.get("Encounter", ()):
        for kind_of in resource.get("type", ()):
            for coding in kind_of.get("coding", ()):
                index.setdefault(("Encounter", coding.get("system"), coding.get("code")), []).append(resource)
    for resource in by_type.get("MedicationRequest", ()):
        for coding in resource.get("medicationCodeableConcept", {}).get("coding", ()):
            index.setdefault(("MedicationRequest", coding.get("system"), coding.get("code")), []).append(resource)

    def members(kind: str, name: str) -> list[dict[str, Any]]:
        return [r for s, c in VALUE_SETS[name] for r in index.get((kind, s, c), ())]

    patient = by_type["Patient"][0] if by_type.get("Patient") else {}
    born = date_of(patient.get("birthDate"))
    age = None
    if born is not None:
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    all_pain = members("Condition", "Leg Pain")
    pain = [c for c in all_pain if first_code(c.get("clinicalStatus")) == "active"]
    limit = today - timedelta(weeks=6)
    six_weeks = None if not all_pain else any((onset := date_of(start_of(c, "onset"))) and onset <= limit for c in pain)
    therapy = members("Procedure", "Therapy")
    half_year = months_before(today, 6)
    visits = [
        p for p in therapy
        if p.get("status") == "completed" and (day := date_of(start_of(p, "performed"))) and half_year <= day <= today
    ]  # fmt: skip
    eight = None if not therapy else len(visits) >= 8
    year = months_before(today, 12)
    masses = [
        o for o in index.get(("Observation", LOINC, "39156-5"), ())
        if o.get("status") in ("final", "amended", "corrected") and "valueQuantity" in o
        and (day := date_of(start_of(o, "effective"))) and year <= day <= today
    ]  # fmt: skip
    masses.sort(key=lambda o: instant_of(o["effectiveDateTime"]))
    below = None
    if masses:
        quantity = masses[-1]["valueQuantity"]
        below = quantity["value"] < 40 if quantity.get("code") == "kg/m2" else None
    ninety = today - timedelta(days=90)
    sugars = [
        o for o in index.get(("Observation", LOINC, "4548-4"), ())
        if o.get("status") == "final" and (day := date_of(start_of(o, "effective"))) and ninety <= day <= today
    ]  # fmt: skip
    control = (
        None
        if not sugars
        else not any(o["valueQuantity"]["value"] >= 8 for o in sugars if o["valueQuantity"].get("code") == "%")
    )
    encounters = members("Encounter", "Visit")
    seen = None
    if encounters:
        onsets = [onset for c in pain if (onset := date_of(start_of(c, "onset")))]
        met = any(
            e.get("status") == "finished"
            and (start := instant_of(e["period"]["start"])) and (end := instant_of(e["period"]["end"]))
            and year <= start.date() and end.date() <= today and any(onset < start.date() for onset in onsets)
            for e in encounters
        )  # fmt: skip
        thinner = any(
            m.get("status") == "active" and (day := date_of(m.get("authoredOn"))) and day > ninety
            for m in members("MedicationRequest", "Blood Thinner")
        )
        seen = met and not thinner
    return dict(
        zip(CRITERIA, (None if age is None else age >= 18, six_weeks, eight, below, control, seen), strict=True)
    )


def date_of(text: str | None) -> date | None:
    """Return the day of a FHIR date or dateTime."""
    return date.fromisoformat(text[:10]) if text and len(text) >= 10 else None


def instant_of(text: str) -> datetime:
    """Return the instant of a FHIR dateTime."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def start_of(resource: dict[str, Any], element: str) -> str | None:
    """Return the start of an element that is a dateTime or a Period."""
    text: str | None = resource.get(f"{element}DateTime") or resource.get(f"{element}Period", {}).get("start")
    return text


def months_before(day: date, months: int) -> date:
    """Return the day some months earlier; the days of the benchmark exist in every month."""
    total = day.year * 12 + day.month - 1 - months
    return day.replace(year=total // 12, month=total % 12 + 1)


def first_code(concept_: dict[str, Any] | None) -> str | None:
    """Return the first code of a CodeableConcept."""
    codings = (concept_ or {}).get("coding") or [{}]
    code: str | None = codings[0].get("code")
    return code


# --- measuring -------------------------------------------------------------------------------------------------------


def seconds(run: Callable[[], object], times: int) -> float:
    """Return the processor time of one call."""
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times


def paired(
    ours: Callable[[], object], theirs: Callable[[], object], *, rounds: int, times: int
) -> tuple[float, float, float]:
    """Return both times (medians, in seconds) and the median ratio of runs made in turn."""
    gc.collect()
    pairs = [(seconds(ours, times), seconds(theirs, times)) for _ in range(rounds)]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


def compile_once(source: str) -> None:
    """Compile without the cache of compiled libraries."""
    compiled._compile.cache_clear()  # noqa: SLF001 - the cache is what must not help
    compile_library(source)


def four_kilobytes() -> str:
    """Return a library of a little over 4 kB: the criteria, and some of them again under other names."""
    head, _, body = LIBRARY.partition("context Patient\n")
    text = f"{head}context Patient\n{body}"
    parts = re.findall(r'define "([^"]+)"(:.*?)(?=\ndefine|\Z)', body, re.DOTALL)
    for time_of, (name, expression) in product(("Second", "Third"), parts):
        if len(text) < 4096:
            text += f'\ndefine "{time_of} {name}"{expression}\n'
    return text


def measure(*, rounds: int = 15, times: int = 60) -> dict[str, float]:
    """Return the engine's figures: milliseconds and ratios."""
    resources = record()
    library = compile_library(LIBRARY)

    def engine() -> dict[str, bool | None]:
        answers = library.evaluate(CaseData.from_resources(resources), now=NOW, value_sets=VALUE_SETS, only=CRITERIA)
        return {name: answer.value for name, answer in answers.items()}

    expected = by_hand(resources, NOW)
    if engine() != expected:
        raise SystemExit(f"The engine answers {engine()}, by hand it is {expected}.")
    ours, hand, ratio = paired(engine, lambda: by_hand(resources, NOW), rounds=rounds, times=times)
    source = four_kilobytes()
    compile_once(source)
    compiling = statistics.median(seconds(lambda: compile_once(source), 5) for _ in range(rounds))
    return {
        "engine_ms": ours * 1000,
        "hand_ms": hand * 1000,
        "ratio": ratio,
        "compile_ms": compiling * 1000,
        "compile_bytes": float(len(source)),
    }


def rows() -> list[str]:
    """Measure and return the rows of the table of `make bench`: what, figure, budget."""
    found = measure()
    case = f"{found['engine_ms']:.2f} ms, {found['ratio']:.1f}× Python by hand ({found['hand_ms']:.2f} ms)"
    return [
        f"| CQL: one case, six criteria, {len(record())} resources | {case} | 3× |",
        f"| CQL: compiling {found['compile_bytes'] / 1000:.1f} kB, warm | {found['compile_ms']:.1f} ms | 10 ms |",
    ]


def main() -> int:
    """Print the figures."""
    found = measure()
    print(
        f"one case, six criteria, {len(record())} resources: {found['engine_ms']:.3f} ms by the engine, "
        f"{found['hand_ms']:.3f} ms by hand, ratio {found['ratio']:.2f} (bar 3, aim 2)"
    )
    print(f"compiling {found['compile_bytes'] / 1000:.1f} kB, warm: {found['compile_ms']:.1f} ms (bar 10)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
