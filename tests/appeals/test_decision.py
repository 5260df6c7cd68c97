"""The decision of an appeal: guards, both findings kept, early reversal, the panel, what a reversal teaches."""

import pytest

from openum.appeals.gathering import gather
from openum.appeals.models import Effectuation
from openum.appeals.packet import document_of
from openum.appeals.rules.deciding import CauseMissing, NothingNew
from openum.appeals.rules.reviewers import ReviewerNotIndependent
from openum.appeals.rules.states import AppealState, NotYourAppeal
from openum.appeals.services import (
    ask_panel,
    assign_reviewer,
    decide_appeal,
    reverse_early,
    vote_on_panel,
)
from openum.audit import events_of
from openum.cases.services import NewDocument, attach
from openum.criteria.services import record_finding
from openum.determination.models import Authorization, Determination, OverturnLesson
from openum.determination.queries import determinations_of, open_leaves
from openum.determination.rules import GuardOpen
from openum.notices.models import Notice
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import Channel, FindingValue, LineStatus
from tests.appeals import story
from tests.appeals.story import DAY, clock, letters, work

pytestmark = pytest.mark.django_db


def test_upholding_needs_evidence_and_an_answer_to_each_open_criterion(world, line, at, desk, reviewer):
    appeal = story.file(world, line, at + DAY)
    assign_reviewer(appeal=appeal, reviewer=reviewer, by=desk, at=at + DAY)
    with pytest.raises(GuardOpen, match="Open 1 more"):
        decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)
    story.open_all(line, reviewer, at + 2 * DAY)
    with pytest.raises(GuardOpen, match="Say for"):
        decide_appeal(appeal=appeal, verdict=story.no(line, node_answers={}), by=reviewer, at=at + 2 * DAY)


def test_upholding_keeps_both_findings_and_names_the_next_level(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    decision = decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 22 * DAY)
    work(at + 22 * DAY)
    line.refresh_from_db()
    appeal.refresh_from_db()
    assert (line.status, appeal.outcome, appeal.state) == (LineStatus.DENIED, "upheld", AppealState.CLOSED)
    assert Determination.objects.filter(line=line).count() == 1
    assert decision.evidence_map is not None
    assert decision.conflict_statement
    assert decision.licence == "physician EX"
    (letter,) = letters(line, "appeal-upheld")
    assert story.STILL in letter.html
    assert "doctors who do not work for us" in letter.html
    assert "April" in letter.html
    decide = clock(appeal, "insured.appeal.preservice")
    assert decide.state == "met"


