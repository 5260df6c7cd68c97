"""What a client registers beside its keys: its own FHIR server, which a hook may ask, and the pages browsers call from."""

import json

import pytest
from django.test import Client

from openum.accounts.connections import services
from openum.accounts.connections.servers import ServerRefused, ask_public, check_origins, check_server
from openum.accounts.connections.services import (
    AlreadySettled,
    ServerSilent,
    revoke,
    set_origins,
    set_server,
    try_server,
)
from openum.accounts.models import ApiClient
from openum.adapters.fhir.crd import remote
from openum.adapters.fhir.crd.remote import NOT_LISTED, REFUSED, Remote
from openum.audit.models import EventRow
from openum.vocabulary.errors import OpenUMError
from tests.identity.conftest import person

SERVER, APP = "https://ehr.example/fhir", "https://app.example"


@pytest.mark.parametrize(
    "url",
    [
        "http://ehr.example/fhir", "https://", "ehr.example", "https://me@ehr.example/fhir", "https://ehr.example/?a=b",
        "https://ehr.example/#x", "https://ehr.example:port/", "https://ehr.example/a b", "https://ehr.example/\\x",
        "file:///etc/passwd", "https://ehr.example/" + "x" * 600, "https://ehr.éxample/",
    ],
)  # fmt: skip
def test_what_is_no_base_of_a_server_is_refused(url):
    with pytest.raises(OpenUMError) as refusal:
        check_server(url)
    assert refusal.value.code == "server-not-allowed"


@pytest.mark.parametrize(
    "written",
    [
        "*",
        "https://*.app.example",
        "https://app.example/path",
        "http://app.example",
        "null",
        "https://a@b.example",
        "app",
    ],
)
def test_what_is_no_origin_is_refused(written):
    with pytest.raises(OpenUMError) as refusal:
        check_origins(written)
    assert refusal.value.code == "origin-not-allowed"


def test_origins_are_kept_once_and_not_too_many():
    assert check_origins("https://App.example/, http://localhost:3000  https://app.example") == (
        "https://app.example http://localhost:3000"
    )
    with pytest.raises(OpenUMError, match="at most 10"):
        check_origins(" ".join(f"https://a{n}.example" for n in range(11)))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.8", "169.254.169.254", "[::1]", "192.168.1.1"])
def test_an_address_inside_our_own_network_is_never_asked(host):
    with pytest.raises(OSError, match="not on the public network"):
        ask_public(f"https://{host}/fhir/metadata", {}, 1e12)


def answering(body, seen=None):
    def ask(url, headers, until, form):
        if seen is not None:
            seen.append((url, dict(headers)))
        if isinstance(body, Exception):
            raise body
        return body if isinstance(body, bytes) else json.dumps(body).encode()

    return ask


def test_a_server_is_kept_tried_and_each_step_is_on_record(town, at):
    client, seen = town.client, []
    with pytest.raises(AlreadySettled):
        try_server(client=client, by=town.integrator, at=at)
    set_server(client=client, url=f"{SERVER}/", by=town.integrator, at=at)
    client.refresh_from_db()
    assert client.fhir_server == SERVER
    statement = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
    assert try_server(client=client, by=town.integrator, at=at, ask=answering(statement, seen)) == "4.0.1"
    assert seen == [(f"{SERVER}/metadata", {"Accept": "application/fhir+json"})]
    for nothing in ({"resourceType": "Patient"}, b"<html>", TimeoutError(), ServerRefused(302), [1]):
        with pytest.raises(ServerSilent):
            try_server(client=client, by=town.integrator, at=at, ask=answering(nothing))
    tries = EventRow.objects.filter(type="ClientServerTried").order_by("pk")
    tried = [json.loads(row.data)["did_answer"] for row in tries]
    assert tried == [True] + [False] * 5
    assert EventRow.objects.filter(type="ClientServerChanged").count() == 1


def test_strangers_and_the_revoked_change_nothing(town, at):
    stranger = person("stranger", [])
    for change in (
        lambda by: set_server(client=town.client, url=SERVER, by=by, at=at),
        lambda by: set_origins(client=town.client, origins=APP, by=by, at=at),
    ):
        with pytest.raises(OpenUMError):
            change(stranger)
    revoke(client=town.client, by=town.integrator, at=at)
    with pytest.raises(AlreadySettled):
        set_server(client=town.client, url=SERVER, by=town.integrator, at=at)
    assert ApiClient.objects.get(pk=town.client.pk).fhir_server == ""


