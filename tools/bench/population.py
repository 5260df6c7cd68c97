"""Criteria over many people: SQL beside hand-written SQL, and the impact of a guideline on a year of requests.

`python -m tools.bench.population` prints the figures; `make bench` puts them on its page.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson

from openum import cql
from openum.cql.population import CaseInput, evaluate_many
from openum.cql.population.sql.program import SqlProgram
from openum.cql.population.sql.run import Population
from tools.bench.records import CPT, ICD, LOINC, RXNORM, Resource, records

ROOT = Path(__file__).resolve().parents[2]
PEOPLE, SIZE, ROUNDS = 2000, 140, 7
CASES, CASE_SIZE = 100_000, 20
ON = date(2026, 5, 1)
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)

SIX = """
library Six version '1'
using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1' called FHIRHelpers
valueset "Diabetes": 'urn:diabetes'
valueset "Hemoglobin A1c": 'urn:a1c'
valueset "Oxygen": 'urn:oxygen'
valueset "Therapy": 'urn:therapy'
valueset "Lumbar MRI": 'urn:mri'
valueset "Back Pain": 'urn:back'
valueset "Pain Medicine": 'urn:medicine'
parameter "On" Date
context Patient

define "Adult": AgeInYearsAt("On") >= 18

define "Poorly Controlled Diabetes":
  exists ([Condition: "Diabetes"] C where exists (C.clinicalStatus.coding S where S.code = 'active'))
    and Last([Observation: "Hemoglobin A1c"] O
      where O.status in { 'final', 'amended' } and (O.value as FHIR.Quantity).value is not null
        and date from (O.effective as FHIR.dateTime) on or before "On"
      return Tuple { day: date from (O.effective as FHIR.dateTime), result: (O.value as FHIR.Quantity).value }
      sort by day, result).result >= 40

define "Low Oxygen Within 90 Days":
  exists ([Observation: "Oxygen"] O
    where O.status in { 'final', 'amended' }
      and date from (O.effective as FHIR.dateTime) 90 days or less on or before "On"
      and (O.value as FHIR.Quantity).value <= 88)

define "Four Visits In Six Months":
  Count(distinct ([Procedure: "Therapy"] P
    where P.status = 'completed'
      and date from (P.performed as FHIR.dateTime) in Interval["On" - 6 months, "On"]
    return date from (P.performed as FHIR.dateTime))) >= 4

define "No Study In A Year":
  not exists ([Procedure: "Lumbar MRI"] P
    where P.status = 'completed'
      and date from (P.performed as FHIR.dateTime) in Interval["On" - 12 months, "On"])

define "Medicine For Back Pain":
  exists ([MedicationRequest: "Pain Medicine"] M
    with [Condition: "Back Pain"] C
      such that date from (C.onset as FHIR.dateTime) on or before date from M.authoredOn
    where M.status in { 'active', 'completed' })
"""
NAMES = ("Adult", "Poorly Controlled Diabetes", "Low Oxygen Within 90 Days", "Four Visits In Six Months",
         "No Study In A Year", "Medicine For Back Pain")  # fmt: skip
VALUE_SETS = {
    "Diabetes": [(ICD, "E11.9"), (ICD, "E66.01")], "Hemoglobin A1c": [(LOINC, "4548-4")],
    "Oxygen": [(LOINC, "59408-5")], "Therapy": [(CPT, c) for c in ("97110", "97112", "97140", "97161")],
    "Lumbar MRI": [(CPT, "72148")], "Back Pain": [(ICD, "M54.16"), (ICD, "M54.17")],
    "Pain Medicine": [(RXNORM, c) for c in ("5640", "3355", "7258")],
}  # fmt: skip

_SETS = {code: number for number, pairs in enumerate(VALUE_SETS.values(), 1) for _, code in pairs}
"""Number of the value set of each code: both sides find it when the records are loaded, once for all questions."""

BY_HAND = """
WITH
diabetes AS (
  SELECT DISTINCT c.pid FROM condition c WHERE c.vs = 1 AND c.clinical = 'active'),
a1c AS (
  SELECT pid, arg_max(value, (effective, value)) AS value FROM observation
  WHERE vs = 2 AND status IN ('final', 'amended') AND value IS NOT NULL AND effective <= DATE '2026-05-01'
  GROUP BY pid),
oxygen AS (
  SELECT DISTINCT pid FROM observation
  WHERE vs = 3 AND status IN ('final', 'amended') AND value <= 88
    AND effective BETWEEN DATE '2026-05-01' - INTERVAL 90 DAY AND DATE '2026-05-01'),
visits AS (
  SELECT pid, count(DISTINCT performed) AS days FROM "procedure"
  WHERE vs = 4 AND status = 'completed'
    AND performed BETWEEN DATE '2026-05-01' - INTERVAL 6 MONTH AND DATE '2026-05-01'
  GROUP BY pid),
