"""Agreement by hand: published examples and the edges of what can be said."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openum.agreement.rules.measuring import (
    Band,
    Marks,
    Verdict,
    agreement,
    band_of,
    is_to_be_read_again,
    verdict,
)
from openum.agreement.terms import terms

MARKS = Marks(
    agreement=Fraction(9, 10), kappa=Fraction(4, 5), corrective_agreement=Fraction(85, 100), corrective_kappa=Fraction(7, 10),
    read_again_below=Fraction(3, 5),
)  # fmt: skip
GRANTS = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
"""Fifty grants read by two people: 20 both yes, 15 both no. By hand: 35/50 agree, chance 1/2, kappa 2/5."""
FLEISS = [
    (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1), (7, 7, 0, 0, 0), (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
]  # fmt: skip
"""Ten subjects, fourteen readers, five words: how many readers chose each. Kappa 0.210."""


def test_two_readers_by_hand():
    found = agreement(GRANTS)
    assert (found.items, found.readers, found.observed, found.kappa) == (50, 2, Fraction(7, 10), Fraction(2, 5))
    assert found.prevalence == {"n": Fraction(45, 100), "y": Fraction(55, 100)}
    assert found.band is Band.FAIR


def test_many_readers_by_hand():
    rows = [[word for word, n in zip("abcde", counts, strict=True) for _ in range(n)] for counts in FLEISS]
    found = agreement(rows)
    assert (found.items, found.readers) == (10, 14)
    assert round(float(found.observed), 3) == 0.378
    assert round(float(found.kappa), 3) == 0.210


def test_where_all_answer_alike_throughout_there_is_no_kappa():
    found = agreement([("y", "y"), ("y", "y")])
    assert (found.observed, found.kappa, found.band) == (1, None, None)
    assert verdict(found, MARKS) is Verdict.PASSED
    assert not is_to_be_read_again(found, MARKS)


def test_nothing_is_said_of_nothing():
    found = agreement([])
    assert (found.items, found.observed, found.kappa) == (0, None, None)
    assert verdict(found, MARKS) is Verdict.NOTHING_TO_SAY
    assert not is_to_be_read_again(found, MARKS)
    for rows in ([("y",)], [("y", "n"), ("y",)]):
        with pytest.raises(ValueError, match="two readers"):
            agreement(rows)


@pytest.mark.parametrize(
    ("rows", "result"),
    [
        ([("y", "y")] * 10 + [("n", "n")] * 9 + [("y", "n")], Verdict.PASSED),
        ([("y", "y")] * 9 + [("n", "n")] * 8 + [("y", "n")] * 3, Verdict.WATCH),
        (GRANTS, Verdict.CORRECT),
    ],
)
def test_what_follows(rows, result):
    assert verdict(agreement(rows), MARKS) is result


@pytest.mark.parametrize(
    ("kappa", "band"),
    [
        ("-0.01", Band.NONE), ("0", Band.SLIGHT), ("0.2", Band.SLIGHT), ("0.21", Band.FAIR), ("0.4", Band.FAIR),
        ("0.6", Band.MODERATE), ("0.61", Band.SUBSTANTIAL), ("0.8", Band.SUBSTANTIAL), ("0.81", Band.ALMOST_PERFECT),
        ("1", Band.ALMOST_PERFECT),
    ],
)  # fmt: skip
def test_the_words_of_landis_and_koch(kappa, band):
    assert band_of(Fraction(kappa)) is band


@given(
    st.integers(2, 5).flatmap(lambda n: st.lists(st.lists(st.sampled_from("abc"), min_size=n, max_size=n), min_size=1))
)
def test_agreement_does_not_depend_on_the_order_of_items_and_is_bounded(rows):
    found = agreement(rows)
    assert agreement(rows[::-1]) == found
    assert 0 <= found.observed <= 1
    assert sum(found.prevalence.values()) == 1
    assert found.kappa is None or -1 <= found.kappa <= 1
    assert found.observed != 1 or found.kappa in {1, None}


def test_the_published_terms_can_be_read():
    assert terms().marks == MARKS
