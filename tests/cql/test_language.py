"""A library for each construct of the language, over FHIR data."""

from __future__ import annotations

from decimal import Decimal

import pytest

from openum.cql import CaseData, CqlError, compile_library
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import Date, DateTime
from tests.cql.kit import LOINC, NOW, answers, concept, condition, mass, patient, value, visit

ENCOUNTER = {
    "resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "AMB", "system": "urn:class"},
    "period": {"start": "2026-09-01T10:00:00Z", "end": "2026-10-30T11:00:00Z"}, "type": [concept("therapy")],
}  # fmt: skip
PRESCRIPTION = {
    "resourceType": "MedicationRequest", "id": "m1", "status": "active", "authoredOn": "2026-10-01",
    "medicationReference": {"reference": "Medication/x1"},
    "dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": {"start": "2026-10-01", "end": "2026-11-12"}}}}],
}  # fmt: skip
FORM = {
    "resourceType": "QuestionnaireResponse", "id": "q1", "status": "completed",
    "item": [
        {"linkId": "1", "answer": [{"valueBoolean": True}]},
        {"linkId": "2", "item": [{"linkId": "2.1", "answer": [{"valueDecimal": 3.5}]}]},
    ],
}  # fmt: skip
RECORD = [
    patient(), condition("c1", "2026-09-14"), condition("c2", "2026-10-20"), visit("t1", "2026-10-01"),
    visit("t2", "2026-11-01"), mass("o1", 34.2), ENCOUNTER, PRESCRIPTION, FORM,
    {"resourceType": "Medication", "id": "x1", "code": concept("therapy")},
    {"resourceType": "Coverage", "id": "v1", "status": "active", "period": {"start": "2026-01-01"}},
]  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # retrieves
        ("Count([Condition])", 2),
        ('[Observation: "Body Mass"] O return O.id', ["o1"]),
        ('exists [Observation: code ~ "Body Mass"]', True),
        ('exists [Observation: code in { "Body Mass" }]', True),
        ('[MedicationRequest: "Therapy"] M return M.id', ["m1"]),
        ('[Encounter: type in "Therapy"] E return E.id', ["e1"]),
        # queries
        ("[Condition] C where C.onset before @2026-10-01 return C.id", ["c1"]),
        ("[Condition] C let d: days between (C.onset as DateTime) and Today() where d > 40 return d", [70]),
        ("[Condition] C return all C.code.coding[0].code", ["leg-pain", "leg-pain"]),
        ("[Condition] C return C.code.coding[0].code", ["leg-pain"]),
        ("([Condition] C sort by (onset as FHIR.dateTime) desc) C return C.id", ["c2", "c1"]),
        ("({3, 1, 2}) X sort desc", [3, 2, 1]),
        ("[Condition] C with [Encounter] E such that C.onset during E.period return C.id", ["c1", "c2"]),
        ("[Condition] C without [Procedure] P such that P.performed 5 days or less after C.onset return C.id", ["c1", "c2"]),
        ("from [Condition] C, [Procedure] P where P.performed after C.onset return C.id + P.id", ["c1t1", "c1t2", "c2t2"]),
        ("({1, 2, 3}) X aggregate R starting 0: R + X", 6),
        ("(4) X return X * 2", 8),
        ("Count(([Procedure] union [Condition]) X where X.id = 't1')", 1),
        ("[Condition] C where exists ([Procedure] P where P.performed after C.onset) return C.id", ["c1", "c2"]),
        # navigation
        ("Patient.name[0].given[1]", "Ann"),
        ("Patient.name.family", ["Doe"]),
        ("Patient.birthDate + 18 years", Date((1976, 4, 12))),
        ("First([Observation]).value as Quantity", Quantity(Decimal("34.2"), "kg/m2")),
        ("[Observation] O return O.value.unit", ["kg/m2"]),
        ("flatten ([QuestionnaireResponse].item.item.answer.value)", [Decimal("3.5")]),
        ("First([QuestionnaireResponse]).item[0].answer[0].value as Boolean", True),
        ("[MedicationRequest] M return start of (M.dosageInstruction[0].timing.repeat.bounds as FHIR.Period)", [DateTime((2026, 10, 1))]),
        ("[Encounter] E where E.class.code = 'AMB' return E.id", ["e1"]),
        ("ToString(First([Observation]).status) + '!'", "final!"),
        # types
        ("[Observation] O return O.value is FHIR.Quantity", [True]),
        ("[Observation] O return O.value is FHIR.string", [False]),
        ("First([Observation]).value as CodeableConcept", None),
        ("convert 5 'mg' to 'g'", Quantity(Decimal("0.005"), "g")),
        ("(null as Quantity) is null", True),
        # timing
        ("[Coverage] C where Today() during C.period return C.id", ["v1"]),
        ("[Coverage] C where C.period overlaps Interval[@2026-11-01, @2026-11-30] return C.id", ["v1"]),
        ("[Encounter] E where E.period ends 30 days or less before Today() return E.id", ["e1"]),
        ("[Encounter] E where E.period ends within 20 days of Today() return E.id", []),
        ("[Encounter] E where E.period starts before start Interval[@2026-10-01, @2026-10-02] return E.id", ["e1"]),
        ("[Procedure] P where P.performed between @2026-10-01 and @2026-10-31 return P.id", ["t1"]),
        ("@2026-11-20 3 days before Today()", True),
        ("@2026-11-20 more than 3 days before Today()", False),
        ("@2026-11-20 less than 4 days before Today()", True),
        ("@2026-11-20 3 days or more before Today()", True),
        ("Today() 3 days or less on or after @2026-11-23", True),
        ("Today() 3 days or less after @2026-11-23", False),
        ("@2026-11-23T10:00:00.0-05:00 same day as @2026-11-23T16:00:00.0Z", True),
        ("difference in months between @2026-01-31 and @2026-02-01", 1),
        # functions
        ("Coalesce(null, First([Procedure: \"Leg Pain\"]).id, 'none')", "none"),
        ("AgeInMonths()", 823),
        ("CalculateAgeInYearsAt(@1958-04-12, @2026-04-11)", 67),
        ("IndexOf({'a', 'b'}, 'b')", 1),
        ("Combine({'a', 'b'}, ', ')", "a, b"),
        ("{1, 2, 3} intersect {2, 3, 4}", [2, 3]),
        ("Sum({1 'g', 500 'mg'})", Quantity(Decimal(1500), "mg")),
        ("case First([Observation]).status when 'final' then 1 else 2 end", 1),
        ("{ date: @2026-01-01, number: 4 }.number", 4),
        # units
        ("5 'mg' = 0.005 'g'", True),
        ("37 'Cel' = 98.6 '[degF]'", True),
        ("1 'a' ~ 1 year", True),
        ("6.9 '%' > 7 '%'", False),
        ("100 'mg/dL' = 1 'g/L'", True),
        ("1 'mg' < 1 'mL'", None),
        ("1 'nonsense' < 2 'mg'", None),
        ("1 'nonsense' < 2 'nonsense'", True),
        ("180 '[lb_av]' > 81 'kg'", True),
        ("2 '10*3/uL' = 2 '10*9/L'", True),
        ("30 'kg/m2' = 0.003 'kg/cm2'", True),
    ],
)  # fmt: skip
def test_an_expression_has_its_value(expression, expected):
    found = value(expression, RECORD)
    assert found == expected
    assert type(found) is type(expected)


