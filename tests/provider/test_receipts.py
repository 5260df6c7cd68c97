"""The numbered receipt "no authorization needed": with a request too, kept, and found by one's own office alone."""

from datetime import timedelta

import pytest

from openum.audit import events_of
from openum.needs.models import Assertion, Citation
from openum.needs.services import remove_old_assertions
from openum.submission import drafts
from openum.vocabulary.terms import LineStatus
from tests.provider.office import browser_of, sent, stranger, written

pytestmark = pytest.mark.django_db


def test_a_request_for_a_free_service_gets_a_receipt_and_is_answered_all_the_same(world, demo_clock, at):
    accepted = sent(world, at, **{"line1-code": "95806", "line1-first_day": "2026-12-17"})
    receipt = Assertion.objects.get()
    assert receipt.receipt_number.startswith("N-26-")
    assert (receipt.organization, receipt.member, receipt.service_date.isoformat()) == (
        world.practice,
        world.member,
        "2026-12-17",
    )
    assert Citation.objects.get().request == accepted.request
    assert accepted.case.lines.get().status != LineStatus.NOT_REQUIRED
    assert [one.type for one in events_of(accepted.case.public_id)].count("AssertionCited") == 1
    page = browser_of(world.provider).get(f"/receipts/{accepted.submission.public_id}/").content.decode()
    assert receipt.receipt_number in page
    answer = browser_of(world.provider).get(f"/needs/{receipt.public_id}/").content.decode()
    for words in ("What this receipt does not promise", "services 2026.3 sleep-home", "no promise that the plan pays"):
        assert words in answer


def test_a_service_that_needs_authorization_gets_none(world, demo_clock, at):
    sent(world, at, **{"line1-code": "72148"})
    assert not Assertion.objects.exists()


def test_a_message_without_a_case_gets_none(world, demo_clock, at):
    accepted = sent(world, at, **{"line1-code": "95806", "member_number": "M-404"})
    assert accepted.case is None
    assert not Assertion.objects.exists()


def test_sending_twice_gives_one_receipt(world, demo_clock, at):
    draft = written(world, at, **{"line1-code": "95806"})
    for _ in range(2):
        drafts.send(draft=draft, by=world.provider, at=at)
    assert Assertion.objects.count() == 1


def test_a_receipt_is_kept_and_another_office_does_not_find_it(world, demo_clock, at):
    browser_of(world.provider).post(
        "/needs/",
        {
            "do": "check", "plan": str(world.plan.public_id), "code_system": "CPT", "code": "95806",
            "product": str(world.medicare.public_id),
        },
    )  # fmt: skip
    receipt = Assertion.objects.get()
    assert remove_old_assertions(by=world.engine, at=at + timedelta(days=4000)) == 0
    other = browser_of(stranger(world))
    refused = other.post("/needs/", {"do": "find", "number": receipt.receipt_number})
    assert refused.status_code == 422
    assert other.get(f"/needs/{receipt.public_id}/").status_code == 404
