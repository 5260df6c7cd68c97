"""The second proof: app, recovery codes, passkeys; throttle, trail, and the plans that ask for it."""

from datetime import timedelta

import pyotp
import pytest
from django.urls import reverse

from openum.accounts.models import AuthenticatorApp, Passkey, Plan, RecoveryCode, User
from openum.accounts.proofs import services
from openum.accounts.rules import MOST_FAILURES, PermissionRefused
from openum.accounts.services import register_person
from openum.audit.models import EventRow
from openum.vocabulary.errors import Conflict, NotAllowed
from openum.vocabulary.terms import Role

pytestmark = pytest.mark.django_db
PASSWORD = "a long test pass phrase"


def sign_in(client, who="nurse"):
    return client.post("/sign-in/", {"username": f"{who}@test.invalid", "password": PASSWORD})


def code(user, at) -> str:
    return pyotp.TOTP(services.secret_of(AuthenticatorApp.objects.get(user=user))).at(int(at.timestamp()))


@pytest.fixture
def nurse(world, at, demo_clock) -> User:
    services.begin_app(by=world.nurse, at=at)
    services.confirm_app(typed=code(world.nurse, at), by=world.nurse, at=at)
    demo_clock.set_demo_clock(at + timedelta(minutes=5))
    return world.nurse


def later(at):
    return at + timedelta(minutes=5)


def test_an_app_is_added_on_the_page_and_asked_for_at_the_next_sign_in(client, world, at, demo_clock):
    page = reverse("accounts:proofs")
    sign_in(client)
    client.post(page, {"do": "begin-app"})
    shown = client.get(page).content.decode()
    assert services.secret_of(AuthenticatorApp.objects.get()) in shown
    assert "<svg" in shown
    assert client.post(page, {"do": "app", "code": "000000"}).status_code == 422
    told = client.post(page, {"do": "app", "code": code(world.nurse, at)})
    assert len(told.context["codes"]) == services.CODES
    client.post("/sign-out/")
    answer = sign_in(client)
    assert answer.url == reverse("accounts:second")
    assert client.get("/review/").status_code == 302
    demo_clock.set_demo_clock(at + timedelta(minutes=5))
    assert client.post(answer.url, {"code": code(world.nurse, at + timedelta(minutes=5))}).url == "/"
    assert client.get("/review/").status_code == 200


def test_a_code_counts_once_and_not_for_long(nurse, at):
    soon = later(at)
    services.accept_code(user=nurse, typed=code(nurse, soon), at=soon)
    with pytest.raises(services.ProofWrong):
        services.accept_code(user=nurse, typed=code(nurse, soon), at=soon)
    with pytest.raises(services.ProofWrong):
        services.accept_code(user=nurse, typed=code(nurse, soon + timedelta(minutes=2)), at=soon + timedelta(minutes=5))


def test_a_recovery_code_works_once_and_for_nobody_else(nurse, world, at):
    codes = services.make_codes(by=nurse, at=at)
    services.accept_code(user=nurse, typed=codes[0].upper().replace("-", " "), at=at)
    with pytest.raises(services.ProofWrong):
        services.accept_code(user=nurse, typed=codes[0], at=at)
    with pytest.raises(services.ProofWrong):
        services.accept_code(user=world.intake, typed=codes[1], at=at)
    services.make_codes(by=nurse, at=at)
    with pytest.raises(services.ProofWrong):
        services.accept_code(user=nurse, typed=codes[1], at=at)


def test_secrets_and_codes_are_not_kept_as_they_are(nurse, at):
    codes = services.make_codes(by=nurse, at=at)
    kept = AuthenticatorApp.objects.get().sealed_secret + " ".join(
        RecoveryCode.objects.values_list("digest", flat=True)
    )
    assert services.secret_of(AuthenticatorApp.objects.get()) not in kept
    assert not any(each in kept for each in codes)


