"""Certifying another service by the decision page: the requester's word is kept, and the case file says it plainly."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from openum.cases.models import Amendment
from openum.cases.queries import current_lines
from openum.db import clock
from openum.determination.models import AuthorizationSegment, Determination
from openum.determination.services import approve_line
from openum.directory.models import Code, CodeList
from openum.review.models import UnsentForm
from openum.vocabulary.terms import LineStatus
from tests.world import CPT, knee_request, send

pytestmark = pytest.mark.django_db
WHY = "One compartment is affected; the surgeon agrees to the partial replacement."


def browser_of(user):
    """A signed-in browser."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def line(world, at):
    """An open knee line, three hours after its receipt at noon in the plan's zone."""
    clock.set_demo_clock(at + timedelta(hours=3))
    return current_lines(send(world, knee_request(world, at=at), at=at).case)[0]


def certify(client, line, **changes):
    """Send the form as the page does."""
    fields = {
        "code_system": CPT, "code": "27446", "modifiers": "rt", "units": "2", "accepted_by": "Sam Surgeon",
        "accepted_at": "2026-11-16T13:30", "channel": "phone", "rationale": WHY, "cited_authority": "",
    }  # fmt: skip
    return client.post(f"/decisions/{line.public_id}/alternative/", fields | changes)


def test_an_open_line_offers_it_with_what_was_asked_filled_in(world, line):
    page = browser_of(world.orthopaedist).get(f"/decisions/{line.public_id}/").content.decode()
    assert "Certify another service" in page
    assert 'name="accepted_at" value="2026-11-16T15:00"' in page
    assert f'<option value="{CPT}" selected>' in page


def test_what_the_requester_accepted_is_certified_and_their_word_kept(world, line):
    physician = browser_of(world.orthopaedist)
    physician.post(f"/review/{line.public_id}/unsent/alternative/", {"rationale": WHY}, headers={"HX-Request": "true"})
    sent = certify(physician, line)
    assert sent.headers["Location"] == f"/decisions/{line.public_id}/decided/"
    line.refresh_from_db()
    segment = AuthorizationSegment.objects.get(authorization__line=line)
    assert (line.status, line.code) == (LineStatus.APPROVED, "27447")
    assert (segment.code, segment.modifiers, segment.units) == ("27446", ["RT"], Decimal(2))
    accepted = Amendment.objects.get(line=line)
    assert (accepted.after, accepted.requested_by, accepted.channel) == ("27446", "Sam Surgeon", "phone")
    assert accepted.at == datetime(2026, 11, 16, 18, 30, tzinfo=UTC)
    assert not UnsentForm.objects.exists()


def test_the_substitution_reads_plainly_wherever_the_decision_is_shown(world, line):
    Code.objects.create(code_list=CodeList.objects.get(system=CPT), code="27446", wording="Partial knee replacement")
    physician = browser_of(world.orthopaedist)
    certify(physician, line)
    for address in (
        f"/cases/{line.case.public_id}/", f"/decisions/{line.public_id}/", f"/decisions/{line.public_id}/decided/",
    ):  # fmt: skip
        page = physician.get(address).content.decode()
        assert '<dt>Asked for</dt><dd class="mono">27447-RT</dd>' in page
        assert 'Partial knee replacement <span class="mono">27446-RT</span> × 2</dd>' in page
        assert "<dt>Accepted by</dt><dd>Sam Surgeon, Phone, Nov 16, 2026, 1:30 PM ET</dd>" in page
    office = browser_of(world.provider).get(f"/requests/{line.case.public_id}/").content.decode()
    assert '<dt>Approved in its place</dt><dd class="mono">27446</dd>' in office


def test_a_service_approved_as_asked_names_no_other(world, line, at):
    approve_line(line=line, by=world.orthopaedist, at=at, rationale="As asked.", cited_authority="plan, page 1")
    page = browser_of(world.orthopaedist).get(f"/cases/{line.case.public_id}/").content.decode()
    assert "Certified in its place" not in page
    office = browser_of(world.provider).get(f"/requests/{line.case.public_id}/").content.decode()
    assert "Approved in its place" not in office


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": "27447"}, "Name another service than the one asked for"),
        ({"code": ""}, "This field is required"),
        ({"code_system": "urn:other"}, "Select a valid choice"),
        ({"units": "0"}, "more than none"),
        ({"units": "-1"}, "greater than or equal to 0"),
        ({"accepted_by": " "}, "This field is required"),
        ({"accepted_at": "2026-11-16T15:01"}, "lies in the future"),
        ({"accepted_at": "2026-11-16T11:59"}, "before the request was received"),
        ({"accepted_at": "yesterday"}, "Enter a valid date/time"),
        ({"channel": "smoke"}, "Select a valid choice"),
        ({"rationale": ""}, "This field is required"),
    ],
)
def test_what_is_missing_is_told_on_the_page_and_nothing_is_certified(world, line, changes, sentence):
    answer = certify(browser_of(world.orthopaedist), line, **changes)
    page = answer.content.decode()
    assert (answer.status_code, sentence in page) == (422, True)
    assert "27446" in page or "27447" in page
    assert ("Sam Surgeon" in page) == (changes.get("accepted_by") is None)
    assert '<details class="more" id="alternative" open>' in page
    assert not Determination.objects.exists()
    assert not Amendment.objects.exists()


def test_a_code_that_has_ended_is_refused_on_the_page(world, line):
    Code.objects.create(
        code_list=CodeList.objects.get(system=CPT), code="27446", wording="Ended", valid_to="2020-01-01"
    )
    answer = certify(browser_of(world.orthopaedist), line)
    assert (answer.status_code, "not valid on the date of service" in answer.content.decode()) == (422, True)


def test_a_line_that_somebody_decided_offers_it_no_more(world, line, at):
    approve_line(line=line, by=world.orthopaedist, at=at, rationale="As asked.", cited_authority="plan, page 1")
    physician = browser_of(world.orthopaedist)
    answer = certify(physician, line)
    assert (answer.status_code, "This line is decided" in answer.content.decode()) == (409, True)
    assert "Certify another service" not in physician.get(f"/decisions/{line.public_id}/").content.decode()
    assert Determination.objects.filter(line=line).count() == 1


def test_nurses_offices_and_software_certify_nothing_else(world, line):
    for user in (world.nurse, world.provider, world.engine):
        assert certify(browser_of(user), line).status_code in {302, 403}
    assert "Certify another service" not in (browser_of(world.nurse).get(f"/review/{line.public_id}/").content.decode())
    assert not Determination.objects.exists()
