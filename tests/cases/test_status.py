"""The status table: what may follow, who may do it, what the case shows."""

import pytest

from openum.cases.rules import (
    ADVERSE_STATUSES,
    OPEN_STATUSES,
    STATUS_TABLE,
    IllegalTransition,
    MachineMayNot,
    case_status,
    check_actor_may_set,
    check_transition,
    timing_of,
)
from openum.vocabulary.terms import LineStatus as S
from openum.vocabulary.terms import Timing


def test_every_status_has_words_for_staff_requester_and_member():
    assert set(STATUS_TABLE) == set(S)
    for row in STATUS_TABLE.values():
        assert row.staff
        assert row.requester
        assert row.member
        assert row.owner
        assert row.shape


@pytest.mark.parametrize("current", list(S))
@pytest.mark.parametrize("target", list(S))
def test_a_status_follows_only_where_the_table_says_so(current, target):
    if target in STATUS_TABLE[current].may_become:
        check_transition(current=current, target=target)
    else:
        with pytest.raises(IllegalTransition, match="cannot become"):
            check_transition(current=current, target=target)


@pytest.mark.parametrize(
    "target", sorted(set(S) - {S.RECEIVED, S.APPROVED, S.EXPIRED} - (OPEN_STATUSES - {S.REOPENED}))
)
def test_software_may_only_approve_pend_and_expire(target):
    with pytest.raises(MachineMayNot):
        check_actor_may_set(target=target, by_machine=True)


@pytest.mark.parametrize(
    ("target", "by_machine", "is_requesters_own_act"),
    [
        (S.DENIED, False, False),
        (S.APPROVED, True, False),
        (S.WITHDRAWN, True, True),
        (S.WITHDRAWN, False, False),
    ],
)
def test_a_person_may_and_software_may_what_is_named(target, by_machine, is_requesters_own_act):
    assert (
        check_actor_may_set(target=target, by_machine=by_machine, is_requesters_own_act=is_requesters_own_act) is None
    )


@pytest.mark.parametrize("target", sorted(ADVERSE_STATUSES))
def test_no_word_of_the_requester_lets_software_refuse(target):
    with pytest.raises(MachineMayNot):
        check_actor_may_set(target=target, by_machine=True, is_requesters_own_act=True)


def test_open_work_can_always_be_decided_or_withdrawn():
    for status in OPEN_STATUSES:
        assert {S.APPROVED, S.DENIED, S.WITHDRAWN} <= STATUS_TABLE[status].may_become


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ([], S.RECEIVED),
        ([S.APPROVED, S.PENDED_WITH_PROVIDER], S.PENDED_WITH_PROVIDER),
        ([S.APPROVED, S.DENIED], S.PARTIALLY_APPROVED),
        ([S.DENIED, S.DENIED], S.DENIED),
        ([S.APPROVED, S.APPROVED], S.APPROVED),
        ([S.APPROVED, S.CANCELLED], S.APPROVED),
        ([S.WITHDRAWN, S.CANCELLED], S.CANCELLED),
        ([S.PENDED_WITH_PAYER, S.PENDED_WITH_PHYSICIAN], S.PENDED_WITH_PHYSICIAN),
    ],
)
def test_the_case_status_is_derived_from_its_lines(lines, shown):
    assert case_status(lines) == shown


@pytest.mark.parametrize(
    ("start", "end", "timing"),
    [
        (None, None, Timing.PROSPECTIVE),
        (0, 0, Timing.PROSPECTIVE),
        (-3, -1, Timing.RETROSPECTIVE),
        (-3, 0, Timing.CONCURRENT),
        (-3, None, Timing.CONCURRENT),
        (5, 9, Timing.PROSPECTIVE),
    ],
)
def test_timing_comes_from_service_and_receipt_dates(start, end, timing):
    assert timing_of(service_start_days=start, service_end_days=end) == timing
