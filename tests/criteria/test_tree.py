from hypothesis import given
from hypothesis import strategies as st

from openum.criteria.tree import (
    Group,
    Leaf,
    Mode,
    Text,
    branches_not_taken,
    leaves_of,
    unwanted_leaves,
    value_of,
)
from openum.vocabulary.terms import FindingValue

MET, NOT_MET, UNKNOWN = FindingValue.MET, FindingValue.NOT_MET, FindingValue.UNKNOWN
NOTHING = Text("")


def leaf(key):
    return Leaf(key, key, NOTHING, NOTHING, NOTHING, ())


def group(mode, *children, key=""):
    return Group(key, mode, children)


TREE = group(
    Mode.ALL,
    leaf("1"),
    group(Mode.ANY, leaf("2a"), group(Mode.ALL, leaf("2b"), leaf("2c"), key="2x"), key="2"),
)


def test_all_is_met_only_when_every_criterion_is_met():
    two = group(Mode.ALL, leaf("a"), leaf("b"))
    assert value_of(two, {"a": MET, "b": MET}) is MET
    assert value_of(two, {"a": MET, "b": UNKNOWN}) is UNKNOWN
    assert value_of(two, {"a": UNKNOWN, "b": NOT_MET}) is NOT_MET
    assert value_of(two, {"a": MET}) is UNKNOWN


def test_any_is_not_met_only_when_every_alternative_is_not_met():
    two = group(Mode.ANY, leaf("a"), leaf("b"))
    assert value_of(two, {"a": NOT_MET, "b": NOT_MET}) is NOT_MET
    assert value_of(two, {"a": NOT_MET, "b": UNKNOWN}) is UNKNOWN
    assert value_of(two, {"a": UNKNOWN, "b": MET}) is MET
    assert value_of(two, {}) is UNKNOWN


def test_alternatives_beside_a_met_one_are_shown_as_not_applicable():
    assert branches_not_taken(TREE, {"2a": MET}) == {"2x", "2b", "2c"}
    assert branches_not_taken(TREE, {"2b": MET, "2c": MET}) == {"2a"}
    assert branches_not_taken(TREE, {"2b": MET}) == set()
    assert branches_not_taken(TREE, {"2a": MET, "2b": MET, "2c": MET}) == set()


def at_least(count, *children, key=""):
    return Group(key, Mode.AT_LEAST, children, count=count)


def test_at_least_counts_the_met_ones_and_what_can_still_become_met():
    two = at_least(2, leaf("a"), leaf("b"), leaf("c"))
    assert value_of(two, {"a": MET, "c": MET}) is MET
    assert value_of(two, {"a": MET}) is UNKNOWN
    assert value_of(two, {"a": MET, "b": NOT_MET}) is UNKNOWN
    assert value_of(two, {"a": NOT_MET, "b": NOT_MET}) is NOT_MET


def test_not_turns_its_child_round_and_leaves_unknown_unknown():
    turned = group(Mode.NOT, leaf("a"))
    assert [value_of(turned, {"a": value}) for value in (MET, NOT_MET, UNKNOWN)] == [NOT_MET, MET, UNKNOWN]


def test_what_enough_others_met_is_shown_as_not_applicable():
    two = at_least(2, leaf("a"), leaf("b"), leaf("c"))
    assert branches_not_taken(two, {"a": MET, "b": MET, "c": NOT_MET}) == {"c"}
    assert branches_not_taken(two, {"a": MET, "c": NOT_MET}) == set()


def test_below_not_the_reasons_that_are_enough_are_the_ones_not_met():
    neither = group(Mode.NOT, group(Mode.ALL, leaf("a"), leaf("b"), key="x"), key="n")
    assert branches_not_taken(neither, {"a": NOT_MET}) == {"b"}
    assert branches_not_taken(neither, {"a": MET}) == set()
    assert unwanted_leaves(group(Mode.ALL, neither, leaf("c"))) == {"a", "b"}
    assert unwanted_leaves(group(Mode.NOT, neither)) == set()


@st.composite
def trees(draw, depth=3, modes=tuple(Mode)):
    if depth == 0 or draw(st.booleans()):
        return leaf(str(draw(st.integers(0, 5))))
    children = draw(st.lists(trees(depth=depth - 1, modes=modes), min_size=1, max_size=3))
    mode = draw(st.sampled_from(modes))
    if mode is Mode.NOT:
        children = children[:1]
    return Group("", mode, tuple(children), count=draw(st.integers(1, len(children))) if mode is Mode.AT_LEAST else 0)


FINDINGS = st.dictionaries(st.integers(0, 5).map(str), st.sampled_from(FindingValue))


@given(trees(), FINDINGS)
def test_a_known_answer_never_changes_when_unknowns_are_learned(tree, findings):
    before = value_of(tree, findings)
    for key in {one.key for one in leaves_of(tree)}:
        if findings.get(key, UNKNOWN) is UNKNOWN:
            for value in (MET, NOT_MET):
                after = value_of(tree, findings | {key: value})
                assert before in (UNKNOWN, after)


@given(trees(modes=(Mode.ALL, Mode.ANY, Mode.AT_LEAST)), FINDINGS)
def test_without_not_and_any_not_met_criterion_a_tree_is_never_not_met(tree, findings):
    kept = {key: value for key, value in findings.items() if value is not NOT_MET}
    assert value_of(tree, kept) is not NOT_MET


@given(st.lists(st.sampled_from(FindingValue), min_size=1, max_size=5))
def test_all_and_any_are_at_least_of_every_and_of_one(values):
    children = [leaf(str(number)) for number in range(len(values))]
    findings = {str(number): value for number, value in enumerate(values)}
    assert value_of(group(Mode.ALL, *children), findings) is value_of(at_least(len(values), *children), findings)
    assert value_of(group(Mode.ANY, *children), findings) is value_of(at_least(1, *children), findings)