def test_the_page_sets_tries_and_refuses(town, monkeypatch):
    browser = Client()
    browser.force_login(town.integrator)
    page = f"/connections/{town.client.public_id}/"
    assert browser.post(page, {"do": "server", "fhir_server": "http://ehr.example"}).status_code == 422
    assert browser.post(page, {"do": "origins", "browser_origins": "*"}).status_code == 422
    assert browser.post(page, {"do": "try"}).status_code == 409
    browser.post(page, {"do": "server", "fhir_server": SERVER})
    browser.post(page, {"do": "origins", "browser_origins": APP})
    shown = browser.get(page).content.decode()
    assert SERVER in shown
    assert APP in shown
    monkeypatch.setattr(services, "greeting_of", lambda _base, **_how: "")
    silent = browser.post(page, {"do": "try"})
    assert silent.status_code == 422
    assert "did not answer with its CapabilityStatement" in silent.content.decode()
    monkeypatch.setattr(services, "greeting_of", lambda _base, **_how: "4.0.1")
    assert "version 4.0.1" in browser.post(page, {"do": "try"}, follow=True).content.decode()


def test_a_hook_asks_the_callers_own_server_and_no_other(monkeypatch):
    seen = []
    data = {"fhirServer": f"{SERVER}/", "fhirAuthorization": {"access_token": "t", "token_type": "Bearer"}}

    def fetch(url, token, until):
        seen.append((url, token))
        return b'{"resourceType": "Patient", "id": "p"}'

    assert Remote(data, own=SERVER, fetch_own=fetch)("Patient/p")["id"] == "p"
    assert seen == [(f"{SERVER}/Patient/p", "t")]
    other = Remote(data, own="https://other.example/fhir", fetch_own=fetch)
    assert (other("Patient/p"), other.trouble) == (None, NOT_LISTED)

    def refusing(url, headers, until, form=None):
        raise ServerRefused(403)

    monkeypatch.setattr(remote, "ask_public", refusing)
    asked = Remote(data, own=SERVER)
    assert (asked("Patient/p"), asked.trouble) == (None, REFUSED)


# ---- browsers

ALLOWED = "Access-Control-Allow-Origin"


def ask_first(http, path, origin, method="POST"):
    return http.options(path, headers={"Origin": origin, "Access-Control-Request-Method": method})


@pytest.mark.requirement("CORS, preflight")
@pytest.mark.parametrize(
    "path", ["/fhir/2.2/Questionnaire/$questionnaire-package", "/fhir/2.0/metadata", "/oauth/token"]
)
def test_a_browser_may_ask_first_from_a_registered_page_only(town, at, path):
    assert ALLOWED not in ask_first(town.http, path, APP).headers
    set_origins(client=town.client, origins=APP, by=town.integrator, at=at)
    answer = ask_first(town.http, path, APP)
    assert (answer.status_code, answer.headers[ALLOWED], answer.headers["Vary"]) == (204, APP, "Origin")
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    for other in ("https://app.example.evil", "https://evil.example", "null", "https://app.exampl"):
        assert ALLOWED not in ask_first(town.http, path, other).headers


def test_an_answer_is_read_by_its_own_clients_pages_only(town, at, world):
    set_origins(client=town.client, origins=APP, by=town.integrator, at=at)
    mine = {"Authorization": f"Bearer {town.token()}"}
    theirs = {"Authorization": "Bearer plan-token"}

    def read(headers, origin=APP):
        return town.http.get("/fhir/2.2/Questionnaire", headers={**headers, "Origin": origin})

    assert read(mine).headers[ALLOWED] == APP
    assert ALLOWED not in read(mine, "https://evil.example").headers
    assert ALLOWED not in read(theirs).headers
    refused = read({})
    assert (refused.status_code, refused.headers[ALLOWED]) == (401, APP)
    kind = "application/x-www-form-urlencoded"
    token = town.http.post("/oauth/token", b"", content_type=kind, headers={"Origin": APP})
    assert (token.status_code, token.headers[ALLOWED]) == (400, APP)
    assert "Origin" not in town.http.get("/fhir/2.2/Questionnaire", headers=mine).headers.get("Vary", "")
    revoke(client=town.client, by=town.integrator, at=at)
    assert ALLOWED not in read({}).headers
