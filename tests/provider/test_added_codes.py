"""A code added after surgery: by rule where the policy permits it, by a person else, never refused by software."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from openum.adapters.fhir.pas.rows import rows_of as answer_rows
from openum.audit import events_of
from openum.cases.services import NewDocument
from openum.clocks.models import Clock
from openum.determination.added_codes import Added, AddedCodesInvalid, CodeNotAddable, Row, Why, found, rows_of
from openum.determination.models import AddedCode, AuthorizationSegment
from openum.determination.queries import authorization_of, current_determination, current_segments
from openum.determination.services import add_code, approve_line, publish_added_codes
from openum.determination.services.adding import Told
from openum.jobs import run_due
from openum.notices.models import Notice
from openum.submission.composing import CPT
from openum.vocabulary.terms import LineStatus, Timing
from tests.provider.office import browser_of, stranger
from tests.world import knee_request, send

ROW = Row(
    key="knee", authorized=("CPT|27447",), may_be_added=("CPT|20985", "CPT|2743*"), days_after=10, most_units=2,
    citation="Policy 1", lines_of_business=frozenset({"commercial_state"}),
)  # fmt: skip
ADDED = Added(
    authorized="CPT|27447", code="CPT|20985", units=1, line_of_business="commercial_state", done_on=date(2026, 12, 17),
    told_on=date(2026, 12, 27), authorized_from=date(2026, 12, 1), authorized_to=date(2026, 12, 18),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, Why.PERMITTED),
        ({"code": "CPT|27438", "units": 2}, Why.PERMITTED),
        ({"authorized_to": None}, Why.PERMITTED),
        ({"told_on": date(2026, 12, 28)}, Why.TOO_LATE),
        ({"units": 3}, Why.TOO_MANY),
        ({"code": "CPT|27440"}, Why.NOT_IN_FAMILY),
        ({"code": "HCPCS|20985"}, Why.NOT_IN_FAMILY),
        ({"authorized": "CPT|29881"}, Why.NO_POLICY),
        ({"line_of_business": "erisa_group"}, Why.NO_POLICY),
        ({"done_on": date(2026, 12, 18)}, Why.OTHER_DAY),
        ({"done_on": date(2026, 11, 30)}, Why.OTHER_DAY),
    ],
)
def test_what_the_policy_says_of_an_addition(changes, why):
    assert found(replace(ADDED, **changes), [ROW]).why is why


def test_the_shipped_policy_reads_and_a_faulty_one_is_refused():
    body = (settings.OPENUM_POLICIES / "added_codes" / "harbor.yaml").read_text("utf-8")
    assert {row.key for row in rows_of(body)} == {"knee-replacement", "knee-arthroscopy"}
    for fault, sentence in (
        (body.replace("days_after: 10", "days_after: soon", 1), "whole number"),
        (body.replace("[CPT|27447]", "[27447]"), "with its system"),
        (body.replace("key: knee-arthroscopy", "key: knee-replacement"), "same key"),
        ("rows: []", "list of families"),
    ):
        with pytest.raises(AddedCodesInvalid, match=sentence):
            rows_of(fault)


@pytest.fixture
def line(world, demo_clock, at):
    """A knee replacement, approved before the operation of 17 December."""
    path = settings.OPENUM_POLICIES / "added_codes" / "harbor.yaml"
    publish_added_codes(path=path, plan=world.plan, by=world.engine, at=at)
    made = send(world, knee_request(world, at=at), at=at).case.lines.get()
    approve_line(line=made, by=world.physician, at=at, rationale="Met.", cited_authority="NCD 1")
    run_due(at + timedelta(minutes=1))
    made.refresh_from_db()
    return made


TOLD = Told(
    code_system=CPT, code="20985", done_on=date(2026, 12, 17), units=Decimal(1), unit="UN", words="The bone was bent."
)
NOTE = NewDocument(title="Operative note", content_type="text/plain", content=b"note", document_kind="operative-note")


@pytest.mark.django_db
def test_a_permitted_code_is_approved_at_once_under_the_same_number(world, line, at):
    done = at.replace(year=2026, month=12, day=20)
    added = add_code(line=line, told=TOLD, note=NOTE, by=world.provider, at=done)
    own, authorization = added.line, authorization_of(line)
    own.refresh_from_db()
    decision = current_determination(own)
    assert (own.status, decision.decided_by_machine, decision.approval_rule) == (
        LineStatus.APPROVED,
        True,
        added.policy,
    )
    first, second = AuthorizationSegment.objects.filter(authorization=authorization, superseded_at=None).order_by("pk")
    assert (first.code, second.code, second.determination) == ("27447", "20985", decision)
    assert (second.valid_from, second.valid_to) == (date(2026, 12, 17), date(2026, 12, 18))
    assert current_segments(authorization) == [first]
    assert own.request.timing == Timing.RETROSPECTIVE
    told = answer_rows(line.case_id).segments
    assert {told[line.pk].code, told[own.pk].code} == {"27447", "20985"}
    assert told[own.pk].number == authorization.number
    before = Notice.objects.count()
    run_due(done + timedelta(minutes=1))
    letters = Notice.objects.filter(kind="approval").order_by("-pk")
    assert Notice.objects.count() > before
    assert letters[0].case == line.case
    assert "CodeAdded" in [event.type for event in events_of(line.case.public_id)]
    with pytest.raises(CodeNotAddable, match="on file"):
        add_code(line=line, told=TOLD, note=NOTE, by=world.provider, at=done)
    with pytest.raises(CodeNotAddable, match="approved service only"):
        add_code(line=own, told=replace(TOLD, code="27438"), note=NOTE, by=world.provider, at=done)


@pytest.mark.django_db
def test_the_office_tells_another_code_and_a_person_reviews_it_under_its_own_clock(world, line, demo_clock, at):
    demo_clock.set_demo_clock(at.replace(month=12, day=20))
    office, address = browser_of(world.provider), f"/requests/lines/{line.public_id}/added-code/"
    assert address in office.get(f"/requests/{line.case.public_id}/").content.decode()
    fields = {
        "added-code_system": CPT, "added-code": "97110", "added-units": "1", "added-done_on": "2026-12-17",
        "added-words": "The joint was stiff.",
    }  # fmt: skip
    names = list(fields)
    form = office.get(address).content.decode()
    prefix = "added-" if 'name="added-code"' in form else ""
    fields = {name.removeprefix("added-") if not prefix else name: fields[name] for name in names}
    assert office.post(address, fields).status_code == 422
    file = SimpleUploadedFile("note.txt", b"What was done.", content_type="text/plain")
    sent = office.post(address, {**fields, f"{prefix}file": file})
    assert (sent.status_code, "/receipts/" in sent.headers.get("Location", "")) == (302, True), sent.content.decode()
    added = AddedCode.objects.get()
    assert (added.why, added.policy, added.line.status) == (Why.NOT_IN_FAMILY, None, LineStatus.PENDED_WITH_PAYER)
    assert Clock.objects.filter(request=added.line.request, purpose="decide", stopped_at=None).exists()
    page = office.get(f"/requests/{line.case.public_id}/").content.decode()
    assert "Added after the operation to authorization" in page
    assert "a person reviews it" in page
    staff = browser_of(world.nurse).get(f"/cases/{line.case.public_id}/").content.decode()
    assert "Codes added after the operation" in staff
    approve_line(
        line=added.line,
        by=world.physician,
        at=at.replace(month=12, day=21),
        rationale="Needed.",
        cited_authority="NCD 1",
    )
    assert AuthorizationSegment.objects.filter(superseded_at=None, authorization=authorization_of(line)).count() == 2
    assert browser_of(stranger(world)).get(address).status_code == 404
