"""A request by telephone: the call and its number first, received when it began; speed as the law asks it."""

from datetime import timedelta

import pytest

from openum.audit import events_of
from openum.submission import drafts
from openum.submission.models import TelephoneCall
from openum.submission.telephone.services import CallEnded, begin_call, end_call, send_call
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, LineStatus, PartyRole, Standing, Urgency
from tests.provider.office import FIELDS, browser_of

pytestmark = pytest.mark.django_db

CALLED = {
    "caller_name": "Una Lopez", "call_organization": "Test Practice", "call_back": "555 0100", "call_checked": "on_file",
    "line1-code": "27447", "line1-unit": "", "call_speed": "no", "call_papers": "Film by fax tomorrow", "call_read_back": "1",
}  # fmt: skip


def test_a_call_is_taken_along_the_script_and_becomes_a_request(world, demo_clock, at):
    desk = browser_of(world.intake)
    place = desk.post("/capture/calls/", {"plan": str(world.plan.public_id)}).headers["Location"]
    call = TelephoneCall.objects.get()
    page = desk.get(place).content.decode()
    assert page.count(call.reference) >= 3
    assert "seriously harm" in page
    told = {**FIELDS, **CALLED, "ordering_npi": world.surgeon_npi, "step": "call", "plan": str(world.plan.public_id)}
    desk.post(f"/requests/new/{call.draft.public_id}/save/", {**told, "call_read_back": ""})
    assert "555 0100" in desk.get(place).content.decode()  # nothing is lost with the page
    demo_clock.set_demo_clock(at + timedelta(minutes=20))
    assert desk.post(place, {**told, "call_read_back": "", "do": "send"}).status_code == 422
    assert desk.post(place, {**told, "call_organization": "", "do": "send"}).status_code == 422
    sent = desk.post(place, {**told, "call_npi": world.practice.npi, "do": "send"})
    assert (sent.status_code, "/receipts/" in sent.headers.get("Location", "")) == (302, True), sent.content.decode()
    call.refresh_from_db()
    request = call.draft.submission.requests.get()
    assert (request.channel, request.urgency, request.received_at) == (
        Channel.PHONE, Urgency.STANDARD, at.replace(second=0, microsecond=0),
    )  # fmt: skip
    assert request.received_proof == f"{call.reference}: Una Lopez, Test Practice, 555 0100"
    assert "Film by fax tomorrow" in request.free_text
    assert request.parties.get(role=PartyRole.REQUESTER).npi == world.practice.npi
    assert (call.outcome, call.caller_name) == (TelephoneCall.SENT, "Una Lopez")
    assert "TelephoneRequestEnded" in [event.type for event in events_of(request.case.public_id)]
    log = desk.get("/capture/calls/", {"q": call.reference.lower()}).content.decode()
    assert request.case.number in log
    with pytest.raises(CallEnded):
        other = begin_call(plan=world.plan, by=world.intake, at=at)
        end_call(draft=other.draft, words="The line broke.", by=world.intake, at=at)
        send_call(draft=other.draft, by=world.intake, at=at)


@pytest.mark.parametrize(
    ("speed", "standing", "attested"),
    [("physician", Standing.PROVIDER, "Dr. Sam Surgeon"), ("asked", Standing.MEMBER, "")],
)
def test_speed_by_a_physician_is_attested_and_by_a_member_is_asked(world, at, speed, standing, attested):

    call = begin_call(plan=world.plan, by=world.intake, at=at)
    told = {
        **FIELDS, **CALLED, "standing": standing.value, "ordering_npi": world.surgeon_npi, "call_speed": speed,
        "call_speed_by": "Dr. Sam Surgeon",
    }  # fmt: skip
    draft = drafts.save_fields(draft=call.draft, fields=told, by=world.intake, at=at)
    request = send_call(draft=draft, by=world.intake, at=at).request
    assert (request.urgency, request.urgency_attested_by) == (Urgency.EXPEDITED, attested)
    assert request.lines.get().status != LineStatus.DENIED
    with pytest.raises(Invalid, match="no request"):
        end_call(draft=begin_call(plan=world.plan, by=world.intake, at=at).draft, words=" ", by=world.intake, at=at)
