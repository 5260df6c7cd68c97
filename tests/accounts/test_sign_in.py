"""Guessing passwords is slow, and the trail shows it."""

import pytest

from openum.accounts.models import SignInFailure
from openum.accounts.rules import MOST_FAILURES
from openum.audit.models import EventRow

pytestmark = pytest.mark.django_db
NURSE = "nurse@test.invalid"
PASSWORD = "a long test pass phrase"


def sign_in(client, password, account=NURSE):
    return client.post("/sign-in/", {"username": account, "password": password})


def test_after_too_many_wrong_passwords_the_right_one_waits_too(client, world, demo_clock, at):
    for _ in range(MOST_FAILURES):
        assert sign_in(client, "wrong").status_code == 422
    answer = sign_in(client, PASSWORD)
    assert answer.status_code == 429
    assert b"Wait 15 minutes" in answer.content
    demo_clock.set_demo_clock(at.replace(hour=18))
    assert sign_in(client, PASSWORD).status_code == 302
    assert SignInFailure.objects.count() == 0


def test_an_unknown_account_rests_as_well_and_nothing_tells_them_apart(client, world, demo_clock):
    for _ in range(MOST_FAILURES):
        known, unknown = sign_in(client, "wrong"), sign_in(client, "wrong", "nobody@test.invalid")
        assert (known.status_code, unknown.status_code) == (422, 422)
    assert sign_in(client, "wrong", "nobody@test.invalid").status_code == 429


def test_the_trail_shows_signing_in_wrong_attempts_and_signing_out(client, world, demo_clock):
    sign_in(client, "wrong")
    sign_in(client, PASSWORD)
    client.post("/sign-out/")
    types = list(EventRow.objects.filter(actor_id=world.nurse.public_id).order_by("id").values_list("type", flat=True))
    assert types == ["SignInRefused", "SignedIn", "SignedOut"]
