"""Days of advance notice, and forms that are handed over: in time, late, refused, by telephone. Table tests, each naming its law."""

from datetime import UTC, date, datetime

import pytest

from openum.cases.sensitive import Sensitive, is_minor
from openum.determination.ending import EndingGround as G
from openum.determination.ending import NoGroundToEnd, NotAnEarlierEnd, NoticeTooShort, check_may_end
from openum.notices.handing import (
    Handing,
    HandingIncomplete,
    HandingWay,
    check_handing,
    copy_window,
    coverage_notice_due,
    covered_until,
    first_message_due,
    observation_notice_due,
)
from openum.notices.privacy import CopyFor, copies
from openum.vocabulary.terms import LineOfBusiness as L
from tests.notices import examples

ZONE = "America/New_York"
TOLD = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("line", "ground", "days", "law"),
    [
        (L.MEDICAID_MANAGED_CARE, G.NOT_NEEDED_NOW, 10, "431.211"),
        (L.CHIP_FFS, G.GOOD_CAUSE, 10, "431.211"),
        (L.MEDICAID_MANAGED_CARE, G.FRAUD, 5, "431.214"),
        (L.MEDICAID_MANAGED_CARE, G.MEMBER_WISH, 0, "431.213"),
        (L.MEDICARE_ADVANTAGE, G.GOOD_CAUSE, 2, "422.138(c)"),
        (L.MEDICARE_PART_D, G.GOOD_CAUSE, 30, "423.578(c)(4)"),
        (L.MEDICARE_PART_D, G.FRAUD, 2, "423.1980"),
        (L.ERISA_GROUP, G.NOT_NEEDED_NOW, 30, "2560.503-1(f)(2)(ii)(A)"),
        (L.COMMERCIAL_STATE, G.FRAUD, 30, "147.128"),
    ],
)
def test_an_approval_ends_only_after_the_days_that_the_law_gives(line, ground, days, law):
    first = date.fromordinal(TOLD.toordinal() + days)
    assert law in check_may_end(line, ground, last_day=first, ends_now=date(2027, 3, 1), told_on=TOLD)
    with pytest.raises(NoticeTooShort, match=first.isoformat()):
        check_may_end(
            line, ground, last_day=date.fromordinal(first.toordinal() - 1), ends_now=date(2027, 3, 1), told_on=TOLD
        )


@pytest.mark.parametrize(
    ("line", "law"), [(L.MEDICARE_ADVANTAGE, r"422\.138\(c\)"), (L.MEDICARE_PART_D, r"423\.578\(c\)\(4\)")]
)
def test_medicare_has_no_end_because_care_is_judged_unneeded(line, law):
    with pytest.raises(NoGroundToEnd, match=law):
        check_may_end(line, G.NOT_NEEDED_NOW, last_day=date(2027, 1, 1), ends_now=None, told_on=TOLD)


def test_a_later_day_is_no_earlier_end():
    with pytest.raises(NotAnEarlierEnd, match="earlier day"):
        check_may_end(L.ERISA_GROUP, G.GOOD_CAUSE, last_day=date(2027, 1, 1), ends_now=date(2027, 1, 1), told_on=TOLD)


def at(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def handing(**facts):
    given = {
        "at": at(20, 15), "way": HandingWay.IN_PERSON, "handed_to": "Ada Example", "to_representative": False,
        "signed_at": at(20, 15),
    }  # fmt: skip
    return Handing(**(given | facts))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"handed_to": " "}, "to whom"),
        ({"signed_at": None}, "signed or refused"),
        ({"refused_at": at(20, 15)}, "not both"),
        ({"signed_at": None, "refused_at": at(20, 15)}, "who noted"),
        ({"way": HandingWay.TELEPHONE, "signed_at": None}, "only a representative"),
        ({"way": HandingWay.TELEPHONE, "signed_at": None, "to_representative": True}, "who made the call"),
        (
            {"way": HandingWay.TELEPHONE, "signed_at": None, "to_representative": True, "witness": "Nurse Day"},
            "posted on the same day",
        ),
    ],
)
def test_a_record_that_proves_nothing_is_refused(facts, words):
    with pytest.raises(HandingIncomplete, match=words):
        check_handing(handing(**facts), zone=ZONE)


