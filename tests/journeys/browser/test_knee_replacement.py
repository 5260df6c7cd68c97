"""The knee replacement in Chromium, from the first key to the overturned denial; told twice."""

import pytest

from openum.clocks.models import Clock
from openum.determination.models import Determination
from openum.notices.models import Notice
from openum.vocabulary.terms import LineStatus
from tests.journeys.browser.knee import Story
from tests.journeys.browser.screen import MARKS
from tests.journeys.knee import GAP, other_story
from tests.journeys.lumen import audit_is_intact, give_login
from tests.threads import in_own_thread

pytestmark = MARKS


@pytest.fixture(params=[False, True], ids=["as the tour tells it", "another person, knee, surgeon and season"])
def story(request, lumen, screens):
    """One telling."""
    if not request.param:
        return Story(lumen, screens)
    member = in_own_thread(give_login, lumen, lumen.stranger("commercial-ppo", 1))
    story = Story(lumen, screens, knee=other_story(lumen), days=210, member=member, pictures=None)
    lumen.open_time(story.moment("2026-12-04 07:40"))
    return story


def test_the_knee_replacement_from_the_first_key_to_the_overturned_denial(story):
    story.begin_and_close_the_browser("2026-11-24 16:20")
    story.go_on_and_send("2026-11-24 16:31", "2026-11-24 16:40")
    story.work("2026-11-24 16:41")
    assert story.line.status == LineStatus.PENDED_WITH_PROVIDER
    assert "knee replacement" in story.member_reads("member-waiting")
    story.answer("2026-11-30 10:05")
    story.review("2026-12-01 09:20")
    story.refer("2026-12-01 09:41")
    story.open_evidence("2026-12-02 14:12").get_by_text("Deny, or approve less").wait_for()
    story.deny("2026-12-02 14:20")
    assert GAP in story.read_letter("denial")
    assert "no" in story.member_reads("member-page").lower()
    story.book("2026-12-03 08:15", "2026-12-04 07:40")
    story.talk("2026-12-04 07:50", ("2026-12-04 07:41", "2026-12-04 07:49"))
    story.send_note("2026-12-04 07:52")
    story.find_reason_on_record("2026-12-04 07:56")
    assert "Overturned" in story.approve("2026-12-04 07:58", because="peer_to_peer")
    decisions = Determination.objects.filter(line=story.line).order_by("decided_at")
    assert [(each.outcome, each.decided_by.name, each.decided_at) for each in decisions] == [
        (LineStatus.DENIED, "Dr. Grace Lin", story.moment("2026-12-02 14:20")),
        (LineStatus.APPROVED, "Dr. Omar Farouk", story.moment("2026-12-04 07:58")),
    ]
    decide = Clock.objects.get(case=story.case, rule="insured.decide.preservice")
    assert (decide.due_at, decide.stopped_at, decide.state) == (
        story.moment("2026-12-30 23:59:59"), story.moment("2026-12-02 14:20"), "met",
    )  # fmt: skip
    kinds = set(Notice.objects.filter(case=story.case).values_list("kind", flat=True))
    assert kinds == {"information-request", "denial", "overturn"}
    assert story.screens.complaints == []
    assert audit_is_intact()
