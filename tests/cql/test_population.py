"""Many cases at once: processes and SQL answer what one evaluation after the other answers."""

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import UTC, date, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openum import cql
from openum.cql.population import CaseInput, evaluate_many, processes
from openum.cql.population.cases import NO_JSON, NO_RECORDS
from openum.cql.population.pool import ENDED
from openum.cql.population.processes import in_processes
from openum.cql.population.sql.program import SqlProgram
from openum.cql.population.sql.run import Population, evaluate_population
from openum.cql.values.temporal import Date
from tools.bench.records import CPT, ICD, LOINC, a_record

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
VALUE_SETS = {
    "Back": [(ICD, "M54.16"), (ICD, "M54.17"), (ICD, "G83.4")],
    "Care": [(CPT, "97110"), (CPT, "97112"), (CPT, "97140"), (CPT, "72148")],
    "Labs": [(LOINC, "4548-4"), (LOINC, "2345-7")],
    "Nothing": [],
}
HEAD = """library T using FHIR version '4.0.1'
codesystem "ICD": 'http://hl7.org/fhir/sid/icd-10-cm'
code "Sciatica": 'M54.16' from "ICD"
valueset "Back": 'urn:back' valueset "Care": 'urn:care' valueset "Labs": 'urn:labs' valueset "Nothing": 'urn:nothing'
parameter "Day" Date
context Patient
"""


def compiled(*definitions):
    lines = [f'define "D{number}": {text}' for number, text in enumerate(definitions)]
    return cql.compile_library(HEAD + "\n".join(lines))


def one_by_one(library, cases, **given_):
    return [
        library.evaluate(
            cql.CaseData.from_resources(case.records),
            now=NOW, parameters={**given_, **case.parameters}, value_sets=VALUE_SETS,
        )
        for case in cases
    ]  # fmt: skip


