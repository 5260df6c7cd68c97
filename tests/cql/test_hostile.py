"""Texts and records made to break out, crash or run for ever."""

from __future__ import annotations

import copy
import json
import random

import pytest

from openum.cql import CaseData, CqlError, CqlRuntimeError, compile_library, eval_expression
from tests.cql.kit import HEADER, NOW, VALUE_SETS, answer, answers, condition

NASTY = [
    "'; import os; os.system('x') #",
    '"""',
    "\\",
    "\n",
    "\r\n\x00",
    "{0}{x}%s%(a)s",
    "K1",
    "v1",
    "__import__('os')",
    "’“”\u202e\u0000😀",
    "t1 = 1\n",
]


def quoted(text: str, mark: str) -> str:
    return mark + text.replace("\\", "\\\\").replace(mark, "\\" + mark) + mark


@pytest.mark.parametrize("text", NASTY)
def test_a_text_literal_comes_back_as_it_is(text):
    assert eval_expression(quoted(text, "'")) == {"String": text}


@pytest.mark.parametrize("text", NASTY)
def test_no_text_of_an_author_reaches_the_generated_source(text):
    name, literal = quoted("secret" + text, '"'), quoted("secret" + text, "'")
    source = f"define {name}: {literal}\ndefine B: {name} + {literal}\ndefine C: Tuple {{ {name}: 1 }}.{name}"
    library = compile_library(source)
    assert "secret" not in library.source
    found = library.evaluate(CaseData(()), now=NOW)
    assert found["B"].value == "secret" + text + "secret" + text
    assert found["C"].value == 1


@pytest.mark.parametrize("text", NASTY)
def test_names_of_aliases_parameters_and_value_sets_are_only_names(text):
    name = quoted("n" + text, '"')
    source = f"using FHIR version '4.0.1'\nvalueset {name}: 'urn:vs'\ndefine X: exists [Condition: {name}]"
    found = compile_library(source).evaluate(
        CaseData.from_resources([condition("c", "2026-01-01")]),
        now=NOW,
        value_sets={"n" + text: [("urn:own", "leg-pain")]},
    )
    assert found["X"].value is True
    query = f"define X: ({{1, 2}}) {name} let {quoted('l' + text, chr(34))}: 2 where {name} = 2 return {name}"
    assert compile_library(query).evaluate(CaseData(()), now=NOW)["X"].value == [2]


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5000 + "1" + ")" * 5000,
        "not " * 5000 + "true",
        "-" * 5000 + "1",
        "{" * 5000 + "}" * 5000,
        "if true then " * 3000 + "1" + " else 2" * 3000,
        " + ".join(["1"] * 20000),
        "x." * 5000 + "x",
        "List<" * 3000,
        "1 as " + "List<" * 3000,
        "Interval[" * 3000,
        "case " * 3000,
    ],
    ids=lambda s: s[:12],
)
def test_huge_nesting_is_refused_not_crashed(source):
    with pytest.raises(CqlError):
        eval_expression(source)


def test_a_source_beyond_the_limit_is_refused():
    with pytest.raises(CqlError, match="longer than"):
        compile_library("define A: '" + "x" * 1_000_001 + "'")


def test_a_long_flat_library_compiles():
    source = "\n".join(f'define "D{n}": {n} + {n}' for n in range(3000))
    found = compile_library(source).evaluate(CaseData(()), now=NOW, only=["D2999"])
    assert found["D2999"].value == 5998


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("expand { Interval[0, 2000000000] }", "more than 100000"),
        ("expand { Interval[@0001-01-01, @9999-12-31] } per day", "more than 100000"),
        ("expand Interval[0.0, 1.0] per 0.00000001", "more than 100000"),
        ("Matches('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '(a+)+')", "repeats a group"),
        ("Matches('aaaa', '((a*)*)*b')", "repeats a group"),
        ("Matches('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '(a|a)*b')", "repeats a group"),
        ("Matches('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '(a?a?)*b')", "repeats a group"),
        ("Matches(Combine((expand Interval[10000, 12000]) X return ToString(X)), '.*a.*b.*c.*')", "too long"),
        ("Matches('a', '(')", "no regular expression"),
        ("ReplaceMatches('a', 'a', '$7')", "does not have"),
    ],
)
def test_what_may_run_for_ever_is_a_clear_run_time_error(expression, message):
    with pytest.raises(CqlRuntimeError, match=message):
        eval_expression(expression)


def test_endless_recursion_of_functions_is_unknown_with_a_reason():
    found = answers(
        "define function f(x Integer) returns Integer: f(x + 1)\ndefine A: f(1)\ndefine B: true or A = 1\ndefine C: A = 1"
    )
    assert found["A"].value is None
    assert found["A"].error == "Functions call each other more than 100 levels deep."
    assert found["B"].value is True
    assert found["C"].value is None


def test_recursion_with_an_end_works():
    found = answers(
        "define function fact(x Integer) returns Integer: if x <= 1 then 1 else x * fact(x - 1)\ndefine A: fact(10)"
    )
    assert found["A"].value == 3628800


def test_a_product_of_lists_that_grows_without_bound_is_stopped():
    lists = ", ".join(f"(expand Interval[1, 1000]) L{n}" for n in range(5))
    found = answer(f"Count(from {lists} return 1)")
    assert found.value is None
    assert found.error is not None
    assert "more than" in found.error


@pytest.mark.parametrize("records", [[None], ["x"], [{}], [{"resourceType": 7}], [{"resourceType": "Nope"}], [[]]])
def test_things_that_are_no_resources_are_passed_over(records):
    assert answer("exists [Condition]", records).value is False


def _nodes(value, path=()):
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _nodes(inner, (*path, key))


def _put(value, path, new):
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = new


@pytest.mark.parametrize("seed", range(25))
def test_records_broken_at_random_never_crash_and_are_never_taken_for_the_whole(seed):
    from tests.cql.test_criteria import ANSWERS, CRITERIA, FORM, MET

    chance = random.Random(seed)
    library = compile_library(HEADER + CRITERIA + ANSWERS.replace('"Pain"', '"Said"'))
    for _ in range(20):
        records = copy.deepcopy([*MET, FORM])
        for _ in range(chance.randint(1, 6)):
            record = chance.choice(records)
            path = chance.choice([p for p in _nodes(record) if p and p != ("resourceType",)])
            _put(
                record,
                path,
                chance.choice([None, 7, -1.5, "", "x", [], {}, [[]], [None], {"coding": 3}, True, "9999-99"]),
            )
        found = library.evaluate(CaseData.from_resources(records), now=NOW, value_sets=VALUE_SETS)
        assert all(
            a.value in (True, False, None) for n, a in found.items() if n in {"All Met", "Adult", "Eight Visits"}
        )
        for a in found.values():
            assert a.error is None or a.value is None
        json.dumps([a.evidence for a in found.values()])