def test_signed_refused_and_told_by_telephone_are_proof():
    check_handing(handing(), zone=ZONE)
    check_handing(handing(signed_at=None, refused_at=at(20, 15), witness="Nurse Day"), zone=ZONE)
    check_handing(
        handing(
            way=HandingWay.TELEPHONE, signed_at=None, to_representative=True, witness="Nurse Day",
            mailed_on=date(2026, 11, 20),
        ),
        zone=ZONE,
    )  # fmt: skip


def test_the_end_of_coverage_is_told_two_days_before():
    """42 CFR 422.624(b)(1)."""
    assert coverage_notice_due(date(2026, 11, 24), ZONE).date() == date(2026, 11, 22)
    assert covered_until(date(2026, 11, 24), handed_on=date(2026, 11, 22)) == date(2026, 11, 24)
    assert covered_until(date(2026, 11, 24), handed_on=date(2026, 11, 23)) == date(2026, 11, 25)
    assert covered_until(date(2026, 11, 24), handed_on=None) == date(2026, 11, 24)


def test_the_important_message_comes_within_two_days_and_again_before_discharge():
    """42 CFR 422.620(b), (c)."""
    admitted = at(18, 3)  # late on the 17th in the zone
    assert first_message_due(admitted, ZONE).date() == date(2026, 11, 19)
    leaves = at(24, 19)
    window = copy_window(leaves, first_handed_at=at(18, 15), zone=ZONE)
    assert window is not None
    assert window.opens.date() == date(2026, 11, 22)
    assert window.closes == at(24, 15)
    assert copy_window(leaves, first_handed_at=at(22, 15), zone=ZONE) is None


@pytest.mark.parametrize(
    ("ended", "due"),
    [
        (None, at(19, 22)),  # 36 hours after it began
        (at(20, 10), at(19, 22)),
        (at(19, 16), at(19, 16)),  # sooner at discharge, transfer or admission
        (at(19, 10, 1), at(19, 10, 1)),
        (at(19, 10), None),  # not for more than 24 hours
    ],
)
def test_an_observation_notice_is_owed_after_a_day_and_given_within_36_hours(ended, due):
    """42 CFR 489.20(y)."""
    assert observation_notice_due(at(18, 10), ended_at=ended) == due


def test_an_observation_notice_is_explained_by_word_of_mouth():
    """42 CFR 489.20(y)."""
    with pytest.raises(HandingIncomplete, match="word of mouth"):
        check_handing(handing(), zone=ZONE, is_explained_orally=True)
    check_handing(handing(is_explained=True), zone=ZONE, is_explained_orally=True)


def test_a_parent_hears_all_but_what_the_minor_decides_alone():
    """45 CFR 164.502(g)(3), 164.522(b)."""
    assert [each.whose for each in copies(is_a_minor=False, is_confidential=False, groups={1: "mental-health"})] == [
        CopyFor.MEMBER
    ]
    assert [each.whose for each in copies(is_a_minor=True, is_confidential=False, groups={1: ""})] == [CopyFor.GUARDIAN]
    assert [each.whose for each in copies(is_a_minor=True, is_confidential=True, groups={1: ""})] == [CopyFor.MEMBER]
    assert [each.whose for each in copies(is_a_minor=True, is_confidential=False, groups={1: "gender"})] == [
        CopyFor.MEMBER
    ]
    own, parents = copies(is_a_minor=True, is_confidential=False, groups={1: "gender", 2: ""})
    assert (own.hides, parents.hides) == (frozenset(), frozenset({1}))


@pytest.mark.parametrize(
    ("code", "diagnoses", "group"),
    [
        ("27447", ["M17.11"], ""),
        ("H0015", ["M17.11"], "substance-use"),
        ("27447", ["M17.11", "F32.1"], "mental-health"),
        ("T1019", ["O80"], "reproductive-health"),
        ("T1019", ["Z30.09"], "reproductive-health"),
        ("T1019", ["B20"], "sexual-health"),
        ("T1019", [], ""),
    ],
)
def test_services_that_only_the_member_hears_of_are_a_published_list(code, diagnoses, group):
    listed = Sensitive.parse(examples.body("sensitive-services", "sensitive-services"))
    assert listed.group_of(code=code, diagnoses=diagnoses) == group


def test_a_birthday_ends_the_minority():
    assert is_minor(date(2008, 11, 21), on=date(2026, 11, 20), adult_from_years=18)
    assert not is_minor(date(2008, 11, 21), on=date(2026, 11, 21), adult_from_years=18)
    assert not is_minor(None, on=date(2026, 11, 21), adult_from_years=18)
