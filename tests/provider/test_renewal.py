"""The renewal of an authorization: linked, prefilled, what changed marked, refused where it cannot be."""

from datetime import timedelta
from decimal import Decimal

import pytest

from openum.cases.services import cancel_line
from openum.determination.models import AuthorizationSegment
from openum.determination.services import approve_line, record_usage, start_renewal
from openum.submission import drafts
from openum.submission.renewing import NotRenewable
from openum.vocabulary.terms import CertificationType
from tests.provider.office import browser_of, stranger
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db

LATER = timedelta(days=30)


@pytest.fixture
def line(world, demo_clock, at):
    """An approved knee replacement of which nothing is left."""
    made = send(world, knee_request(world, at=at), at=at).case.lines.get()
    approve_line(line=made, by=world.physician, at=at, rationale="Met.", cited_authority="NCD 1")
    segment = AuthorizationSegment.objects.get()
    record_usage(
        segment=segment, kind="claim", units=Decimal(1), service_date=segment.valid_from, reference="CL-1",
        by=world.engine, at=at,
    )  # fmt: skip
    made.refresh_from_db()
    return made


def begun(world, line, at, **fields):
    draft = start_renewal(line=line, by=world.provider, at=at)
    asked = {"line1-first_day": "2027-01-20", "line1-units": "2", **fields}
    return drafts.save_fields(draft=draft, fields=asked, by=world.provider, at=at)


def test_a_renewal_is_linked_and_stands_beside_the_earlier_one(world, line, at):
    office = browser_of(world.provider)
    assert "Renew this authorization" in office.get(f"/requests/{line.case.public_id}/").content.decode()
    begun_at = office.post(f"/requests/lines/{line.public_id}/renew/").headers["Location"]
    assert "1 of 1 used" in office.get(begun_at).content.decode()
    draft = drafts.Draft.objects.get()
    drafts.save_fields(
        draft=draft, fields={"line1-first_day": "2027-01-20", "line1-units": "2"}, by=world.provider, at=at
    )
    check = office.get(f"/requests/new/{draft.public_id}/check/").content.decode()
    assert "What the renewal changes" in check
    assert check.count(">changed<") + check.count("changed</span>") >= 2
    renewal = drafts.send(draft=draft, by=world.provider, at=at + LATER)
    request, asked = renewal.request, renewal.request.lines.get()
    assert (request.certification, request.relates_to.lines.get()) == (CertificationType.RENEWAL, line)
    number = line.authorizations.get().number
    assert (renewal.case, asked.replaces, asked.previous_authorization_number) == (line.case, line, number)
    beside = browser_of(world.nurse).get(f"/review/{asked.public_id}/").content.decode()
    for words in ("Goes on from authorization", number, "1 of 1 used"):
        assert words in beside
    assert number in office.get(f"/requests/{line.case.public_id}/").content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"member_number": "M-1", "birth_date": "1960-05-04", "family_name": "Osgood"}, "another member's"),
        ({"line1-code": "72148"}, "same service"),
        ({"renews": "A-26-9999999"}, "not on file"),
    ],
)
def test_a_renewal_for_somebody_or_something_else_is_refused(world, line, at, fields, sentence):
    draft = begun(world, line, at, **fields)
    with pytest.raises(NotRenewable, match=sentence):
        drafts.send(draft=draft, by=world.provider, at=at + LATER)
    refused = browser_of(world.provider).post(f"/requests/new/{draft.public_id}/check/")
    assert (refused.status_code, sentence in refused.content.decode().replace("&#x27;", "'")) == (409, True)


def test_what_was_taken_back_or_is_renewed_already_is_refused(world, line, at):
    first, second = begun(world, line, at), begun(world, line, at, message="again")
    drafts.send(draft=first, by=world.provider, at=at + LATER)
    with pytest.raises(NotRenewable, match="with the plan already"):
        drafts.send(draft=second, by=world.provider, at=at + LATER)
    with pytest.raises(NotRenewable, match="with the plan already"):
        start_renewal(line=line, by=world.provider, at=at)


def test_a_cancelled_and_an_open_service_are_told_why(world, line, at):
    other = send(world, knee_request(world, at=at), at=at).case.lines.get()
    cancel_line(line=line, by=world.provider, at=at, cause="asked for by the office")
    office = browser_of(world.provider)
    for row, sentence in ((line, "was taken back"), (other, "Only an approved service")):
        told = office.post(f"/requests/lines/{row.public_id}/renew/", follow=True).content.decode()
        assert sentence in told
    assert not drafts.Draft.objects.exists()


def test_another_office_renews_nothing(world, line):
    assert browser_of(stranger(world)).post(f"/requests/lines/{line.public_id}/renew/").status_code == 404


def test_the_number_of_the_authorization_cannot_be_typed(world, line, at):
    draft = begun(world, line, at)
    browser_of(world.provider).post(f"/requests/new/{draft.public_id}/service/", {"renews": "X", "do": "leave"})
    draft.refresh_from_db()
    assert draft.fields["renews"] == line.authorizations.get().number
