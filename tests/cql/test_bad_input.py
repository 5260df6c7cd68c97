"""Bad input: every fault has a place or a path and a sentence; nothing crashes; nothing is false for lack of data."""

from __future__ import annotations

import pytest

from openum.cql import CaseData, CqlError, CqlRuntimeError, compile_library, eval_expression
from tests.cql.kit import NOW, answer, answers, condition, mass, patient

FAULTS = [
    # source, line, column, what the sentence says, suggestion
    ('define "X":\n  [Condition] C\n    where C.onsett is null', 3, 13, "FHIR.Condition has no element “onsett”.", "Did you mean “onset”?"),
    ('define "X": [Conditon]', 1, 14, "There is no type “Conditon”.", "Did you mean “Condition”?"),
    ('define "X": AgeInYear()', 1, 13, "There is no function “AgeInYear”.", "Did you mean “AgeInYears”?"),
    ('define "Pain": 1\ndefine "Y": "Pian"', 2, 13, "There is nothing called “Pian” here.", "Did you mean “Pain”?"),
    ("define \"X\": 1 + 'a'", 1, 15, "The operator “add” is not defined for Integer, String.", ""),
    ('define "X": 5 and true', 1, 13, "This is of type Integer; Boolean is needed beside “and”.", ""),
    ('define "X": if 1 then 2 else 3', 1, 16, "This is of type Integer; Boolean is needed after “if”.", ""),
    ('define "X": @2026-02-30', 1, 13, "There is no day 30 in 2026-02.", ""),
    ('define "X": @2026-13', 1, 13, "There is no month 13.", ""),
    ('define "X": Date(2026', 1, 22, "", ""),
    ('define "X": [Condition: "Nowhere"]', 1, 25, "There is nothing called “Nowhere” here.", ""),
    ('define "X": (1 + 2', 1, 19, "", ""),
    ('define "X": { 1, 2', 1, 19, "", ""),
    ("define \"X\": 'open", 1, 13, "This text is never closed.", ""),
    ('define "X": 3 day before', 1, 25, "", ""),
    ('define "X": 1 ! 2', 1, 15, "The character ! is not used in CQL.", ""),
    ('define "X": Patient.birthdate', 1, 21, "FHIR.Patient has no element “birthdate”.", "Did you mean “birthDate”?"),
    ('define "X": Interval[1, \'a\']', 1, 13, "An interval cannot run from Integer to String.", ""),
    ('using QUICKK\ndefine "X": 1', 1, 1, "The model “QUICKK” is not known.", "Did you mean “QUICK”?"),
    ("using FHIR version '3.0.0'", 1, 1, "FHIR 3.0.0 is not supported.", ""),
    ('include Gone version \'1\'\ndefine "X": 1', 1, 1, "The library “Gone” was not supplied.", ""),
    ('define "X": @2026-01-01 + 1', 1, 25, "A Date cannot be moved by a bare number.", "Write a unit behind the number, such as “1 day”."),
    ('define "X": ' + "9" * 5000, 1, 13, "A number of more than 100 digits is not read.", ""),
    ('define "X": 2147483648', 1, 13, "2147483648 is outside the range of Integer.", ""),
    ('define "X": ' + " or ".join(["true"] * 3002), 1, 18, "More than 3000 operands stand in a row.", ""),
]  # fmt: skip


@pytest.mark.parametrize(("source", "line", "column", "message", "suggestion"), FAULTS, ids=lambda v: str(v)[:30])
def test_a_fault_of_the_source_has_a_place_a_sentence_and_a_cure(source, line, column, message, suggestion):
    with pytest.raises(CqlError) as caught:
        compile_library(source)
    fault = caught.value
    assert (fault.line, fault.column) == (line, column)
    assert message in fault.message
    assert suggestion in fault.suggestion


def test_a_type_error_in_an_included_library_names_library_and_place():
    with pytest.raises(CqlError) as caught:
        compile_library("include A\ndefine X: A.Y", includes={"A": "define Y: 1 +\n 'a'"})
    assert (caught.value.library, caught.value.line) == ("A", 1)


def test_libraries_in_a_circle_are_named():
    sources = {"A": "include B\ndefine X: 1", "B": "include A\ndefine Y: 1"}
    with pytest.raises(CqlError, match="circle: A → B → A"):
        compile_library("include A\ndefine Z: 1", includes=sources)


