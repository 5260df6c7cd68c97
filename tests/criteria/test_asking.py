"""Only questions that can change the outcome are asked, the most decisive first."""

from functools import cache
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openum.criteria.asking import expected_cost, questions
from openum.criteria.tree import Group, Leaf, Mode, Text, leaves_of, value_of
from openum.vocabulary.terms import FindingValue

MET, NOT_MET, UNKNOWN = FindingValue.MET, FindingValue.NOT_MET, FindingValue.UNKNOWN
NOTHING = Text("")


def leaf(key):
    return Leaf(key, key, NOTHING, NOTHING, NOTHING, ())


def group(mode, *children, count=0):
    return Group("", mode, children, count=count)


@st.composite
def trees(draw, most=12):
    """Draw a tree of at most so many criteria, each standing once."""
    names = iter([str(number) for number in range(draw(st.integers(1, most)))])

    def node(keys, depth):
        if len(keys) == 1 and (depth == 0 or draw(st.booleans())):
            return leaf(keys[0])
        if depth == 0:
            children = [leaf(key) for key in keys]
        elif draw(st.integers(0, 4)) == 0:
            return group(Mode.NOT, node(keys, depth - 1))
        else:
            cuts = sorted(draw(st.sets(st.integers(1, max(len(keys) - 1, 1)), max_size=3)) - {len(keys)})
            pieces = [keys[a:b] for a, b in zip([0, *cuts], [*cuts, len(keys)], strict=True) if keys[a:b]]
            children = [node(piece, depth - 1) for piece in pieces]
        mode = draw(st.sampled_from([Mode.ALL, Mode.ANY, Mode.AT_LEAST]))
        return group(mode, *children, count=draw(st.integers(1, len(children))) if mode is Mode.AT_LEAST else 0)

    return node(list(names), draw(st.integers(1, 4)))


@st.composite
def partly_answered(draw, most=12):
    tree = draw(trees(most))
    findings = {one.key: draw(st.sampled_from([UNKNOWN, UNKNOWN, MET, NOT_MET])) for one in leaves_of(tree)}
    return tree, findings


def brute_force(tree, findings):
    """Find every open criterion whose answer changes the outcome under some answers of the others."""
    unknown = [key for key, value in findings.items() if value is UNKNOWN]
    outcome = {
        answers: value_of(tree, findings | dict(zip(unknown, answers, strict=True)))
        for answers in product((MET, NOT_MET), repeat=len(unknown))
    }
    return {
        key
        for index, key in enumerate(unknown)
        for answers, value in outcome.items()
        if answers[index] is MET and outcome[(*answers[:index], NOT_MET, *answers[index + 1 :])] is not value
    }


@given(partly_answered())
def test_exactly_the_questions_that_can_change_the_outcome_are_asked(given_tree):
    tree, findings = given_tree
    asked = questions(tree, findings)
    assert len(asked) == len(set(asked))
    assert set(asked) == brute_force(tree, findings)


@given(partly_answered())
def test_nothing_is_asked_exactly_when_the_outcome_is_known(given_tree):
    tree, findings = given_tree
    assert (questions(tree, findings) == ()) is (value_of(tree, findings) is not UNKNOWN)


@given(partly_answered(), st.data())
def test_answering_in_order_always_ends_and_never_asks_in_vain(given_tree, data):
    tree, findings = given_tree
    findings = dict(findings)
    while asked := questions(tree, findings):
        assert findings[asked[0]] is UNKNOWN
        findings[asked[0]] = data.draw(st.sampled_from([MET, NOT_MET]))
    assert value_of(tree, findings) is not UNKNOWN


def asked_on_average(tree, findings, likelihood, order=None):
    """Walk every way the answers may fall and count the questions, each as likely as it is."""
    asked = questions(tree, findings, likelihood=likelihood)
    if not asked:
        return 0.0
    key = asked[0] if order is None else next(one for one in order if one in asked)
    chance = likelihood[key]
    return 1 + sum(
        share * asked_on_average(tree, findings | {key: value}, likelihood, order)
        for value, share in ((MET, chance), (NOT_MET, 1 - chance))
    )


@given(st.lists(st.integers(1, 19), min_size=1, max_size=5), st.data())
def test_in_one_group_no_fixed_order_asks_fewer_questions(twentieths, data):
    keys = [str(number) for number in range(len(twentieths))]
    tree = group(Mode.AT_LEAST, *(leaf(key) for key in keys), count=data.draw(st.integers(1, len(keys))))
    likelihood = {key: number / 20 for key, number in zip(keys, twentieths, strict=True)}
    ours = asked_on_average(tree, {}, likelihood)
    best = min(asked_on_average(tree, {}, likelihood, order) for order in permutations(keys))
    assert ours <= best + 1e-9


@given(trees(6))
def test_the_expected_cost_of_all_or_any_is_what_asking_takes(tree):
    flat = group(Mode.ANY, *leaves_of(tree))
    likelihood = {one.key: 0.3 for one in leaves_of(tree)}
    assert expected_cost(flat, {}, likelihood=likelihood) == pytest.approx(asked_on_average(flat, {}, likelihood))


TREE = group(
    Mode.ALL,
    leaf("1"),
    group(Mode.ANY, leaf("2a"), leaf("2b")),
    group(Mode.AT_LEAST, leaf("3a"), leaf("3b"), leaf("3c"), count=2),
    group(Mode.NOT, leaf("4")),
)


def test_a_met_alternative_closes_its_branch():
    assert set(questions(TREE, {"2a": MET, "3a": MET, "3b": MET})) == {"1", "4"}
    assert set(questions(TREE, {"2b": NOT_MET})) == {"1", "2a", "3a", "3b", "3c", "4"}


def test_one_requirement_that_is_not_met_ends_the_asking():
    assert questions(TREE, {"1": NOT_MET}) == ()
    assert questions(TREE, {"4": MET}) == ()


def test_the_likely_obstacle_is_asked_first_and_the_likely_alternative():
    likely = {"1": 0.9, "2a": 0.2, "2b": 0.7, "4": 0.6}
    asked = questions(TREE, {"3a": MET, "3b": MET}, likelihood=likely)
    assert asked == ("4", "2b", "2a", "1")


def test_a_criterion_that_takes_many_questions_comes_later():
    two = group(Mode.ALL, leaf("a"), leaf("b"))
    assert questions(two, {}, costs={"a": 3}) == ("b", "a")


@cache
def _large():
    return group(Mode.ALL, *(group(Mode.ANY, leaf(f"{n}a"), leaf(f"{n}b")) for n in range(200)))


def test_a_large_tree_is_no_burden():
    assert len(questions(_large(), {})) == 400
