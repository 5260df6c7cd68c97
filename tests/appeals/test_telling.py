"""The answer to a fast appeal told by telephone first: the call that reached meets the fast time and starts the letter's."""

from datetime import timedelta

import pytest

from openum.appeals.rules.law import Body
from openum.appeals.rules.states import IllegalAppealStep
from openum.appeals.services import decide_appeal, enter_review_organization, tell_by_phone
from openum.cases.models import ContactAttempt
from openum.clocks.models import Clock
from openum.vocabulary.errors import Invalid
from tests.appeals import story
from tests.appeals.story import DAY, clock, work

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def decided_fast(world, at, desk, reviewer, *, of=None, verdict=None):
    """A fast appeal, decided, whose letter still waits for the mail house."""
    enter_review_organization(plan=world.plan, body=Body.REVIEW_ENTITY, name="Maple Entity", by=desk, at=at)
    line = story.denied(world, at, of=of or world.member)
    story.by_mail(line.case.member)
    appeal = story.assigned(world, line, at + DAY, reviewer, desk, wants_speed=True, clinician_supports=True)
    decide_appeal(appeal=appeal, verdict=verdict or story.no(line), by=reviewer, at=at + DAY + HOUR)
    return line, appeal


@pytest.mark.parametrize("outcome", ["upheld", "overturned"])
def test_the_call_that_reached_starts_the_time_of_the_letter(world, at, desk, reviewer, outcome):
    verdict = story.yes() if outcome == "overturned" else None
    line, appeal = decided_fast(world, at, desk, reviewer, verdict=verdict)
    told = at + DAY + 2 * HOUR
    tell_by_phone(appeal=appeal, outcome="no answer", person="", by=desk, at=told - HOUR / 2)
    assert clock(appeal, "ma.appeal.expedited").state == "running"
    assert not Clock.objects.filter(request=appeal.request, rule="ma.letter_after_oral_appeal").exists()
    attempt = tell_by_phone(appeal=appeal, outcome="reached", person="the member", by=desk, at=told)
    assert clock(appeal, "ma.appeal.expedited").stopped_at == told
    letter = clock(appeal, "ma.letter_after_oral_appeal")
    assert (letter.state, letter.started_at) == ("running", told)
    assert letter.due_at - told <= 4 * DAY
    work(at + DAY + 3 * HOUR)
    assert clock(appeal, "ma.letter_after_oral_appeal").state == "met"
    assert ContactAttempt.objects.filter(case=line.case).count() == 2
    assert attempt.purpose == "oral notice of an appeal"


def test_the_first_decisions_own_clocks_do_not_hear_of_the_call(world, at, desk, reviewer):
    line, appeal = decided_fast(world, at, desk, reviewer)
    before = list(Clock.objects.filter(request=line.request).order_by("pk").values_list("rule", "state"))
    tell_by_phone(appeal=appeal, outcome="reached", person="the member", by=desk, at=at + DAY + 2 * HOUR)
    assert list(Clock.objects.filter(request=line.request).order_by("pk").values_list("rule", "state")) == before


def test_a_call_after_the_letter_is_kept_and_moves_no_clock(world, at, desk, reviewer):
    line, appeal = decided_fast(world, at, desk, reviewer)
    work(at + DAY + HOUR)
    tell_by_phone(appeal=appeal, outcome="reached", person="the member", by=desk, at=at + DAY + 2 * HOUR)
    assert ContactAttempt.objects.get(case=line.case).outcome == "reached"
    assert not Clock.objects.filter(request=appeal.request, rule="ma.letter_after_oral_appeal").exists()


def test_insured_coverage_has_its_own_row(world, at, desk, reviewer):
    _line, appeal = decided_fast(world, at, desk, reviewer, of=world.commercial_member)
    tell_by_phone(appeal=appeal, outcome="reached", person="the member", by=desk, at=at + DAY + 2 * HOUR)
    assert clock(appeal, "plan.letter_after_oral_appeal").state == "running"
    assert clock(appeal, "insured.appeal.urgent").state == "met"


def test_what_is_not_told_by_telephone_first(world, at, desk, reviewer):
    enter_review_organization(plan=world.plan, body=Body.REVIEW_ENTITY, name="Maple Entity", by=desk, at=at)
    line = story.denied(world, at, of=world.member)
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    with pytest.raises(IllegalAppealStep):
        tell_by_phone(appeal=appeal, outcome="reached", person="x", by=desk, at=at + DAY)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)
    with pytest.raises(IllegalAppealStep, match="fast appeal"):
        tell_by_phone(appeal=appeal, outcome="reached", person="x", by=desk, at=at + 2 * DAY)
    _line, fast = decided_fast(world, at, desk, story.surgeon(world), of=world.erisa_member)
    with pytest.raises(Invalid, match="how the attempt ended"):
        tell_by_phone(appeal=fast, outcome=" ", person="x", by=desk, at=at + 2 * DAY)
