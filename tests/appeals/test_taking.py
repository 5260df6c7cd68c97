"""Taking an appeal in and deciding it, as tables: who is named, speed, dismissal, early reversal, panels. No database."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from openum.appeals.rules.deciding import (
    CauseMissing,
    NothingNew,
    PanelOpen,
    PanelSize,
    PartIsWrong,
    check_cause,
    check_is_new,
    check_panel,
    check_panel_size,
    check_part,
    panel_result,
)
from openum.appeals.rules.filing import (
    DismissalFinal,
    DismissalNotFounded,
    FilerNotNamed,
    Filing,
    GoodCauseMissing,
    Ground,
    NoSpecialtyReview,
    NothingToAppeal,
    SpeedAnswer,
    SpeedMustBeGranted,
    add_months,
    check_may_dismiss,
    check_may_refuse_speed,
    check_may_vacate,
    check_specialty_review,
    form_is_valid,
    take,
)
from openum.appeals.rules.law import OUTSIDE, Body, Filer, Form, NoAppealLaw
from openum.appeals.rules.states import AppealState, Outcome
from tests.appeals.test_rules import TODAY, law

FILING = Filing(
    filer=Filer.MEMBER, name="", wants_speed=False, clinician_supports=False, is_after=False, has_valid_form=False,
    is_late=False,
)  # fmt: skip
WAITS, LATE, OPEN = AppealState.WAITING_FOR_FORM, AppealState.LATE_FILING, AppealState.OPEN


def refuses(error, *, when):
    return pytest.raises(error) if when else nullcontext()


@pytest.mark.parametrize(
    ("changes", "state", "speed"),
    [
        ({}, OPEN, SpeedAnswer.NOT_ASKED),
        ({"is_late": True}, LATE, SpeedAnswer.NOT_ASKED),
        ({"filer": Filer.REPRESENTATIVE, "name": "A"}, WAITS, SpeedAnswer.NOT_ASKED),
        ({"filer": Filer.REPRESENTATIVE, "name": "A", "is_late": True}, WAITS, SpeedAnswer.NOT_ASKED),
        ({"filer": Filer.REPRESENTATIVE, "name": "A", "has_valid_form": True}, OPEN, SpeedAnswer.NOT_ASKED),
        ({"wants_speed": True}, OPEN, SpeedAnswer.TO_DECIDE),
        ({"wants_speed": True, "clinician_supports": True}, OPEN, SpeedAnswer.GRANTED),
        ({"wants_speed": True, "is_after": True}, OPEN, SpeedAnswer.REFUSED),
    ],
)
def test_nothing_is_turned_away_at_the_door(changes, state, speed):
    taken = take(law("commercial_state"), replace(FILING, **changes))
    assert (taken.state, taken.speed) == (state, speed)


def test_who_acts_for_the_member_is_named_and_has_a_row():
    with pytest.raises(FilerNotNamed):
        take(law("commercial_state"), replace(FILING, filer=Filer.REPRESENTATIVE, name=" "))
    urgent = replace(FILING, filer=Filer.OUTSIDE_PROVIDER, name="A", wants_speed=True)
    assert take(law("erisa_group"), urgent).form.form is Form.NONE  # 29 CFR 2560.503-1(b)(4)
    assert take(law("erisa_group"), replace(urgent, wants_speed=False)).state is WAITS
    with pytest.raises(NoAppealLaw):
        replace(law("erisa_group"), forms=()).form_for(Filer.MEMBER, is_urgent=False, is_after=False)


@pytest.mark.parametrize(
    ("filer", "cause", "refused"),
    [
        (Filer.CLINICIAN, "A spine surgeon should see it.", False),
        (Filer.OUTSIDE_PROVIDER, "A spine surgeon should see it.", False),
        (Filer.CLINICIAN, " ", True),
        (Filer.MEMBER, "A spine surgeon should see it.", True),
    ],
)
def test_a_provider_asks_for_a_specialty_review_with_good_cause_tex_ins_code_4201_356_b(filer, cause, refused):
    with refuses(NoSpecialtyReview, when=refused):
        check_specialty_review(filer=filer, good_cause=cause)


@pytest.mark.parametrize(
    ("supports", "answer", "error"),
    [
        (False, SpeedAnswer.TO_DECIDE, None),
        (True, SpeedAnswer.TO_DECIDE, SpeedMustBeGranted),
        (False, SpeedAnswer.GRANTED, NothingToAppeal),
        (False, SpeedAnswer.NOT_ASKED, NothingToAppeal),
    ],
)
def test_speed_is_refused_only_where_it_waits_for_an_answer(supports, answer, error):
    with pytest.raises(error) if error else nullcontext():
        check_may_refuse_speed(law("medicare_advantage"), clinician_supports=supports, answer=answer)


def test_a_paper_holds_from_its_own_day_and_one_without_months_for_ever():
    year = law("medicare_advantage").form_for(Filer.REPRESENTATIVE, is_urgent=False, is_after=False)
    paper = law("medicare_advantage").form_for(Filer.GUARDIAN, is_urgent=False, is_after=False)
    none = law("medicare_advantage").form_for(Filer.MEMBER, is_urgent=False, is_after=False)
    assert form_is_valid(none, signed_on=None, on=TODAY) is True
    assert form_is_valid(year, signed_on=TODAY, on=TODAY)
    assert form_is_valid(paper, signed_on=date(2001, 1, 1), on=TODAY)
    assert not form_is_valid(paper, signed_on=None, on=TODAY)


@pytest.mark.parametrize(
    ("ground", "state", "due", "words", "refused"),
    [
        (Ground.NO_STANDING, WAITS, date(2026, 11, 15), "It did not come.", False),
        (Ground.NO_STANDING, WAITS, TODAY, "It did not come.", True),
        (Ground.NO_STANDING, WAITS, None, "It did not come.", False),
        (Ground.NO_STANDING, OPEN, date(2026, 11, 15), "It did not come.", True),
        (Ground.NO_STANDING, WAITS, date(2026, 11, 15), " ", True),
        (Ground.LATE, LATE, None, "Late.", False),
        (Ground.LATE, OPEN, None, "Late.", True),
        (Ground.NOT_ELIGIBLE, AppealState.PRELIMINARY, None, "Not open.", False),
        (Ground.NOT_ELIGIBLE, OPEN, None, "Not open.", True),
        (Ground.NOT_APPEALABLE, OPEN, None, "A bill.", False),
    ],
)
def test_a_dismissal_rests_on_its_facts(ground, state, due, words, refused):
    with refuses(DismissalNotFounded, when=refused):
        check_may_dismiss(ground=ground, state=state, explanation=words, form_due_on=due, on=TODAY)


def test_a_dismissal_is_taken_back_with_a_reason_within_six_months_42_cfr_422_568_i():
    facts = {"law": law("medicare_advantage"), "dismissed_on": date(2026, 5, 16)}
    check_may_vacate(**facts, on=TODAY, reason="The form was lost here.")
    with pytest.raises(DismissalFinal):
        check_may_vacate(**facts, on=date(2026, 11, 17), reason="The form was lost here.")
    with pytest.raises(GoodCauseMissing):
        check_may_vacate(**facts, on=TODAY, reason=" ")


def test_every_month_ends_on_its_own_last_day():
    ends = [add_months(date(2026, 12, 31), months).day for months in range(1, 13)]
    assert ends == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert [add_months(date(year, 1, 31), 1).day for year in (2000, 2028, 2100)] == [29, 29, 28]


@pytest.mark.parametrize(
    ("outcome", "kind", "words", "refused"),
    [
        (Outcome.UPHELD, "", "", False),
        (Outcome.OVERTURNED, "node", "It is older than the label.", False),
        (Outcome.PARTLY, "step", " ", True),
        (Outcome.OVERTURNED, "luck", "It is older.", True),
        (Outcome.OVERTURNED, "", "", True),
    ],
)
def test_a_reversal_says_what_failed(outcome, kind, words, refused):
    with refuses(CauseMissing, when=refused):
        check_cause(outcome=outcome, kind=kind, words=words)


@pytest.mark.parametrize(
    ("outcome", "units", "asked", "approved", "refused"),
    [
        (Outcome.OVERTURNED, None, None, None, False),
        (Outcome.PARTLY, 6, 8, 4, False),
        (Outcome.PARTLY, 4, 8, 4, True),
        (Outcome.PARTLY, 8, 8, 4, True),
        (Outcome.PARTLY, None, 8, 4, True),
        (Outcome.PARTLY, 6, None, None, False),
        (Outcome.PARTLY, 0, 8, None, True),
    ],
)
def test_a_part_is_more_than_stands_and_less_than_was_asked(outcome, units, asked, approved, refused):
    numbers = {
        name: Decimal(value) if value is not None else None
        for name, value in (("units", units), ("asked", asked), ("approved", approved))
    }
    with refuses(PartIsWrong, when=refused):
        check_part(outcome=outcome, **numbers)


@pytest.mark.parametrize(
    ("came", "met", "has_guideline", "words", "refused"),
    [
        (1, True, True, "The film shows it.", False),
        (1, False, False, "The film shows it.", False),
        (0, True, True, "The film shows it.", True),
        (1, False, True, "The film shows it.", True),
        (1, True, True, " ", True),
    ],
)
def test_an_early_reversal_rests_on_what_is_new(came, met, has_guideline, words, refused):
    with refuses(NothingNew, when=refused):
        check_is_new(came_after=came, all_met=met, has_guideline=has_guideline, rationale=words)


def test_a_panel_is_odd_complete_and_its_tie_is_no():
    check_panel(votes=0, members=0)
    check_panel(votes=3, members=3)
    with pytest.raises(PanelOpen):
        check_panel(votes=2, members=3)
    for members in (1, 2, 4):
        with pytest.raises(PanelSize):
            check_panel_size(members)
    check_panel_size(3)
    assert [panel_result(votes) for votes in ([True, False, True], [True, False, False], [True, False])] == [
        Outcome.OVERTURNED, Outcome.UPHELD, Outcome.UPHELD,
    ]  # fmt: skip


def test_whose_review_is_kept_here_and_after_which_level_a_judge_sits():
    assert set(Body) - OUTSIDE == {Body.PLAN, Body.JUDGE, Body.COUNCIL, Body.COURT}
    assert [law("medicare_advantage").has_judge_after(level) for level in (1, 2, 3)] == [False, True, False]
    assert not law("commercial_state").has_judge_after(2)
