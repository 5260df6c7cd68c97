"""Faults in the source: where, what was expected, what may have been meant."""

from __future__ import annotations

import pytest

from openum.cql import CqlError, compile_library, eval_expression, parse

HEAD = "library T\nusing FHIR version '4.0.1'\nvalueset \"VS\": 'urn:vs'\ncontext Patient\n"


def fault(text: str) -> CqlError:
    with pytest.raises(CqlError) as caught:
        compile_library(HEAD + text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "suggestion"),
    [
        ("define A: [Observaton]", 5, 12, "There is no type “Observaton”.", "Did you mean “Observation”?"),
        ("define A: [Observation] O where O.valu = 1", 5, 35, "FHIR.Observation has no element “valu”.", "Did you mean “value”?"),
        (
            "define A: [Observation] O where O.valueQuantity > 1", 5, 35,
            "FHIR.Observation has no element “valueQuantity”.", "Write value as FHIR.Quantity.",
        ),
        ('define "Beta": 1\ndefine A: "Beto"', 6, 11, "There is nothing called “Beto” here.", "Did you mean “Beta”?"),
        ('define A: [Condition: "VSX"]', 5, 23, "There is nothing called “VSX” here.", "Did you mean “VS”?"),
        ("define A: Frist({1})", 5, 11, "There is no function “Frist”.", "Did you mean “First”?"),
        ("defin A: 1", 5, 1, "“defin” does not fit here.", "Did you mean “define”?"),
        ("define A: 5 mg", 5, 13, "“mg” is no unit of time.", "Units go in single quotes: 'mg'."),
        ("define A: Today() 3 dayz or less before Now()", 5, 21, "“dayz” is no unit of time.", "Did you mean “day”?"),
        ('define A: [Condition] C where C.code = "VS"', 5, 38, "A value set is not compared with = or ~.", "Write “in” instead."),
        ("define A: “x”", 5, 11, "Typographic quotation marks are not CQL.", 'Write " instead.'),
        ("define A: 3 as String", 5, 13, "A value of type Integer is never a String.", ""),
        ("define A: 1 define A: 2", 5, 13, "“A” is declared twice.", "Give one of them another name."),
        ("define A: B\ndefine B: A", 5, 1, "The definition “A” needs its own value.", "Break the circle."),
        ("define A: @2026-02-30", 5, 11, "There is no day 30 in 2026-02.", ""),
        ("define A: 2147483648", 5, 11, "2147483648 is outside the range of Integer.", ""),
        ("define A: not 5", 5, 15, "This is of type Integer; Boolean is needed after “not”.", ""),
        ("define function f(x Integer): f(x)", 5, 1, "The function “f” calls itself.", "Declare its result with “returns”."),
    ],
)  # fmt: skip
def test_a_fault_is_placed_and_explained(text, line, column, message, suggestion):
    found = fault(text)
    assert (found.line, found.column, found.message, found.suggestion) == (line, column, message, suggestion)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("define A: if true then 1", "“else” since every “if” has one"),
        ("define A 1", "“:” after the name of the definition"),
        ("define A: (1", "“)” to close the parenthesis"),
        ("define A: exists (", "a value or a name"),
        ("define A: 'abc", "a closing '"),
        ("define A: /* abc", "*/"),
        ("define A: days between @2026-01-01, @2026-02-01", "“and” before the second value"),
    ],
)
def test_what_was_expected_is_said(text, expected):
    assert fault(text).expected == expected


def test_a_position_survives_lines_comments_and_multi_line_names():
    found = fault('/* one\ntwo */ define "A\nB": 1 // three\ndefine C:\n  nope')
    assert (found.line, found.column) == (9, 3)


def test_the_text_of_an_error_is_one_sentence_with_its_place():
    assert str(fault("define A: nope")) == "Line 5, column 11: There is nothing called “nope” here."


def test_a_missing_library_and_a_circle_of_libraries_are_faults():
    assert fault("include Nope called N\ndefine A: N.x").message == "The library “Nope” was not supplied."
    one = "library One\ninclude Two called T\ndefine A: T.B"
    two = "library Two\ninclude One called O\ndefine B: O.A"
    with pytest.raises(CqlError, match="circle: Two → One → Two"):
        compile_library("include Two called T\ndefine X: T.B", includes={"One": one, "Two": two})


def test_a_fault_in_an_included_library_names_the_library():
    with pytest.raises(CqlError) as caught:
        compile_library("include Two called T\ndefine X: T.B", includes={"Two": "library Two\ndefine B: nope"})
    assert caught.value.library == "Two"
    assert str(caught.value).startswith("Library Two, line 2, column 11:")


def test_another_fhir_version_is_refused():
    with pytest.raises(CqlError, match=r"FHIR 3\.0\.0 is not supported"):
        compile_library("using FHIR version '3.0.0'\ndefine A: 1")


def test_single_expressions_have_positions_too():
    with pytest.raises(CqlError) as caught:
        parse("1 +\n  *")
    assert (caught.value.line, caught.value.column) == (2, 3)
    with pytest.raises(CqlError):
        eval_expression("1 + true")
