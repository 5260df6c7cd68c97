"""The adviser and the ledger by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openum.programme.rules.asked import Result
from openum.programme.rules.worth import (
    Advice,
    Asking,
    Effort,
    Profile,
    Standing,
    Terms,
    ledger,
    wanting,
    weigh,
)
from openum.programme.worth import worth

MRI = ("CPT", "72148")
TERMS = Terms(least_decided=10, approved_percent=90, stood_percent=5, least_minutes=5)
EFFORT = Effort(minutes={"LineReferred": 5, "LineDecided": 6}, cents={"LineReferred": 100, "LineDecided": 300})
PROFILE = Profile(
    key="p", lines_of_business=frozenset({"erisa_group"}), days=365, approved_percent=90, least=5, source="", source_verified=False
)  # fmt: skip
WORK = {"LineReferred": Fraction(1), "LineDecided": Fraction(1, 2), "DocumentOpened": Fraction(9)}


def asking(result=Result.APPROVED, **changes):
    held = {"service": MRI, "line_of_business": "erisa_group", "npi": "9000002904", "result": result}
    return Asking(**(held | changes))


def only(rows, kept=()):
    (row,) = weigh(rows, terms=TERMS, effort=EFFORT, kept=kept)
    return row


DENIED, WON = asking(Result.DENIED), asking(Result.DENIED, overturned=True)


@pytest.mark.parametrize(
    ("rows", "kept", "advice"),
    [
        ([asking(acts=WORK)] * 10, (), Advice.REMOVE),
        ([asking(acts=WORK)] * 9, (), Advice.TOO_FEW),
        ([asking(acts=WORK)] * 9 + [asking(Result.UNDECIDED)], (), Advice.TOO_FEW),
        ([asking(by_machine=True)] * 10, (), Advice.BY_RULE),
        ([asking(acts=WORK)] * 8 + [WON, WON], (), Advice.KEEP),
        ([asking(acts=WORK)] * 9 + [WON], (), Advice.REMOVE),
        ([asking(acts=WORK)] * 9 + [DENIED], (), Advice.KEEP),
        ([asking(acts=WORK)] * 19 + [DENIED], (), Advice.REMOVE),
        ([asking(acts=WORK)] * 10, (("CPT", "721"),), Advice.KEPT_BY_POLICY),
        ([asking(acts=WORK)] * 10, (("HCPCS", "721"),), Advice.REMOVE),
    ],
)
def test_a_requirement_goes_when_it_brings_no_refusal_that_stands_and_costs_work(rows, kept, advice):
    assert only(rows, kept).advice is advice


def test_work_and_cost_of_a_service():
    row = only([asking(acts=WORK)] * 9 + [DENIED, WON, asking(Result.DRUG), asking(Result.DUPLICATE)])
    assert (row.asked, row.decided, row.approved, row.refused, row.overturned, row.stood) == (11, 11, 9, 2, 1, 1)
    assert row.minutes == 9 * (5 + 3)
    assert row.cents == 9 * (500 + 900)
    assert row.cents_per_stood == 12_600
    assert (row.approved_percent, row.stood_percent) == ("81.82", "9.09")
    assert only([asking()]).cents_per_stood is None


def test_laws_are_weighed_apart_and_the_clearest_comes_first():
    rows = [asking()] * 3 + [asking(acts=WORK, line_of_business="medicare_advantage")] * 10
    assert [row.line_of_business for row in weigh(rows, terms=TERMS, effort=EFFORT, kept=())] == [
        "medicare_advantage", "erisa_group",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "standing", "more"),
    [
        ([asking()] * 61 + [DENIED] * 2, Standing.QUALIFIES, 0),
        ([asking()] * 4, Standing.TOO_FEW, 1),
        ([asking()] * 9 + [DENIED], Standing.QUALIFIES, 0),
        ([asking()] * 8 + [DENIED], Standing.BELOW, 1),
        ([asking()] * 4 + [DENIED], Standing.BELOW, 5),
        ([asking()] * 4 + [WON], Standing.QUALIFIES, 0),
        ([asking()] * 5 + [asking(Result.DENIED, appeal_open=True)], Standing.QUALIFIES, 0),
        ([asking()] * 5 + [asking(Result.PARTLY)], Standing.BELOW, 4),
        ([DENIED], Standing.BELOW, 9),
    ],
)
def test_how_near_a_provider_is(rows, standing, more):
    (row,) = ledger(rows, profile=PROFILE)
    assert (row.standing, row.more) == (standing, more)


def test_what_the_ledger_leaves_out():
    assert (
        ledger([asking(npi=""), asking(line_of_business="chip_ffs"), asking(Result.WITHDRAWN)], profile=PROFILE) == []
    )
    (row,) = ledger([asking(), asking(Result.UNDECIDED)], profile=PROFILE, exempt=[("9000002904", MRI)])
    assert (row.standing, row.counted, row.waiting) == (Standing.EXEMPT, 1, 1)


@given(approved=st.integers(0, 60), refused=st.integers(0, 30))
def test_so_many_further_approvals_suffice_and_one_less_does_not(approved, refused):
    more = wanting(approved, approved + refused, PROFILE)

    def suffices(further):
        n = approved + refused + further
        return n >= PROFILE.least and (approved + further) * 100 >= PROFILE.approved_percent * n

    assert suffices(more)
    assert more == 0 or not suffices(more - 1)


def test_the_published_terms_can_be_read():
    held = worth()
    assert held.terms.least_decided >= held.profiles[0].least
    assert set(held.effort.minutes) == set(held.effort.cents)