study AS (
  SELECT DISTINCT pid FROM "procedure"
  WHERE vs = 5 AND status = 'completed'
    AND performed BETWEEN DATE '2026-05-01' - INTERVAL 12 MONTH AND DATE '2026-05-01'),
medicine AS (
  SELECT DISTINCT m.pid FROM medication m JOIN condition c USING (pid)
  WHERE m.vs = 7 AND m.status IN ('active', 'completed')
    AND c.vs = 6 AND c.onset <= m.authored)
SELECT p.pid,
  datesub('year', p.born, DATE '2026-05-01') >= 18,
  CASE WHEN diabetes.pid IS NULL THEN FALSE ELSE a1c.value >= 40 END,
  oxygen.pid IS NOT NULL,
  coalesce(visits.days, 0) >= 4,
  study.pid IS NULL,
  medicine.pid IS NOT NULL
FROM person p
LEFT JOIN diabetes USING (pid) LEFT JOIN a1c USING (pid) LEFT JOIN oxygen USING (pid)
LEFT JOIN visits USING (pid) LEFT JOIN study USING (pid) LEFT JOIN medicine USING (pid)
ORDER BY p.pid
"""


def _code(concept: Resource | None) -> str | None:
    codings = (concept or {}).get("coding") or [{}]
    return codings[0].get("code")


def _day(text: str | None) -> str | None:
    return text[:10] if text else None


def _by_hand(people: list[list[Resource]]) -> Any:
    """Return a connection with the tables a person would make for these six questions."""
    import duckdb

    rows: dict[str, list[dict[str, Any]]] = {
        "person": [],
        "condition": [],
        "observation": [],
        "procedure": [],
        "medication": [],
    }
    for pid, record in enumerate(people):
        for one in record:
            kind, code = one["resourceType"], _code(one.get("code"))
            if kind == "Patient":
                rows["person"].append({"pid": pid, "born": one["birthDate"]})
            elif kind == "Condition":
                rows["condition"].append(
                    {
                        "pid": pid,
                        "code": code,
                        "clinical": _code(one.get("clinicalStatus")),
                        "onset": _day(one.get("onsetDateTime")),
                    }
                )
            elif kind == "Observation":
                value = (one.get("valueQuantity") or {}).get("value")
                rows["observation"].append(
                    {
                        "pid": pid,
                        "code": code,
                        "status": one["status"],
                        "effective": _day(one.get("effectiveDateTime")),
                        "value": value,
                    }
                )
            elif kind == "Procedure":
                rows["procedure"].append(
                    {"pid": pid, "code": code, "status": one["status"], "performed": _day(one.get("performedDateTime"))}
                )
            elif kind == "MedicationRequest":
                rows["medication"].append(
                    {
                        "pid": pid,
                        "code": _code(one["medicationCodeableConcept"]),
                        "status": one["status"],
                        "authored": _day(one.get("authoredOn")),
                    }
                )
    shapes = {
        "person": "STRUCT(pid INTEGER, vs INTEGER, born DATE)",
        "condition": "STRUCT(pid INTEGER, vs INTEGER, clinical VARCHAR, onset DATE)",
        "observation": "STRUCT(pid INTEGER, vs INTEGER, status VARCHAR, effective DATE, value DECIMAL(18,4))",
        "procedure": "STRUCT(pid INTEGER, vs INTEGER, status VARCHAR, performed DATE)",
        "medication": "STRUCT(pid INTEGER, vs INTEGER, status VARCHAR, authored DATE)",
    }
    connection = duckdb.connect(config={"threads": os.cpu_count() or 1})
    for table, listed in rows.items():
        for row in listed:
            row["vs"] = _SETS.get(row.pop("code", None))
        connection.execute(
            f'CREATE TABLE "{table}" AS SELECT unnest(CAST(CAST($j AS JSON) AS {shapes[table]}[]), recursive := true)',
            {"j": orjson.dumps(listed).decode()},
        )
    return connection


def _seconds(work: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Return the median of some rounds after a first one."""
    work()
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def six_criteria(people: int = PEOPLE) -> dict[str, Any]:
    """Measure the six questions by SQL from CQL, by hand, and by the Python target, and compare the answers."""
    found = list(records(people, size=SIZE, exact=True))
    library = cql.compile_library(SIX)
    given: dict[str, Any] = {"now": NOW, "parameters": {"On": ON}, "value_sets": VALUE_SETS}
    program = SqlProgram(library, only=NAMES, **given)
    inputs = [CaseInput(str(n), record) for n, record in enumerate(found)]
    with Population(program) as population, _by_hand(found) as hand:
        start = time.perf_counter()
        population.load(inputs)
        loading = time.perf_counter() - start
        ours = [tuple(row[1::2]) for row in population.rows()]
        theirs = [row[1:] for row in hand.execute(BY_HAND).fetchall()]
        sql, by_hand = [], []
        for _ in range(ROUNDS):  # in turns, so that a busy moment of the machine meets both
            sql.append(_seconds(population.rows, 1))
            by_hand.append(_seconds(lambda: hand.execute(BY_HAND).fetchall(), 1))
        whole = _seconds(lambda: list(population.evaluate()), 1)
    start = time.perf_counter()
    python = [
        tuple(outcome.values[n] for n in NAMES)
        for outcome in evaluate_many(library, inputs, only=NAMES, processes=1, **given)
    ]
    spent = time.perf_counter() - start
    return {
        "people": people, "resources": sum(map(len, found)) / people, "sql": statistics.median(sql),
        "by hand": statistics.median(by_hand), "sql with outcomes": whole, "loading": loading, "python": spent,
        "fallback": program.fallback, "same as python": ours == python, "same as by hand": ours == theirs,
    }  # fmt: skip


