"""A library for every row of constructs that published libraries use: each compiles, runs and answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from openum.cql import CaseData, CqlError, compile_library
from openum.cql.expression import to_json
from tests.cql.kit import NOW, VALUE_SETS
from tests.cql.libraries import HEADER, SOURCES
from tests.cql.records import RECORD
from tests.cql.shown import shown

ROWS = Path(__file__).parent / "constructs.txt"


def constructs() -> dict[str, list[tuple[str, str]]]:
    """Return the expressions of each row with their answers."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in ROWS.read_text("utf-8").splitlines():
        if line.startswith("## "):
            found[line[3:]] = []
        elif line and not line.startswith("# "):
            expression, answer = line.split("   →   ")
            found[list(found)[-1]].append((expression, answer))
    return found


def library_of(row: list[tuple[str, str]]) -> str:
    """Return a library with one definition an expression."""
    return HEADER + "\n".join(f'define "{n}":\n  {expression}' for n, (expression, _) in enumerate(row))


@pytest.mark.parametrize("row", constructs())
def test_a_library_of_every_construct_compiles_and_answers(row):
    expected = constructs()[row]
    library = compile_library(library_of(expected), includes=SOURCES)
    answers = library.evaluate(CaseData.from_resources(RECORD), now=NOW, value_sets=VALUE_SETS)
    found = [(text, answers[str(n)]) for n, (text, _) in enumerate(expected)]
    assert [(t, a.error or shown(to_json(a.value))) for t, a in found] == expected


def compile_line(text: str):
    return compile_library(f"{HEADER}\n{text}", includes=SOURCES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('define X: Back."Window"', "“Window” is private to its library."),
        ("define X: Back.Outside(5)", "The function “Outside” is external; this engine runs CQL only."),
        ("define X: 5.Newest()", "The function “Newest” cannot be called on a Integer."),
        ("define X: Back.Neewest([Observation])", "has no function “Neewest”"),
        ("context Hospital\ndefine X: 1", "“Hospital” is no context."),
        ("define function f(a Integer): a\ndefine function f(b Integer): b", "declared twice for the same operands"),
        ("define function f(a Integer): f(a)\ndefine X: f(1)", "calls itself"),
        ("define X: Y\ndefine Y: X", "needs its own value"),
    ],
)
def test_what_a_library_may_not_do_is_refused_with_a_sentence(text, message):
    with pytest.raises(CqlError, match=message):
        compile_line(text)


def test_an_include_of_another_version_is_refused():
    with pytest.raises(CqlError, match="has version '1.2.0', not '9'"):
        compile_library("include LookingBack version '9' called B\ndefine X: 1", includes=SOURCES)


def test_two_versions_of_a_library_are_told_apart_by_name_and_version():
    sources = {"A|1": "library A version '1'\ndefine X: 1", "A|2": "library A version '2'\ndefine X: 2"}
    text = "include A version '1' called One\ninclude A version '2' called Two\ndefine Y: One.X + Two.X"
    assert compile_library(text, includes=sources).evaluate(CaseData(()), now=NOW)["Y"].value == 3


def test_a_practitioner_can_be_the_context():
    text = "using FHIR version '4.0.1'\ncontext Practitioner\ndefine X: Practitioner.name[0].family.value\ncontext Unfiltered\ndefine N: Count([Encounter])"
    found = compile_library(text).evaluate(CaseData.from_resources(RECORD), now=NOW)
    assert (found["X"].value, found["N"].value) == ("Fam", 1)


def test_a_recursive_function_with_a_declared_result_runs_and_is_capped():
    text = "define function f(n Integer) returns Integer: if n <= 0 then 0 else n + f(n - 1)\ndefine X: f(10)\ndefine Y: f(5000)"
    found = compile_library(text).evaluate(CaseData(()), now=NOW)
    assert found["X"].value == 55
    assert found["Y"].error == "Functions call each other more than 100 levels deep."


def test_a_parameter_takes_its_default_or_is_named_as_missing():
    library = compile_line('define "Days": duration in days of "Year"\ndefine "Of Order": "Order".status')
    found = library.evaluate(CaseData.from_resources(RECORD), now=NOW)
    assert found["Days"].value == 364
    assert found["Of Order"].missing[0].note == "the parameter “Order” was not given"
    given = library.evaluate(
        CaseData(()), now=NOW, parameters={"Order": {"resourceType": "ServiceRequest", "status": "active"}}
    )
    assert given["Of Order"].value == "active"
