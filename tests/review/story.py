"""A line on which clinicians may talk, and the people who do. Made by the real services."""

from datetime import date, timedelta

from openum.accounts.services import register_person
from openum.cases.queries import current_lines
from openum.determination.queries import open_leaves
from openum.determination.services import deny_line, record_intent_to_deny
from openum.directory.models import Product
from openum.review.models import PeerToPeer
from openum.review.queries import documents_to_open
from openum.review.services import add_slot, book_conversation, open_evidence, refer_to_physician
from openum.vocabulary.terms import LineOfBusiness, Role
from tests.world import knee_request, member, note, send

WHY = "The record shows seven weeks of therapy. The guideline asks for twelve weeks or a reason why not."


def referred(world, at, *, of=None):
    """A knee replacement with a note, referred to a physician."""
    request = knee_request(world, of=of, at=at, evidence=(note("Visit", "Knee pain for a year. Walks one block."),))
    line = current_lines(send(world, request, at=at).case)[0]
    refer_to_physician(line=line, summary="Seven weeks of therapy.", by=world.nurse, at=at)
    return line


def member_in(world, state):
    """A member of an insured product of a state."""
    product = Product.objects.create(
        plan=world.plan, key=f"ppo-{state.lower()}", name=f"Harbor {state}", state=state, languages=["en", "es"],
        line_of_business=LineOfBusiness.COMMERCIAL_STATE,
    )  # fmt: skip
    return member(product, f"{state}-1", "Birch", "Bea")


def licensed(world, state):
    """A physician of the plan with a licence in a state."""
    return register_person(
        email=f"physician.{state}@test.invalid", name=f"Physician {state}", password=None,
        roles=[(Role.MEDICAL_DIRECTOR, world.plan, None)], specialties=("internal medicine", "orthopaedics"),
        licences=(("physician", state, f"MD-{state}", date(2015, 1, 1)),),
    )  # fmt: skip


def deny(line, by, at, **facts):
    """Deny with the evidence opened and every open criterion answered."""
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=by, at=at)
    answers = dict.fromkeys(open_leaves(line), "Not shown in the record that was sent.")
    return deny_line(line=line, by=by, at=at, rationale=WHY, node_answers=answers, **facts)


def intended(line, by, at):
    """An intention to deny, and the conversation it offers."""
    record_intent_to_deny(line=line, rationale="Twelve weeks of care are not shown.", by=by, at=at)
    return PeerToPeer.objects.get(line=line, state=PeerToPeer.OFFERED)


def slot(world, at, hours=2, physician=None):
    """A time of the orthopaedist some hours later."""
    physician = physician or world.orthopaedist
    return add_slot(physician=physician, starts_at=at + timedelta(hours=hours), by=physician, at=at)


def book(world, conversation, time, at, **facts):
    """The practice books for its surgeon."""
    usual = {"attendee": "Sam Surgeon", "call_back": "555-0102", "by": world.provider}
    return book_conversation(conversation=conversation, slot=time, at=at, **{**usual, **facts})