def impact(count: int = CASES) -> dict[str, Any]:
    """Measure a guideline of the pack on many requests, parsing included: alone, and beside another version."""
    from openum.criteria.document import assemble, parse_guideline
    from openum.criteria.pack import libraries_in
    from openum.criteria.simulation.running import SimulatedCase, simulate
    from openum.criteria.simulation.tally import Facts

    folder = ROOT / "policies" / "guidelines"
    libraries = libraries_in(folder / "libraries")
    text = (folder / "LBP-MRI" / "v2026.2.md").read_text(encoding="utf-8")
    draft = assemble(
        text.replace('"Request Date" - 42 days', '"Request Date" - 28 days'), libraries=libraries, file="draft"
    )
    base = assemble(text, libraries=libraries, file="base")
    links = tuple(str(getattr(a, "link", a)) for a in parse_guideline(base, file="base").answers)
    texts = [orjson.dumps(record) for record in records(2000, size=CASE_SIZE, links=links)]

    def cases(wanted: int) -> Iterator[SimulatedCase]:
        for number in range(wanted):
            facts = Facts(str(number), "72148", "ma", "45-64", "en", "EX")
            yield SimulatedCase(facts, texts[number % len(texts)], ON, "72148")

    found: dict[str, Any] = {"cases": count, "resources": CASE_SIZE, "bytes": sum(map(len, texts)) / len(texts)}
    for name, other in (("alone", ""), ("beside", base)):
        start = time.perf_counter()
        report = simulate(draft=draft, base=other, cases=cases(count))
        found[name] = time.perf_counter() - start
        found[f"{name} failed"] = report["failed"]
        spent = time.process_time()
        simulate(draft=draft, base=other, cases=cases(len(texts)), processes=1)
        found[f"{name} cpu"] = (time.process_time() - spent) / len(texts)
    return found


def measure(*, people: int = PEOPLE, cases: int = CASES) -> dict[str, Any]:
    """Return all figures."""
    return {
        "six": six_criteria(people),
        "impact": impact(cases),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
    }


def written(results: dict[str, Any]) -> str:
    """Return the figures as a section of the page."""
    six, run = results["six"], results["impact"]
    ratio = six["sql"] / six["by hand"]
    return f"""
## Criteria over many people

{results["processors"]} processors, load {results["load"]:.1f} at the end. Six criteria over {six["people"]:,} people of about
{six["resources"]:.0f} resources: SQL made from CQL takes {six["sql"] * 1000:.0f} ms, hand-written DuckDB SQL over tables made for
the six questions {six["by hand"] * 1000:.0f} ms, so **{ratio:.1f} times** (bar: 3). With the outcomes as objects
{six["sql with outcomes"] * 1000:.0f} ms; flattening once {six["loading"]:.1f} s; the Python target in one process {six["python"]:.1f} s.
The answers of all three are {"the same" if six["same as python"] and six["same as by hand"] else "NOT the same"}.

Impact of a draft (LBP-MRI) on {run["cases"]:,} requests of about {run["resources"]} resources ({run["bytes"] / 1000:.1f} kB), parsing
included: **{run["alone"]:.0f} s** ({run["alone cpu"] * 1000:.2f} ms of processor time each in one process; bar: 60 s on two processors); beside the version in
force {run["beside"]:.0f} s ({run["beside cpu"] * 1000:.2f} ms each). {run["alone failed"] + run["beside failed"]} could not be read.
"""


def section() -> str:
    """Measure, and return the figures as a section of the page."""
    return written(measure())


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--people", type=int, default=PEOPLE, metavar="N", help=f"people of the six criteria (default {PEOPLE})"
    )
    parser.add_argument(
        "--cases", type=int, default=CASES, metavar="N", help=f"requests of the impact (default {CASES})"
    )
    options = parser.parse_args()
    print(written(measure(people=options.people, cases=options.cases)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