def test_a_value_set_that_was_not_supplied_makes_the_answer_unknown_and_is_named():
    found = answers(
        'define "In": exists [Condition: "Leg Pain"]\ndefine "Other": 1 = 1',
        [condition("c1", "2026-01-01")],
        value_sets={},
    )
    assert (found["In"].value, found["In"].error) == (None, "The value set “Leg Pain” was not supplied.")
    assert found["Other"].value is True


def test_a_megabyte_of_source_compiles_or_is_refused_in_one_sentence():
    line = 'define "D{}": {} + 1 // a comment that takes space and says nothing that matters to anyone who reads it\n'
    body = "".join(line.format(n, n) for n in range(1500))
    assert (
        compile_library(body + "//" + "x" * (999_000 - len(body)))
        .evaluate(CaseData(()), now=NOW, only=["D7"])["D7"]
        .value
        == 8
    )
    with pytest.raises(CqlError, match="longer than 1000000 characters"):
        compile_library(body + "//" + "x" * 1_000_000)


@pytest.mark.parametrize(
    "text", ["(" * 400 + "1" + ")" * 400, "not " * 400 + "true", "{" * 400 + "}" * 400, "-" * 400 + "1"]
)
def test_deep_nesting_is_refused_with_its_place(text):
    with pytest.raises(CqlError, match="nested more than 120 levels deep") as caught:
        eval_expression(text)
    assert caught.value.column > 1


def test_long_chains_and_long_cases_are_evaluated():
    assert eval_expression(" or ".join(f"1 = {n}" for n in range(2, 600))) == {"Boolean": False}
    whens = " ".join(f"when {n} then 'n{n}'" for n in range(200))
    assert eval_expression(f"case 199 {whens} else 'none' end") == {"String": "n199"}


def test_a_unit_that_ucum_does_not_have_is_warned_of_and_named_never_false():
    library = compile_library("define X: 34 'mm[Hg]' < 40 'mmHg'")
    (warning,) = library.warnings
    assert (warning.line, warning.column, warning.suggestion) == (1, 25, "Did you mean 'mm[Hg]'?")
    found = library.evaluate(CaseData(()), now=NOW)["X"]
    assert found.value is None
    assert found.missing[0].note == "the unit 'mmHg' is not known to UCUM"


def test_a_unit_in_a_record_that_measures_something_else_is_unknown_with_the_reason():
    record = mass("o1", 34)
    record["valueQuantity"] |= {"unit": "cm", "code": "cm"}
    found = answer("(First([Observation: \"Body Mass\"]).value as Quantity) < 40 'kg/m2'", [record])
    assert found.value is None
    assert "measure different things" in found.missing[0].note


SHAPES = [None, 7, True, "text", [], {}, [[1]], {"coding": 5}, {"coding": [None, 7, {"code": []}]}]


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
@pytest.mark.parametrize("element", ["code", "onsetDateTime", "onsetPeriod", "clinicalStatus", "subject", "id"])
def test_a_resource_of_the_wrong_shape_is_never_a_crash_and_never_met(element, shape):
    record = {**condition("c1", None), element: shape}
    text = 'if not exists [Condition: "Leg Pain"] then null else exists ([Condition: "Leg Pain"] C where C.onset 6 weeks or more before day of Today())'
    found = answer(text, [patient(), record])
    assert found.value is not True


@pytest.mark.parametrize(
    "expression",
    ["1 +", "@2026-02-30", "5 'a", "singleton from {1, 2}", "Message(1, true, 'a', 'Error', 'b')", "[Nothing]", "1 as"],
)
def test_eval_expression_raises_on_any_error(expression):
    with pytest.raises((CqlError, CqlRuntimeError)):
        eval_expression(expression)


def test_a_run_time_error_makes_one_definition_unknown_and_leaves_the_others():
    found = answers('define "Bad": singleton from { 1, 2 }\ndefine "Uses": "Bad" + 1\ndefine "Good": 1', [])
    assert (found["Bad"].value, found["Uses"].value, found["Good"].value) == (None, None, 1)
    assert found["Uses"].error == found["Bad"].error == "“singleton from” found 2 elements."