def test_overturning_approves_teaches_and_is_carried_out_the_same_day(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    with pytest.raises(CauseMissing):
        decide_appeal(appeal=appeal, verdict=story.yes(cause_words=""), by=reviewer, at=at + 2 * DAY)
    decide_appeal(appeal=appeal, verdict=story.yes(), by=reviewer, at=at + 2 * DAY)
    work(at + 2 * DAY)
    line.refresh_from_db()
    appeal.refresh_from_db()
    assert line.status == LineStatus.APPROVED
    first, second = determinations_of(line)
    assert (first.outcome, second.outcome, second.supersedes_because) == ("denied", "approved", "appeal")
    number = Authorization.objects.get(line=line).number
    done = Effectuation.objects.get(appeal=appeal)
    assert (done.proof, done.done_at) == (number, at + 2 * DAY)
    assert clock(appeal, "plan.effectuate").state == "met"
    assert appeal.state == AppealState.CLOSED
    assert number in letters(line, "appeal-overturned")[0].html
    assert not letters(line, "overturn")
    lesson = OverturnLesson.objects.get()
    assert (lesson.kind, lesson.key, lesson.overturned) == ("node", "3b", first)
    assert {"AppealFiled", "ReviewerAssigned", "AppealDecided", "OverturnLearned", "ReversalCarriedOut"} <= {
        row.type for row in events_of(line.case.public_id)
    }


def test_a_lookalike_denial_must_say_what_is_different(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    key = open_leaves(line)[0]
    decide_appeal(appeal=appeal, verdict=story.yes(cause_key=key), by=reviewer, at=at + 2 * DAY)
    from openum.cases.queries import current_lines
    from openum.review.services import refer_to_physician
    from tests.world import knee_request, note, send

    later = at + 5 * DAY
    request = knee_request(world, at=later, evidence=(note("Visit", "Another knee."),))
    other = current_lines(send(world, request, at=later).case)[0]
    refer_to_physician(line=other, summary="Again.", by=world.nurse, at=later)
    with pytest.raises(GuardOpen, match="1 denial like this one was overturned"):
        story.deny(world, other, later)
    made = story.deny(world, other, later, different="Here the therapist writes that therapy went on and helped.")
    assert made.different_from_overturned.startswith("Here the therapist")


def test_an_early_reversal_rests_on_something_new_and_is_counted_apart(world, line, at, desk):
    appeal = story.file(world, line, at + DAY)
    with pytest.raises(NothingNew, match="Nothing has arrived"):
        reverse_early(appeal=appeal, verdict=story.yes(), by=world.physician, at=at + 2 * DAY)
    paper = NewDocument(title="Therapist", content_type="text/plain", content=b"Stopped for swelling.")
    attach(
        case=line.case, request=appeal.request, documents=[paper], channel=Channel.FAX, by=world.intake, at=at + 2 * DAY
    )
    with pytest.raises(NothingNew, match="still open"):
        reverse_early(appeal=appeal, verdict=story.yes(), by=world.physician, at=at + 2 * DAY)
    for leaf in open_leaves(line):
        record_finding(
            line=line, leaf=leaf, value=FindingValue.MET, note="In the new note.", by=world.physician, at=at + 2 * DAY
        )
    decision = reverse_early(appeal=appeal, verdict=story.yes(), by=world.physician, at=at + 2 * DAY)
    assert decision.counted_as == "early_reversal"


def test_a_panel_advises_and_must_be_complete(world, line, at, desk, reviewer):
    """Each opinion is its own; the file and the letter name who was asked (29 CFR 2560.503-1(h)(3)(iv))."""
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    people = [story.surgeon(world) for _ in range(3)]
    with pytest.raises(Invalid, match="odd number"):
        ask_panel(appeal=appeal, physicians=people[:2], by=desk, at=at + DAY)
    with pytest.raises(ReviewerNotIndependent):
        ask_panel(appeal=appeal, physicians=[*people[:2], world.physician], by=desk, at=at + DAY)
    with pytest.raises(Conflict, match="gives no opinion"):
        ask_panel(appeal=appeal, physicians=[*people[:2], reviewer], by=desk, at=at + DAY)
    with pytest.raises(NotYourAppeal):
        ask_panel(appeal=appeal, physicians=people, by=people[0], at=at + DAY)
    ask_panel(appeal=appeal, physicians=people, by=reviewer, at=at + DAY)
    with pytest.raises(Exception, match="0 of 3"):
        decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)
    with pytest.raises(Conflict, match="asked for an opinion"):
        assign_reviewer(appeal=appeal, reviewer=people[0], by=desk, at=at + DAY)
    for physician in people:
        assert gather(appeal, at=at + 2 * DAY)["opinions"] == []  # none is read before all are written
        vote_on_panel(appeal=appeal, for_member=False, rationale="Therapy first.", by=physician, at=at + 2 * DAY)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)
    work(at + 2 * DAY)
    sealed = gather(appeal, at=at + 2 * DAY)
    assert [each["opinion"] for each in sealed["opinions"]] == ["for the decision"] * 3
    told = [part["title"] for part in document_of(sealed)["sections"]]
    assert "Experts and second opinions" in told
    letter = Notice.objects.get(case=line.case, kind="appeal-upheld", audience="member", language="en")
    for physician in people:
        assert physician.name in letter.html
        assert any(each.startswith(physician.name) for each in sealed["experts"])
