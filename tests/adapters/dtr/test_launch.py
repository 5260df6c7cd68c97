"""The launch of the form client from a record system: discovery, PKCE, state, code exchange, and what is refused."""

import base64
import hashlib
import html
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.test import Client

from openum.accounts.connections.servers import ServerRefused
from openum.adapters.fhir.crd import remote
from openum.adapters.fhir.dtr.client import launching
from openum.adapters.fhir.dtr.client.launching import LIFE, LaunchRefused, begin, finish
from openum.db import clock
from openum.forms.models import Filling
from tests.adapters.crd.conftest import crd
from tests.adapters.crd.kit import call, information, order

__all__ = ["crd"]
EHR, NOW = "http://ehr.test/fhir", datetime(2026, 11, 16, 15, tzinfo=UTC)
SMART = {
    "authorization_endpoint": "http://ehr.test/authorize", "token_endpoint": "http://ehr.test/token",
    "code_challenge_methods_supported": ["S256"],
}  # fmt: skip
TOKEN = {"access_token": "one-reading", "token_type": "Bearer", "patient": "p9"}
CHART = {
    "Patient/p9": {"resourceType": "Patient", "id": "p9", "birthDate": "1960-05-04",
                   "name": [{"family": "Osgood", "given": ["Mina"]}]},
}  # fmt: skip


class Ehr:
    """A record system that says what it was asked."""

    def __init__(self, smart=None, token=None):
        self.smart, self.token, self.asked, self.chart = smart or SMART, token or TOKEN, [], CHART

    def __call__(self, address, headers, until, form):
        self.asked.append((address, dict(parse_qsl(form.decode())) if form else None))
        told = self.smart if form is None else self.token
        if isinstance(told, Exception):
            raise told
        return told if isinstance(told, bytes) else json.dumps(told).encode()

    def read(self, url, token, until):
        self.asked.append((url, token))
        found = self.chart.get(url.removeprefix(f"{EHR}/"), {"resourceType": "Bundle", "type": "searchset"})
        return json.dumps(found).encode()


@pytest.fixture(autouse=True)
def listed(settings):
    settings.OPENUM_CLIENT_FHIR_SERVERS = frozenset({EHR})


def began(ehr, **changes):
    facts = {"iss": EHR, "launch": "l1", "redirect_uri": "https://um.test/back", "servers": [EHR], "at": NOW}
    return begin(**(facts | changes), ask=ehr)


@pytest.mark.requirement("SMART App Launch 2, EHR launch")
def test_a_launch_asks_for_a_code_with_pkce_and_exchanges_it_with_the_verifier():
    ehr = Ehr()
    where, state, kept = began(ehr)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(where).query).items()}
    assert where.startswith("http://ehr.test/authorize?")
    assert (asked["aud"], asked["launch"], asked["state"], asked["response_type"]) == (EHR, "l1", state, "code")
    digest = hashlib.sha256(kept["verifier"].encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    granted = finish(kept, {"code": "c1"}, at=NOW, ask=ehr)
    assert (granted.server, granted.patient, granted.token) == (EHR, "p9", "one-reading")
    assert ehr.asked[-1] == ("http://ehr.test/token", {
        "grant_type": "authorization_code", "code": "c1", "redirect_uri": "https://um.test/back",
        "client_id": "openum-forms", "code_verifier": kept["verifier"],
    })  # fmt: skip
    assert began(ehr)[1] != state


@pytest.mark.parametrize(
    ("changes", "smart", "words"),
    [
        ({"iss": "https://evil.example/fhir"}, None, "not registered"),
        ({"iss": ""}, None, "not registered"),
        ({"launch": " "}, None, "no launch"),
        ({}, SMART | {"token_endpoint": "http://inside.test/token"}, "over https"),
        ({}, {"token_endpoint": "http://ehr.test/token"}, "over https"),
        ({}, SMART | {"code_challenge_methods_supported": ["plain"]}, "PKCE"),
        ({}, b"<html>", "did not answer"),
        ({}, b"[]", "did not answer"),
        ({}, TimeoutError(), "did not answer"),
        ({}, ServerRefused(302), "did not answer"),
    ],
)
def test_a_launch_that_cannot_be_followed_is_refused_before_the_browser_leaves(changes, smart, words):
    with pytest.raises(LaunchRefused, match=words):
        began(Ehr(smart=smart), **changes)


@pytest.mark.parametrize(
    ("answer", "token", "later", "words"),
    [
        ({"error": "access_denied"}, None, timedelta(), "did not allow"),
        ({}, None, timedelta(), "no code"),
        ({"code": "c"}, None, LIFE + timedelta(seconds=1), "too old"),
        ({"code": "c"}, {"token_type": "Bearer", "patient": "p9"}, timedelta(), "no access"),
        ({"code": "c"}, TOKEN | {"token_type": "mac"}, timedelta(), "no access"),
        ({"code": "c"}, {"access_token": "x", "token_type": "bearer"}, timedelta(), "no patient"),
        ({"code": "c"}, ServerRefused(400), timedelta(), "did not answer"),
    ],
)
def test_what_comes_back_wrong_is_refused(answer, token, later, words):
    ehr = Ehr(token=token)
    _, _, kept = began(ehr)
    with pytest.raises(LaunchRefused, match=words):
        finish(kept, answer, at=NOW + later, ask=ehr)
    with pytest.raises(LaunchRefused, match="not known"):
        finish(None, answer, at=NOW, ask=ehr)


@pytest.fixture
def office(world, monkeypatch):
    ehr = Ehr()
    monkeypatch.setattr(launching, "_ask_listed", ehr)
    monkeypatch.setattr(remote, "get", ehr.read)
    browser = Client()
    browser.force_login(world.provider)
    browser.ehr = ehr
    return browser


def sent_to(browser):
    answer = browser.get("/forms/launch/", {"iss": EHR, "launch": "l1"})
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]


