from hypothesis import given
from hypothesis import strategies as st

from openum.criteria.tree import Group, Leaf, Mode, Text, branches_not_taken, leaves_of, value_of
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


@st.composite
def trees(draw, depth=3):
    if depth == 0 or draw(st.booleans()):
        return leaf(str(draw(st.integers(0, 5))))
    children = draw(st.lists(trees(depth=depth - 1), min_size=1, max_size=3))
    return group(draw(st.sampled_from(Mode)), *children)


FINDINGS = st.dictionaries(st.integers(0, 5).map(str), st.sampled_from(FindingValue))


@given(trees(), FINDINGS)
def test_a_known_answer_never_changes_when_unknowns_are_learned(tree, findings):
    before = value_of(tree, findings)
    for key in {one.key for one in leaves_of(tree)}:
        if findings.get(key, UNKNOWN) is UNKNOWN:
            for value in (MET, NOT_MET):
                after = value_of(tree, findings | {key: value})
                assert before in (UNKNOWN, after)


@given(trees(), FINDINGS)
def test_without_any_not_met_criterion_a_tree_is_never_not_met(tree, findings):
    kept = {key: value for key, value in findings.items() if value is not NOT_MET}
    assert value_of(tree, kept) is not NOT_MET