def test_guessing_codes_is_slow_and_stands_in_the_trail(client, nurse, at):
    sign_in(client)
    page = reverse("accounts:second")
    for _ in range(MOST_FAILURES):
        assert client.post(page, {"code": "123"}).status_code == 422
    assert client.post(page, {"code": code(nurse, later(at))}).status_code == 429
    assert EventRow.objects.filter(type="ProofRefused").count() == MOST_FAILURES


def test_without_the_password_there_is_no_second_page_and_it_does_not_wait_for_ever(client, nurse):
    page = reverse("accounts:second")
    assert client.get(page).url == "/sign-in/"
    sign_in(client)
    session = client.session
    session["half_signed_in"] = session["half_signed_in"] | {"since": 0}
    session.save()
    assert client.post(page, {"code": "1"}).url == "/sign-in/"


def test_who_works_for_a_plan_that_asks_adds_a_proof_before_anything_else(client, world, at, demo_clock):
    Plan.objects.filter(pk=world.plan.pk).update(needs_second_proof=True)
    page = reverse("accounts:proofs")
    assert sign_in(client).url == page
    assert client.get("/review/").url == page
    client.post(page, {"do": "begin-app"})
    client.post(page, {"do": "app", "code": code(world.nurse, at)})
    assert client.get("/review/").status_code == 200
    assert client.post(page, {"do": "remove", "password": PASSWORD}).status_code == 409
    assert AuthenticatorApp.objects.exists()


@pytest.mark.parametrize("who", ["member", "provider"])
def test_members_and_offices_choose_for_themselves(client, world, demo_clock, who):
    Plan.objects.filter(pk=world.plan.pk).update(needs_second_proof=True)
    assert sign_in(client, who).url == "/"


def test_a_proof_is_taken_away_with_the_password_only(nurse, world, at):
    with pytest.raises(NotAllowed):
        services.remove_proof(passkey=None, password="wrong", by=nurse, at=at)
    key = Passkey.objects.create(user=world.intake, name="x", credential_id="x", public_key=b"x", added_at=at)
    with pytest.raises(NotAllowed):
        services.remove_proof(passkey=key, password=PASSWORD, by=nurse, at=at)
    services.remove_proof(passkey=None, password=PASSWORD, by=nurse, at=at)
    assert not AuthenticatorApp.objects.exists()


def test_a_second_app_takes_the_first_one_s_place_only_after_it_is_gone(nurse, at):
    with pytest.raises(Conflict):
        services.begin_app(by=nurse, at=at)


@pytest.mark.parametrize("answer", ["", "{}", "[]", "nonsense", '{"id": "x", "rawId": "x", "type": "public-key"}'])
def test_an_answer_that_is_none_of_a_device_is_refused(world, at, answer):
    site = {"challenge": "AAAA", "host": "localhost", "origin": "http://localhost"}
    with pytest.raises(services.ProofWrong):
        services.add_passkey(answer=answer, name="x", by=world.nurse, at=at, **site)
    Passkey.objects.create(user=world.nurse, name="x", credential_id="x", public_key=b"x", added_at=at)
    with pytest.raises(services.ProofWrong):
        services.accept_passkey(user=world.nurse, answer=answer, at=at, **site)


def test_the_director_sets_the_rule_of_the_own_plan(client, world, at, demo_clock):
    director = register_person(
        email="director@test.invalid", name="Dora", password=PASSWORD, roles=[(Role.DIRECTOR, world.plan, None)]
    )
    client.force_login(director)
    client.post(reverse("accounts:sign-in-rules"), {f"plan-{world.plan.public_id}": "on"})
    assert Plan.objects.get(pk=world.plan.pk).needs_second_proof
    assert not Plan.objects.get(pk=world.sandbox.pk).needs_second_proof
    assert EventRow.objects.filter(type="SignInRuleChanged").count() == 1
    with pytest.raises(PermissionRefused):
        services.set_sign_in_rule(plan=world.plan, needs_second_proof=False, by=world.nurse, at=at)