def test_a_launch_from_the_plans_card_opens_its_form_filled_from_the_chart_once(crd, office):
    told = crd.ask(call(order("72148")))
    assertion = information(told["systemActions"][0]["resource"])[0]["coverage-assertion-id"][0]
    office.ehr.token = TOKEN | {"appContext": assertion}
    state = sent_to(office)
    opened = office.get("/forms/launched/", {"state": state, "code": "c1"})
    row = Filling.objects.get()
    assert opened.headers["Location"] == f"/forms/{row.public_id}/"
    assert row.form.startswith("http://testserver/policies/LBP-MRI/fhir/Questionnaire|")
    assert (row.subject, row.context["orders"]) == ("Mina Osgood", ["ServiceRequest/o1"])
    assert "one-reading" not in json.dumps([row.records, row.context, dict(office.session)])
    again = office.get("/forms/launched/", {"state": state, "code": "c1"})
    assert (again.status_code, Filling.objects.count()) == (422, 1)
    assert "used already" in again.content.decode()


def _hidden(page, name):
    return re.search(f'name="{name}" value="([^"]*)"', page)[1]


def _chosen(page, words):
    return html.unescape(re.search(f'value="([^"]*)"[^>]*><label[^>]*>{words}', page)[1])


def test_a_launch_that_names_no_order_offers_the_forms_of_its_patient(crd, office):
    told = crd.ask(call(order("72148", id="o1"), order("27447", id="o2")))
    assert len(told["systemActions"]) == 2
    office.ehr.token = TOKEN | {"patient": "p1"}
    office.ehr.chart = {"Patient/p1": CHART["Patient/p9"] | {"id": "p1"}}
    state = sent_to(office)
    page = office.get("/forms/launched/", {"state": state, "code": "c1"}).content.decode()
    assert page.count('type="radio"') == 2
    assert "one-reading" not in json.dumps(dict(office.session)) + page
    fields = {"state": state, "key": _hidden(page, "key"), "choice": _chosen(page, "[^<]*27447")}
    opened = office.post("/forms/launched/", fields)
    row = Filling.objects.get()
    assert opened.headers["Location"] == f"/forms/{row.public_id}/"
    assert row.context["orders"] == ["ServiceRequest/o2"]
    assert "/KNEE-ARTH/" in row.form
    again = office.post("/forms/launched/", fields)
    assert (again.status_code, Filling.objects.count()) == (422, 1)


def test_a_choice_with_another_key_or_too_late_opens_nothing(crd, office, monkeypatch):
    crd.ask(call(order("72148")))
    office.ehr.token = TOKEN | {"patient": "p1"}
    state = sent_to(office)
    page = office.get("/forms/launched/", {"state": state, "code": "c1"}).content.decode()
    choice = {"state": state, "choice": _chosen(page, "[^<]*72148")}
    assert office.post("/forms/launched/", choice | {"key": "forged"}).status_code == 422
    state = sent_to(office)
    page = office.get("/forms/launched/", {"state": state, "code": "c1"}).content.decode()
    later = clock.real_now() + LIFE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    late = office.post("/forms/launched/", choice | {"state": state, "key": _hidden(page, "key")})
    assert late.status_code == 422
    assert "too old" in late.content.decode()
    assert Filling.objects.count() == 0


def test_a_launch_about_no_order_we_know_is_told_so(office):
    shown = office.get("/forms/launched/", {"state": sent_to(office), "code": "c1"})
    assert shown.status_code == 422
    assert "names no order" in shown.content.decode()
    assert Filling.objects.count() == 0


def test_an_unknown_record_system_and_a_forged_state_get_a_page(office):
    for path, query in (
        ("launch", {"iss": "https://evil.example", "launch": "x"}),
        ("launched", {"state": "forged", "code": "c"}),
    ):
        shown = office.get(f"/forms/{path}/", query)
        assert shown.status_code == 422
        assert "could not be opened" in shown.content.decode()
    assert Client().get("/forms/launch/", {"iss": EHR, "launch": "l1"}).headers["Location"].startswith("/sign-in/")
