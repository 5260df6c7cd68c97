"""Expressions and data that mean no good end in an answer or a fault, soon."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openum.cql import fhirpath
from openum.cql.fhirpath import FhirPathError, patterns


def nested(depth: int) -> Any:
    value: Any = {"linkId": "x"}
    for _ in range(depth):
        value = {"linkId": "x", "item": [value]}
    return value | {"resourceType": "Questionnaire"}


def test_deep_nesting_of_the_expression_is_refused():
    with pytest.raises(FhirPathError):
        fhirpath.compile("(" * 5000 + "1" + ")" * 5000)
    with pytest.raises(FhirPathError):
        fhirpath.compile("a.where(" * 500 + "1" + ")" * 500)


def test_deep_nesting_of_the_data_is_answered():
    assert fhirpath.compile("descendants().linkId.count()").evaluate(nested(3000)) == [3000]
    assert fhirpath.compile("repeat(item).count()").evaluate(nested(50)) == [50]


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Patient", "name": "Doe"},
        {"resourceType": "Patient", "name": [None, 1, [], {"given": {"a": 1}}]},
        {"resourceType": "Patient", "name": {"given": [1, True, None]}, "_birthDate": 3, "birthDate": ["x"]},
        {"resourceType": "Patient", "extension": "x", "contained": ["a", {"resourceType": 5}], "deceasedBoolean": "x"},
        {"resourceType": "Nothing", "name": [{"given": "x"}]},
        {"resourceType": ["x"]},
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "name.given",
        "name.given = 'x'",
        "descendants().count()",
        "descendants().distinct().count()",
        "birthDate < @2020",
        "extension('urn:x').value",
        "contained.where(id = 'a').exists()",
        "deceased.not()",
        "children().type().name",
        "managingOrganization.resolve()",
        "name.where(given is string)",
        "hasValue() or (children().count() > id.count())",
    ],
)
def test_wrong_shapes_end_in_an_answer_or_a_fault(text: str, resource: Any):
    try:
        found = fhirpath.compile(text).evaluate(resource)
    except FhirPathError:
        return
    assert isinstance(found, list)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a*)*b", "(.*a){20}b", "([a-z]+)*!"])
def test_a_pattern_that_would_backtrack_for_ever_is_answered_at_once(pattern: str):
    text = "a" * 5000
    assert patterns.found(pattern, text, whole=False) is (pattern == "(a+)+$")


@pytest.mark.parametrize(
    ("pattern", "text", "search", "whole"),
    [
        (r"[A-Za-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*(\[x])?)*", "Observation.value[x]", True, True),
        (r"[A-Za-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*(\[x])?)*", "Observation..value", True, False),
        (r"^(\d{2}-)*\d$", "12-34-5", True, True),
        (r"^(\d{2}-)*\d$", "12-34-", False, False),
        (r"(ab|cd)+?e", "xxabcde", True, False),
        (r"(\bfoo\b\s?)+", "a foo foo b", True, False),
        (r"([^,]*,)*end", "a,b,end", True, True),
        (r"(\S\w\D)*", "", True, True),
    ],
)
def test_the_machine_answers_as_the_matcher_does(pattern: str, text: str, search: bool, whole: bool):
    machine = patterns._machine(pattern, "")
    assert (machine.run(text, whole=False), machine.run(text, whole=True)) == (search, whole)
    assert patterns.found(pattern, text, whole=False) is search
    assert patterns.found(pattern, text, whole=True) is whole


@pytest.mark.parametrize(
    "text",
    [
        "'a'.matches('" + "(" * 3000 + "')",
        "10.power(100000)",
        "99999999.exp()",
        "(1 | 2).aggregate($total & $this, 'x').repeat($this & 'y')",
        "'x'.replaceMatches('x', '$9')",
        "2147483648",
        "@2026-02-30",
        "'\\u12'",
        "%",
        "a.$this.b[$index].$total",
        "1.round(100000)",
        "9999.power(9999)",
    ],
)
def test_bad_arguments_end_in_an_answer_or_a_fault(text: str):
    try:
        found = fhirpath.compile(text).evaluate({"resourceType": "Patient"})
    except FhirPathError:
        return
    assert isinstance(found, list)


def test_every_truncation_of_a_long_expression_is_a_fault_or_an_answer():
    text = "Patient.name.where(use = 'official' and given.exists($this ~ 'x')).select(iif(true, {}, 1 'mg') | @2026-01)"
    places = []
    for size in range(len(text)):
        try:
            fhirpath.compile(text[:size]).evaluate({"resourceType": "Patient"})
        except FhirPathError as error:
            places.append(error.line)
    assert set(places) == {1}


def test_a_megabyte_of_source_is_refused():
    with pytest.raises(FhirPathError):
        fhirpath.compile("'" + "x" * 1_100_000 + "'")


def test_results_are_json_where_they_came_from_json():
    resource = {"resourceType": "Patient", "name": [{"given": ["x"]}]}
    assert json.dumps(fhirpath.compile("name").evaluate(resource)) == '[{"given": ["x"]}]'
