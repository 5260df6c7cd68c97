"""Reopening a decision by its page: the ground, the reason, both findings, and the plan's own time to decide again."""

from datetime import timedelta

import pytest
from django.test import Client

from openum.cases.models import Note
from openum.cases.queries import current_lines
from openum.clocks.models import Clock
from openum.clocks.services import sweep
from openum.criteria.services import record_finding
from openum.db import clock
from openum.determination.models import Determination
from openum.determination.queries import open_leaves
from openum.determination.services import deny_line, reopen_line
from openum.review.queries import documents_to_open
from openum.review.services import (
    offer_conversation,
    open_evidence,
    record_conversation_attempt,
    refer_to_physician,
)
from openum.vocabulary.terms import FindingValue, LineStatus
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db
WHY = "The record shows seven weeks of therapy. The guideline asks for twelve weeks or a reason why not."
NEW = "A film of the standing knee came; it was taken before the decision."


def browser_of(user):
    """A signed-in browser."""
    client = Client()
    client.force_login(user)
    return client


def denied(world, at, **changes):
    """A knee line that a physician denied three hours after its receipt."""
    clock.set_demo_clock(at + timedelta(hours=3))
    request = knee_request(world, at=at, evidence=(note("Visit", "Knee pain for a year."),), **changes)
    line = current_lines(send(world, request, at=at).case)[0]
    refer_to_physician(line=line, summary="Seven weeks of therapy.", by=world.nurse, at=at + timedelta(hours=1))
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=world.physician, at=at + timedelta(hours=2))
    if line.case.product.line_of_business == "medicare_advantage":
        talk = offer_conversation(
            line=line, how="before the decision", open_until=None, by=world.physician, at=at + timedelta(hours=2)
        )
        for is_final in (False, True):
            record_conversation_attempt(
                conversation=talk, outcome="no answer", address="555-0102", person="", note="", is_final=is_final,
                by=world.physician, at=at + timedelta(hours=2),
            )  # fmt: skip
    deny_line(
        line=line, by=world.physician, at=at + timedelta(hours=2), rationale=WHY,
        node_answers=dict.fromkeys(open_leaves(line), "Not shown in the record that was sent."),
    )  # fmt: skip
    line.refresh_from_db()
    return line


def test_a_denied_line_offers_reopening_and_no_shortcut_to_it(world, at):
    line = denied(world, at)
    page = browser_of(world.physician).get(f"/decisions/{line.public_id}/").content.decode()
    assert f"/decisions/{line.public_id}/reopen/" in page
    assert "A documented reopening" not in page
    answer = browser_of(world.physician).post(
        f"/decisions/{line.public_id}/approve/", {"from_decision": "1", "rationale": "x", "because": "reopening"}
    )
    assert answer.status_code == 422
    assert Determination.objects.filter(line=line).count() == 1


def test_a_reopening_asks_for_a_ground_and_a_reason(world, at):
    line = denied(world, at)
    physician, address = browser_of(world.physician), f"/decisions/{line.public_id}/reopen/"
    assert WHY in physician.get(address).content.decode()
    assert physician.post(address, {"reason": "new and material evidence"}).status_code == 422
    assert physician.post(address, {"reason": "mood", "explanation": NEW}).status_code == 422
    line.refresh_from_db()
    assert line.status == LineStatus.DENIED
    assert browser_of(world.nurse).get(address).status_code == 403


def test_a_reopened_line_keeps_both_findings_who_when_and_why(world, at):
    line = denied(world, at)
    physician, address = browser_of(world.physician), f"/decisions/{line.public_id}/reopen/"
    sent = physician.post(address, {"reason": "new and material evidence", "explanation": NEW})
    assert sent.headers["Location"] == f"/decisions/{line.public_id}/"
    line.refresh_from_db()
    assert line.status == LineStatus.REOPENED
    assert Note.objects.get(line=line, purpose="reopening").text == f"New and material evidence. {NEW}"
    own = Clock.objects.get(case=line.case, rule="plan.decide_reopened")
    assert (own.state, own.binds, own.ball) == ("running", False, "payer")
    assert own.due_at.isoformat() == "2026-11-24T04:59:59+00:00"
    record_finding(
        line=line, leaf="2", value=FindingValue.MET, note="Grade 4.", by=world.physician, at=at + timedelta(hours=4)
    )
    page = physician.get(f"/decisions/{line.public_id}/").content.decode()
    row = page[page.index("Criteria then and now") :].split("<tr>")
    second = next(part for part in row if '<span class="node-no">2</span>' in part)
    assert "Unknown" in second
    assert "Met" in second
    assert "changed" in second
    clock.set_demo_clock(at + timedelta(hours=5))
    approved = physician.post(
        f"/decisions/{line.public_id}/approve/", {"from_decision": "1", "rationale": "The film shows grade 4."}
    )
    assert approved.status_code == 302
    first, last = Determination.objects.filter(line=line).order_by("decided_at")
    assert (first.outcome, first.rationale) == ("denied", WHY)
    assert (last.supersedes, last.supersedes_because) == (first, "reopening")
    own.refresh_from_db()
    assert own.state == "met"
    file = physician.get(f"/cases/{line.case.public_id}/").content.decode()
    assert NEW in file
    assert "Criteria then and now, line 1" in file


def test_in_medicare_advantage_a_letter_that_went_out_leaves_only_the_reopening(world, at):
    line = denied(world, at, of=world.member)
    page = browser_of(world.physician).get(f"/decisions/{line.public_id}/").content.decode()
    assert "Change to approved" not in page
    assert "a change takes an appeal or a documented reopening" in page


def test_an_approved_line_has_nothing_to_reopen(world, at):
    line = denied(world, at)
    physician = browser_of(world.physician)
    physician.post(f"/decisions/{line.public_id}/reopen/", {"reason": "clerical error", "explanation": "A slip."})
    physician.post(f"/decisions/{line.public_id}/approve/", {"from_decision": "1", "rationale": "Shown on file."})
    page = physician.get(f"/decisions/{line.public_id}/reopen/").content.decode()
    assert "Only a decision that said no" in page
    answer = physician.post(
        f"/decisions/{line.public_id}/reopen/", {"reason": "clerical error", "explanation": "Again."}
    )
    assert answer.status_code == 409


def test_every_reopening_gives_the_plan_its_time_anew(world, at):
    line = denied(world, at)
    for days in (0, 30):
        begun = at + timedelta(days=days, hours=3)
        reopen_line(line=line, reason="clerical error", explanation="A slip.", by=world.physician, at=begun)
        own = Clock.objects.get(case=line.case, rule="plan.decide_reopened")
        assert (own.state, own.started_at, own.stopped_at, own.lapsed_at) == ("running", begun, None, None)
        assert begun + timedelta(days=7) < own.due_at < begun + timedelta(days=8)
        sweep(by=world.physician, at=begun + timedelta(days=9))
        own.refresh_from_db()
        assert own.lapsed_at == begun + timedelta(days=9)
        deny_line(
            line=line, by=world.physician, at=begun + timedelta(days=10), rationale=WHY,
            node_answers=dict.fromkeys(open_leaves(line), "Not shown in the record that was sent."),
        )  # fmt: skip
        own.refresh_from_db()
        assert (own.state, own.stopped_at) == ("late", begun + timedelta(days=10))
