"""Whatever is called, by whom and in which order: no illegal state, and never a refusal by software."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import orjson
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openum.accounts.models import User
from openum.audit import events_of, verify
from openum.cases.models import ServiceLine
from openum.cases.queries import current_lines, open_information_requests
from openum.cases.rules import ADVERSE_STATUSES, OPEN_STATUSES, STATUS_TABLE
from openum.cases.services import ItemAsked, cancel_line, withdraw_line
from openum.criteria.services import evaluate_line, record_finding
from openum.determination.models import Authorization, Determination
from openum.determination.queries import open_leaves
from openum.determination.services import (
    approve_line,
    close_administratively,
    deny_line,
    partially_approve_line,
    record_intent_to_deny,
    reopen_line,
)
from openum.review.models import PeerToPeer, Review
from openum.review.queries import documents_to_open
from openum.review.services import (
    ask_for_information,
    offer_conversation,
    open_evidence,
    receive_information,
    record_conversation,
    refer_to_physician,
    start_review,
)
from openum.submission.incoming import Identifier, IncomingLine
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import CertificationType, Channel, FindingValue, LineStatus, ReasonClass
from tests.world import CPT, knee_request, note, send

WHY = "The record that was sent does not show twelve weeks of therapy for this person."


def approve(world, line, who, at):
    approve_line(
        line=line, by=who, at=at, rationale="A reason of my own.", cited_authority="Plan page 1", because="reopening"
    )


def approve_after_talk(world, line, who, at):
    approve_line(line=line, by=who, at=at, rationale="A reason of my own.", because="peer_to_peer")


def deny(world, line, who, at):
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=who, at=at)
    deny_line(
        line=line,
        by=who,
        at=at,
        rationale=WHY,
        node_answers=dict.fromkeys(open_leaves(line), WHY),
        cited_authority="Plan page 1",
    )


def deny_blindly(world, line, who, at):
    deny_line(line=line, by=who, at=at, rationale=WHY)


def approve_less(world, line, who, at):
    partially_approve_line(
        line=line,
        units=Decimal("0.5"),
        by=who,
        at=at,
        rationale=WHY,
        node_answers=dict.fromkeys(open_leaves(line), WHY),
    )


def intend(world, line, who, at):
    record_intent_to_deny(line=line, rationale=WHY, by=who, at=at)


def refer(world, line, who, at):
    refer_to_physician(line=line, summary="Seven weeks of therapy.", by=who, at=at)


def take_up(world, line, who, at):
    start_review(line=line, level=Review.NURSE, by=who, at=at)


def ask(world, line, who, at):
    items = [ItemAsked(line=line, text="The therapy record", leaf="3a")]
    ask_for_information(case=line.case, request=line.request, items=items, by=who, at=at)


def answer(world, line, who, at):
    for question in open_information_requests(line.case):
        receive_information(
            question=question, documents=[], answered=list(question.items.all()), channel=Channel.PORTAL, by=who, at=at
        )


def find_met(world, line, who, at):
    for leaf in open_leaves(line):
        record_finding(line=line, leaf=leaf, value=FindingValue.MET, note="In the note.", by=who, at=at)


def evaluate(world, line, who, at):
    evaluate_line(line=line, by=who, at=at)


def withdraw(world, line, who, at):
    withdraw_line(
        line=line, reason="No longer wanted", requested_by="the practice", channel=Channel.PORTAL, by=who, at=at
    )


def cancel(world, line, who, at):
    cancel_line(line=line, by=who, at=at, cause="requester's word")


def close(world, line, who, at):
    close_administratively(
        line=line, reason_class=ReasonClass.EXCLUSION, explanation="Page 12 excludes it.", by=who, at=at
    )


def reopen(world, line, who, at):
    reopen_line(line=line, reason="clerical error", explanation="A slip.", by=who, at=at)


def talk(world, line, who, at):
    conversation = offer_conversation(line=line, how="with the notice", open_until=None, by=who, at=at)
    if conversation.state in {PeerToPeer.OFFERED, PeerToPeer.BOOKED}:
        record_conversation(
            conversation=conversation,
            held_from=at,
            held_to=at,
            outcome="new information",
            note="Said so.",
            by=who,
            at=at,
        )


def update(world, line, who, at):
    request = line.request
    changed = IncomingLine(sequence=line.sequence, code_system=CPT, code="27447", units=Decimal(2), change="changed")
    base = knee_request(
        world, at=at, lines=(changed,), related=(), relationship="prior", certification=CertificationType.REVISED
    )
    send(
        world,
        replace(
            base,
            related=(Identifier(system=request.identifier_system, value=request.identifier_value),),
            raw=orjson.dumps(str(at)),
        ),
        at=at,
        by=who,
    )


ACTIONS = [
    approve, approve_after_talk, deny, deny_blindly, approve_less, intend, refer, take_up, ask, answer, find_met,
    evaluate, withdraw, cancel, close, reopen, talk, update,
]  # fmt: skip
ACTORS = ["nurse", "physician", "orthopaedist", "intake", "provider", "member_user", "engine", "client"]


def check_invariants(case):
    lines = list(ServiceLine.objects.filter(case=case))
    statuses = {str(line.public_id): LineStatus.RECEIVED for line in lines}
    machines = {user.public_id for user in User.objects.exclude(kind=User.PERSON)}
    for event in events_of(case.public_id):
        if event.type != "LineStatusChanged":
            continue
        data = orjson.loads(event.data) if isinstance(event.data, (str, bytes)) else event.data
        line_id = data["line_ids"][0]
        before, after = LineStatus(data["before"]), LineStatus(data["after"])
        assert before == statuses[line_id]
        assert after in STATUS_TABLE[before].may_become
        assert after not in ADVERSE_STATUSES or event.actor_id not in machines
        statuses[line_id] = after
    for line in lines:
        assert line.status == statuses[str(line.public_id)]
        if line.status in {LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED}:
            assert Authorization.objects.filter(line=line).exists()
        if line.status in ADVERSE_STATUSES:
            decision = line.determinations.get(superseded_by__isnull=True)
            assert decision.is_adverse
    for decision in Determination.objects.filter(is_adverse=True):
        assert decision.decided_by.kind == User.PERSON
        assert decision.licence
        assert decision.rationale
        assert decision.evidence_guard
        assert decision.conversation_guard
    case.refresh_from_db()
    assert case.is_open == any(line.status in OPEN_STATUSES for line in lines)


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    steps=st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(ACTORS)), min_size=1, max_size=8),
    is_medicare=st.booleans(),
    has_document=st.booleans(),
)
def test_no_sequence_of_calls_reaches_an_illegal_state_or_a_refusal_by_software(
    world, at, steps, is_medicare, has_document
):
    with transaction.atomic():
        who = world.member if is_medicare else world.commercial_member
        evidence = (note("Visit", "Knee pain for a year."),) if has_document else ()
        case = send(world, knee_request(world, of=who, at=at, evidence=evidence), at=at).case
        now = at
        for action, actor in steps:
            now += timedelta(minutes=7)
            user = world.client.user if actor == "client" else getattr(world, actor)
            line = current_lines(case)[0]
            with suppress(OpenUMError), transaction.atomic():
                action(world, line, user, now)
            check_invariants(case)
        assert verify() == []
        transaction.set_rollback(True)