def plain(value):
    """A value as something that compares: 1.50 is 1.5, a resource is itself."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict) and "resourceType" not in value:
        return {name: plain(item) for name, item in value.items()}
    return (type(value).__name__, value)


def same_by_sql(library, records, day=date(2026, 5, 1)):
    """Check that SQL and the Python target agree on every definition; return what SQL left to Python."""
    cases = [CaseInput(str(n), record, {"Day": day}) for n, record in enumerate(records)]
    program = SqlProgram(library, now=NOW, case_parameters=["Day"], value_sets=VALUE_SETS)
    with Population(program, threads=2) as population:
        population.load(cases)
        found = list(population.evaluate())
        left = dict(population.left)
    for outcome, expected in zip(found, one_by_one(library, cases), strict=True):
        assert outcome.error is None
        for name, answer in expected.items():
            assert plain(outcome.answers[name].value) == plain(answer.value), (name, outcome.key)
    return program, left


# ---- Processes


def test_processes_answer_in_order_and_an_unreadable_case_fails_alone():
    library = compiled("Count([Condition])", 'exists [Procedure: "Care"]')
    cases = [CaseInput(str(n), orjson.dumps(a_record(n))) for n in range(30)]
    cases[4] = CaseInput("4", b"{")
    cases[7] = CaseInput("7", b"7")
    cases[9] = CaseInput("9", cases[9].records, {"Nobody": 1})
    alone = list(evaluate_many(library, cases, now=NOW, value_sets=VALUE_SETS, processes=1))
    spread = list(evaluate_many(library, iter(cases), now=NOW, value_sets=VALUE_SETS, processes=2, chunk=3))
    assert spread == alone
    assert [outcome.key for outcome in spread] == [str(n) for n in range(30)]
    assert (spread[4].error, spread[7].error) == (NO_JSON, NO_RECORDS)
    assert spread[9].error == "The library has no parameter “Nobody”."
    assert sum(outcome.error is None for outcome in spread) == 27


def test_a_bundle_a_list_and_one_resource_are_records():
    library = compiled("Count([Condition])")
    one = {"resourceType": "Condition"}
    cases = [
        CaseInput("list", [one, one]),
        CaseInput("bundle", {"resourceType": "Bundle", "entry": [{"resource": one}]}),
        CaseInput("one", one),
    ]
    found = evaluate_many(library, cases, now=NOW, processes=1)
    assert [outcome.values["D0"] for outcome in found] == [2, 1, 1]


def test_an_unknown_definition_is_refused_before_the_first_case():
    with pytest.raises(cql.CqlError, match="no definition"):
        evaluate_many(compiled("1"), [], now=NOW, only=["D7"])


@dataclass
class _Given:
    base: int


_state = _Given(0)


def _begin(base):
    _state.base = base


def _work(items):
    if 13 in items:
        os._exit(3)
    return [_state.base + item for item in items]


def test_a_process_that_dies_costs_one_item():
    found = in_processes(range(20), start=_begin, given=100, work=_work, lost=lambda _: ENDED, processes=2, chunk=4)
    assert list(found) == [ENDED if n == 13 else 100 + n for n in range(20)]


def test_a_process_that_died_just_before_its_next_chunk_costs_nothing(monkeypatch):
    refused = []

    class Pool(ProcessPoolExecutor):
        def submit(self, work, part):
            if 8 in part and not refused:
                refused.append(part)
                raise BrokenProcessPool("a process has died just now")
            return super().submit(work, part)

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Pool)
    found = in_processes(range(12), start=_begin, given=100, work=_work, lost=lambda _: ENDED, processes=1, chunk=4)
    assert list(found) == [100 + n for n in range(12)]
    assert refused == [[8, 9, 10, 11]]


def test_duckdb_is_not_loaded_with_the_engine():
    code = "import openum.cql.population, openum.cql.population.sql.run, sys; print('duckdb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


# ---- SQL


def test_each_family_of_the_common_subset_is_answered_by_sql():
    library = compiled(
        'exists [Condition: "Back"]',
        'Count([Observation: "Labs"] O where (O.value as FHIR.Quantity).value > 40.5)',
        '[Condition] C where C.onset as FHIR.dateTime 90 days or less before "Day"',
        'First([Condition: code ~ "Sciatica"] C sort by recordedDate)',
        'Max([Procedure: "Care"] P return date from (P.performed as FHIR.dateTime))',
        'AgeInYearsAt("Day") >= 18 and AgeInYearsAt("Day") < 65',
        '[Encounter] E with [Condition: "Back"] C such that C.recordedDate on or before end of E.period return E.status',
        '[Condition] C without [Procedure: "Care"] P such that P.status = \'completed\'',
        "if exists [Claim] then Coalesce(null as Integer, 4) else Count([Encounter])",
        "case when exists [Claim] then 'a' when exists [Encounter] then 'b' else null end",
        '[Procedure] P let d: date from (P.performed as FHIR.dateTime) where d in Interval["Day" - 6 months, "Day"] return d',
        "[Observation] O return Tuple { code: O.status, day: date from (O.effective as FHIR.dateTime) }",
        'exists ([Procedure: "Care"] P where P.performed overlaps Interval[@2025-01-01, @2025-06-30])',
        '"D0" implies not "D5"', 'exists [Condition: "Nothing"]',
        '(months between @2024-02-29 and "Day") + 1',
        'from [Condition: "Back"] C, [Procedure: "Care"] P where C.recordedDate before P.performed as FHIR.dateTime return C.id',
    )  # fmt: skip
    program, left = same_by_sql(library, [a_record(n, size=25) for n in range(60)])
    assert program.fallback.keys() <= {"D3"}
    assert sum(left[name] for name in left if name not in program.fallback) <= 10


def test_a_definition_without_sql_form_falls_back_with_what_rests_on_it():
    library = compiled("exists [Condition]", "ReplaceMatches('a', 'a', 'b')", '"D1" = \'b\' and "D0"')
    program, left = same_by_sql(library, [a_record(n) for n in range(5)])
    assert set(program.fallback) <= {"D1", "D2"}
    assert left["D0"] == 0


def test_nulls_stay_nulls():
    library = compiled(
        "(null as Boolean) and exists [Condition]", "not (exists [Condition] and null)", "[Condition] C where null",
        "Count([Condition]) > (null as Integer)", '(null as Date) before "Day"', "exists (null as List<FHIR.Condition>)",
    )  # fmt: skip
    _, left = same_by_sql(library, [[], a_record(1)])
    assert not any(left.values())


def test_partial_dates_are_compared_and_counted_as_uncertain():
    days = ["2024", "2025-11", "2025-11-02", "2026-05", "2026-05-01", "2026-05-01T23:30:00-05:00"]
    records = [[{"resourceType": "Condition", "onsetDateTime": text, "recordedDate": text}] for text in days]
    onset = "([Condition] C return date from (C.onset as FHIR.dateTime))"
    library = compiled(
        f'exists ({onset} D where D on or before "Day")', f'exists ({onset} D where D after "Day")',
        f'exists ({onset} D where (days between D and "Day") >= 200)', f"First({onset} D return D + 40 days)",
        f'exists ({onset} D where (months between D and "Day") < 6)', f"First({onset} D return D - 14 months)",
        f'exists ({onset} D where D same month or before "Day")', f'First({onset} D return years between D and "Day")',
        "[Condition] C where C.recordedDate before @2026-05-02T00:00:00.000+00:00 return C.recordedDate",
        "[Condition] C where C.onset during day of Interval[@2025-11-01, @2026-05-01] return C.id",
    )  # fmt: skip
    program, left = same_by_sql(library, records)
    assert not program.fallback
    assert left["D7"] == 1  # uncertain numbers as such are Python's


def test_elements_whose_dates_are_whole_have_shorter_statements_and_the_same_answers():
    whole = [{"resourceType": "Condition", "onsetDateTime": "2026-03-01T10:00:00Z", "recordedDate": "2026-03-02"}]
    onset = [{"resourceType": "Condition", "onsetDateTime": "2026-03", "recordedDate": "2025-03-02"}]
    both = [{"resourceType": "Condition", "onsetDateTime": "2026", "recordedDate": "2025-05"}]
    definitions = (
        'exists ([Condition] C where C.recordedDate on or before "Day")',
        'exists ([Condition] C where date from (C.onset as FHIR.dateTime) 60 days or less on or before "Day")',
        "[Condition] C where C.recordedDate same day as @2026-03-02 return C.recordedDate - 1 month",
        "Max([Condition] C return date from (C.onset as FHIR.dateTime))",
        'First([Condition] C return years between date from C.recordedDate and "Day")',
    )  # fmt: skip
    lengths = []
    for records in ([whole], [whole, onset], [whole, onset, both]):
        program, left = same_by_sql(compiled(*definitions), records)
        assert not program.fallback
        lengths.append(len(program.statements(program.flattener.partial).plan.text))
        assert left["D4"] == (1 if both in records else 0)
    assert lengths == sorted(set(lengths))
    same_by_sql(compiled(*definitions), [whole], day=date(2026, 3, 1))


def test_a_day_of_a_case_may_lack_its_month():
    partial = Date((2026,))
    for day in (date(2026, 5, 1), partial):
        same_by_sql(
            compiled('exists ([Condition] C where C.recordedDate before "Day")', '"Day" before @2026-07-01'),
            [[{"resourceType": "Condition", "recordedDate": text}] for text in ("2026-03-02", "2025-03-02")],
            day=day,
        )


def test_an_age_that_a_birth_year_leaves_open_is_counted_by_the_python_target():
    people = [[{"resourceType": "Patient", "birthDate": text}] for text in ("2008", "2008-05", "1990-02-03")]
    ages = ('AgeInYearsAt("Day")', 'AgeInYearsAt("Day") >= 18', 'AgeInYearsAt("Day") + 1', '"D0" > 20')
    _, left = same_by_sql(compiled(*ages), people)
    assert left == {"D0": 2, "D1": 0, "D2": 2, "D3": 0}


def test_rows_are_sorted_by_several_keys_in_both_directions():
    records = [
        [
            {"resourceType": "Condition", "id": f"c{n}", "recordedDate": f"2026-01-0{1 + n * 7 % 3}", "abatementString": "ab"[n % 2]}
            for n in range(8)
        ]
    ]  # fmt: skip
    rows = (
        "[Condition] C return all Tuple { day: date from C.recordedDate, id: C.id, kind: C.abatement as FHIR.string }"
    )
    library = compiled(
        f"({rows} sort by day, kind)", f"({rows} sort by kind desc, day desc)", f"({rows} sort by kind desc, day, id desc)",
        f"Count(distinct ({rows} sort by kind).kind)", "Count(distinct [Condition] C return C.recordedDate)",
        "exists (distinct ([Condition] C return C.asserter.reference))",
    )  # fmt: skip
    same_by_sql(library, records)


def test_records_of_odd_shape_are_read_by_the_python_target():
    odd = [
        {"resourceType": "Condition", "code": "M54.16"},
        {"resourceType": "Condition", "code": {"coding": "M54.16"}},
        {"resourceType": "Condition", "onsetDateTime": "2026-02-30"},
        {"resourceType": "Condition", "onsetDateTime": 7},
        {"resourceType": "Condition", "onsetDateTime": "2026-01-01", "onsetString": "long ago"},
        {"resourceType": "Observation", "valueQuantity": {"value": 1e30, "unit": "m"}},
        {"resourceType": "Observation", "valueQuantity": {"value": "7", "comparator": "<"}, "status": ["final"]},
    ]
    library = compiled(
        'exists [Condition: "Back"]', "exists ([Condition] C where C.onset is not null)",
        "[Condition] C return C.onset as FHIR.dateTime", "exists ([Observation] O where O.value as FHIR.Quantity > 3 'm')",
        "exists ([Observation] O where O.status = 'final')",
    )  # fmt: skip
    same_by_sql(library, [[one] for one in odd])


def test_quantities_of_other_units_are_left_to_the_python_target():
    heavy = [{"resourceType": "Observation", "valueQuantity": {"value": 900, "code": "mg"}}]
    light = [{"resourceType": "Observation", "valueQuantity": {"value": 0.5, "code": "g"}}]
    library = compiled("exists ([Observation] O where O.value as FHIR.Quantity > 0.6 'g')")
    _, left = same_by_sql(library, [heavy, light])
    assert left["D0"] == 1


def test_texts_of_an_author_stay_texts():
    library = compiled("exists ([Condition] C where C.id = 'x\\' OR 1=1; DROP TABLE cases; --')", "'\"); x' + 'y'")
    same_by_sql(library, [a_record(3)])


def test_batches_give_the_same_as_one_population():
    library = compiled('exists [Condition: "Back"]', "Count([Procedure])")
    cases = [CaseInput(str(n), orjson.dumps(a_record(n)), {"Day": date(2026, 1, 1)}) for n in range(25)]
    found = list(
        evaluate_population(
            library, iter(cases), now=NOW, case_parameters=["Day"], value_sets=VALUE_SETS, batch=10, threads=1
        )
    )
    assert [outcome.key for outcome in found] == [str(n) for n in range(25)]
    expected = evaluate_many(library, cases, now=NOW, value_sets=VALUE_SETS, processes=1)
    assert [outcome.values for outcome in found] == [outcome.values for outcome in expected]


# ---- Generated expressions

SOURCES = ["[Observation]", '[Observation: "Labs"]', '[Observation: "Nothing"]']
DAYS = ['"Day"', "@2025-06-15", "@2025-06", "@2024", '("Day" - 100 days)', '("Day" - 6 months)']
EFFECTIVE = ["date from (A.effective as FHIR.dateTime)", "(A.effective as FHIR.dateTime)"]
phrases = st.sampled_from(
    ["before", "after", "on or before", "on or after", "same day as", "before month of", "same year or after",
     "60 days or less before", "3 months or more after", "within 200 days of", "more than 1 year before"]
)  # fmt: skip
tests = st.one_of(
    st.builds("{} {} {}".format, st.sampled_from(EFFECTIVE), phrases, st.sampled_from(DAYS)),
    st.builds("{} during Interval[{}, {}]".format, st.sampled_from(EFFECTIVE), st.sampled_from(DAYS[1:4]), st.just('"Day"')),
    st.builds("A.status {} {}".format, st.sampled_from(["=", "!="]), st.sampled_from(["'final'", "'amended'", "null"])),
    st.builds("A.status in {}".format, st.sampled_from(["{'final', 'amended'}", "{'preliminary'}"])),
    st.builds("(A.value as FHIR.Quantity).value {} {}".format, st.sampled_from(["<", "<=", ">", "="]),
              st.sampled_from(["40", "87.5", "100.25"])),
    st.builds("A.value as FHIR.Quantity {} {}".format, st.sampled_from(["<", ">="]), st.sampled_from(["50 '%'", "90 'mg/dL'"])),
    st.sampled_from(["A.value is FHIR.Quantity", "A.value is FHIR.integer", "A.effective is null", "A.category is not null",
                     "exists A.category", 'A.code in "Labs"', "A.bodySite is null",
                     "exists (A.category C where exists (C.coding K where K.code = 'exam'))"]),
    st.builds('({} between {} and "Day") {} {}'.format, st.sampled_from(["days", "weeks", "months", "years"]),
              st.just(EFFECTIVE[0]), st.sampled_from(["<", ">=", "="]), st.sampled_from(["1", "7", "200"])),
)  # fmt: skip
conditions = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or", "xor", "implies"]), inner),
        st.builds("(not ({}))".format, inner),
        st.builds("(({}) is {})".format, inner, st.sampled_from(["true", "false", "not true", "null"])),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
    ),
    max_leaves=4,
)
RETURNS = ["A.status", EFFECTIVE[0], "(A.value as FHIR.Quantity).value", "A.id",
           "Tuple { s: A.status, d: date from (A.effective as FHIR.dateTime) }"]  # fmt: skip
queries = st.one_of(
    st.builds("({} A where {})".format, st.sampled_from(SOURCES), conditions),
    st.builds("({} A where {} return {})".format, st.sampled_from(SOURCES), conditions, st.sampled_from(RETURNS)),
    st.builds("({} A where {} return all {})".format, st.sampled_from(SOURCES), conditions, st.sampled_from(RETURNS)),
    st.builds(
        '({} A {} [Condition: "Back"] C such that C.recordedDate {} A.effective as FHIR.dateTime where {})'.format,
        st.sampled_from(SOURCES), st.sampled_from(["with", "without"]), st.sampled_from(["before", "after"]), conditions,
    ),
)  # fmt: skip
expressions = st.one_of(
    queries,
    st.builds("exists {}".format, queries),
    st.builds("Count({})".format, queries),
    st.builds("{}(({} A where {} return all {}))".format, st.sampled_from(["Min", "Max", "First", "Last", "Count"]),
              st.sampled_from(SOURCES), conditions, st.sampled_from(RETURNS[:3])),
    st.builds("First({} A where {} sort by {})".format, st.sampled_from(SOURCES), conditions, st.sampled_from(["id", "status"])),
    st.builds("Coalesce({}, {})".format, *[st.builds("First({} A where {} return A.status)".format,
                                                     st.sampled_from(SOURCES), conditions)] * 2),
)  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(st.lists(expressions, min_size=3, max_size=8), st.integers(0, 10_000), st.booleans())
def test_generated_expressions_on_generated_records_agree(definitions, seed, exact):
    same_by_sql(compiled(*definitions), [a_record(seed + n, size=18, exact=exact) for n in range(12)])