def test_functions_may_be_fluent_overloaded_and_included():
    common = """
library Common version '1'
using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1'
codesystem "Own": 'urn:own'
code "Left": 'leg-pain-left' from "Own"
parameter "Days" Integer default 30
define fluent function recent(items List<FHIR.Condition>):
  items C where C.onset 40 days or less on or before Today()
define function double(x Integer): x * 2
define function double(x String): x + x
define "Number": 4
"""
    header = "include Common version '1' called Common\n"
    library = compile_library(
        "library Main\nusing FHIR version '4.0.1'\n"
        + header
        + """
context Patient
define "Recent": ([Condition].recent()) C return C.id
define "Eight": Common.double(Common."Number")
define "Text": Common.double('ab')
define "Left": Common."Left".code
define "Days": Common."Days" + 1
""",
        includes={"Common": common},
    )
    result = library.evaluate(CaseData.from_resources(RECORD), now=NOW)
    assert {n: a.value for n, a in result.items()} == {
        "Recent": ["c2"],
        "Eight": 8,
        "Text": "abab",
        "Left": "leg-pain-left",
        "Days": 31,
    }
    changed = library.evaluate(CaseData(()), now=NOW, parameters={"Common.Days": 5}, only=["Days"])
    assert changed["Days"].value == 6


def test_a_parameter_of_the_wrong_type_or_name_is_refused():
    with pytest.raises(CqlError, match="The parameter “Ordered” is of type Integer; DateTime is needed"):
        value('"Ordered"', parameters={"Ordered": 5})
    with pytest.raises(CqlError, match="no parameter “Orderd”. Did you mean “Ordered”"):
        value('"Ordered"', parameters={"Orderd": 5})


def test_an_interval_and_a_code_may_be_given_as_plain_python():
    from datetime import date

    library = compile_library(
        "parameter P Interval<Date>\nparameter K Code\ndefine A: @2026-05-05 in P\ndefine B: K.code + K.system"
    )
    given = {"P": (date(2026, 5, 1), date(2026, 5, 31)), "K": {"code": "c", "system": "s"}}
    found = library.evaluate(CaseData(()), now=NOW, parameters=given)
    assert (found["A"].value, found["B"].value) == (True, "cs")


def test_only_the_definitions_asked_for_are_answered():
    assert list(answers("define A: 1\ndefine B: 2", only=["B"])) == ["B"]
    with pytest.raises(CqlError, match="no definition “C”"):
        answers("define A: 1", only=["C"])


def test_a_definition_that_fails_does_not_harm_the_others():
    found = answers("define A: singleton from {1, 2}\ndefine B: 2\ndefine C: A = 1 or true\ndefine D: false and A = 1")
    assert found["A"].value is None
    assert found["A"].error == "“singleton from” found 2 elements."
    assert found["B"].value == 2
    assert found["C"].error == found["A"].error
    assert found["D"].value is False


def test_other_systems_are_other_codes():
    assert (
        value('exists [Observation: "Body Mass"]', [mass("o1", 3) | {"code": concept("39156-5", "urn:other")}]) is False
    )
    assert LOINC == "http://loinc.org"


def test_the_default_offset_is_that_of_now():
    from datetime import datetime, timedelta, timezone

    late = datetime(2026, 11, 23, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert value("Today()", now=late) == Date((2026, 11, 23))
    assert value("@2026-11-24T04:30:00.0Z same day as Today()", now=late) is True
    assert value("@2026-11-24T04:30:00.0Z same day as @2026-11-23T22:00:00.0", now=late) is True
