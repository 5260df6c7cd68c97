"""Which questions are asked: operators, joins, repetitions, circles, expressions."""

import pytest

from openum.forms.answers import Filled, Given, spots_of
from openum.forms.enabling import Enabling, compare
from openum.forms.items import read_form


def form(*items):
    return read_form({"resourceType": "Questionnaire", "item": list(items)})


def when(question, operator, **answer):
    return {"question": question, "operator": operator, **answer}


def question(link, *conditions, kind="string", **facts):
    return (
        {"linkId": link, "type": kind, "text": link} | ({"enableWhen": list(conditions)} if conditions else {}) | facts
    )


CODE = {"system": "urn:s", "code": "x"}


@pytest.mark.parametrize(
    ("condition", "value", "asked"),
    [
        (when("q", "exists", answerBoolean=True), None, False), (when("q", "exists", answerBoolean=False), None, True),
        (when("q", "exists", answerBoolean=True), {"valueString": "x"}, True),
        (when("q", "=", answerBoolean=True), {"valueBoolean": True}, True),
        (when("q", "=", answerBoolean=True), {"valueBoolean": False}, False),
        (when("q", "!=", answerBoolean=True), None, True), (when("q", "!=", answerBoolean=True), {"valueBoolean": True}, False),
        (when("q", ">", answerInteger=5), {"valueDecimal": 5.5}, True), (when("q", "<=", answerInteger=5), {"valueInteger": 5}, True),
        (when("q", "<", answerDate="2026-01-02"), {"valueDate": "2026-01-01"}, True),
        (when("q", "=", answerCoding=CODE), {"valueCoding": {**CODE, "display": "X"}}, True),
        (when("q", "=", answerCoding={"code": "x"}), {"valueCoding": CODE}, True),
        (when("q", "=", answerCoding={**CODE, "system": "urn:t"}), {"valueCoding": CODE}, False),
        (when("q", "=", answerCoding=CODE), {"valueString": "x"}, True),
        (when("q", ">=", answerQuantity={"value": 2, "code": "kg"}), {"valueQuantity": {"value": 3, "code": "kg"}}, True),
        (when("q", ">=", answerQuantity={"value": 2, "code": "kg"}), {"valueQuantity": {"value": 3, "code": "g"}}, False),
        (when("q", "~", answerString="x"), {"valueString": "x"}, False),
        (when("none", "exists", answerBoolean=True), {"valueString": "x"}, False),
    ],
)  # fmt: skip
def test_each_operator(condition, value, asked):
    made = form(question("q"), question("r", condition))
    answers = {("q", ()): (Given(value),)} if value else {}
    assert Enabling(made, Filled(answers)).is_enabled(("r", ())) is asked


@pytest.mark.parametrize(("behavior", "asked"), [("all", False), ("any", True)])
def test_several_conditions_are_joined_as_told(behavior, asked):
    conditions = (when("a", "exists", answerBoolean=True), when("b", "exists", answerBoolean=True))
    made = form(question("a"), question("b"), question("c", *conditions, enableBehavior=behavior))
    filled = Filled({("a", ()): (Given({"valueString": "x"}),)})
    assert Enabling(made, filled).is_enabled(("c", ())) is asked


def test_a_question_that_is_not_asked_settles_nothing():
    exists = {"answerBoolean": True}
    made = form(
        question("a"), question("b", when("a", "exists", **exists)), question("c", when("b", "exists", **exists))
    )
    filled = Filled({("b", ()): (Given({"valueString": "x"}),)})
    assert not Enabling(made, filled).is_enabled(("c", ()))


def test_conditions_that_go_in_a_circle_do_not_hold():
    exists = {"answerBoolean": True}
    made = form(question("a", when("b", "exists", **exists)), question("b", when("a", "exists", **exists)))
    filled = Filled({("a", ()): (Given({"valueString": "x"}),), ("b", ()): (Given({"valueString": "x"}),)})
    assert not Enabling(made, filled).is_enabled(("a", ()))


def test_a_repetition_looks_at_its_own_answers():
    group = question("g", kind="group", repeats=True, item=[
        question("a"), question("b", when("a", "exists", answerBoolean=True)),
    ])  # fmt: skip
    made = form(group)
    filled = Filled({("a", (1,)): (Given({"valueString": "x"}),)}, {("g", ()): 2})
    enabling = Enabling(made, filled)
    assert [enabling(spot.children[1]) for spot in spots_of(made, filled)] == [False, True]


def test_what_stands_below_a_question_waits_for_its_answer():
    made = form(question("a", item=[question("b"), {"linkId": "c", "type": "display", "text": "c"}]))
    assert not Enabling(made, Filled()).is_enabled(("b", ()))
    assert Enabling(made, Filled()).is_enabled(("c", ()))
    assert Enabling(made, Filled({("a", ()): (Given({"valueString": "x"}),)})).is_enabled(("b", ()))


def test_values_of_different_kinds_do_not_compare():
    assert compare({"valueBoolean": True}, {"valueString": "true"}) is None
    assert compare({}, {"valueString": "x"}) is None
