"""What never becomes a request: bad tokens, bad forms, bad bodies. Each answer names place and cure; nothing leaks."""

import hashlib

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openum.audit.models import EventRow
from openum.cases.models import Case
from openum.submission.models import Submission
from tests.adapters.kit import JUNK, NAMES, message, with_junk


def _issue(response):
    outcome = orjson.loads(response.content)
    assert response.headers["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert response.headers["Content-Length"] == str(len(response.content))  # a torn answer is seen as one
    assert outcome["resourceType"] == "OperationOutcome"
    return outcome["issue"][0]


BROKEN = [
    (b" ", "Bundle"),
    (b"not json", "Bundle"),
    (b'{"resourceType":"Bundle","entry":[', "Bundle"),
    (b"\xff\xfe{}", "Bundle"),
    (b'{"a":"\\ud800"}', "Bundle"),
    (b'{"resourceType":"Bundle","entry":' + b"[" * 5000 + b"]" * 5000 + b"}", "Bundle"),
    (b'{"resourceType":"Bundle","x":' + b"[" * 400 + b"]" * 400 + b"}", "Bundle"),
    (b'{"resourceType":"Patient"}', "Bundle"),
    (b"[]", "Bundle"),
    (b"null", "Bundle"),
    (b'{"resourceType":"Bundle","type":"collection","entry":[]}', "Bundle.entry"),
    (b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}}]}', "Bundle.entry[0].resource"),
    (
        b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Claim","patient":{"reference":"Patient/1"}}}]}',
        "Bundle.entry[0].resource.patient.reference",
    ),
]  # fmt: skip


@pytest.mark.parametrize("operation", ["submit", "inquire"])
@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_a_broken_body_is_refused_with_path_and_cure_and_kept(door, operation, base):
    for body, path in BROKEN:
        response = door.post(body, operation, base=base)
        issue = _issue(response)
        assert response.status_code == 400, body[:80]
        assert (issue["severity"], issue["expression"]) == ("error", [path])
        assert issue["diagnostics"]
        kept = Submission.objects.latest("pk")
        assert (kept.state, kept.case, bytes(kept.raw), kept.raw_size) == (Submission.REFUSED, None, body, len(body))
        assert kept.door == f"/fhir/{base} Claim/${operation}"
    assert Case.objects.count() == 0


@pytest.mark.parametrize("content_type", ["application/fhir+xml", "text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type_is_refused_and_kept(door, content_type):
    response = door.post(message("home-care"), content_type=content_type)
    assert response.status_code == 415
    assert "application/fhir+json" in _issue(response)["diagnostics"]
    assert Submission.objects.get().state == Submission.REFUSED


@pytest.mark.parametrize("content_type", ["application/json", "application/fhir+json; charset=utf-8; fhirVersion=4.0"])
def test_json_by_any_of_its_names_is_taken(door, content_type):
    assert door.post(message("home-care"), content_type=content_type).status_code == 200


def test_a_compressed_body_is_refused(door):
    response = door.post(b"\x1f\x8b", **{"Content-Encoding": "gzip"})
    assert response.status_code == 415


def test_over_the_limit_only_hash_and_size_are_kept(door, settings):  # pytest-django's fixture
    settings.OPENUM_MAX_BODY_BYTES = 100_000
    body = b" " * 300_000
    response = door.post(body)
    assert response.status_code == 413
    assert "100000" in _issue(response)["details"]["text"]
    kept = Submission.objects.get()
    assert (kept.raw, kept.raw_digest, kept.raw_size) == (None, hashlib.sha256(body).hexdigest(), 300_000)


def test_a_byte_order_mark_is_no_reason_to_refuse(door):
    assert door.post(b"\xef\xbb\xbf" + orjson.dumps(message("home-care"))).status_code == 200


@pytest.mark.parametrize("headers", [{"token": None}, {"token": "wrong"}, {"token": ""}])
@pytest.mark.parametrize("operation", ["submit", "inquire"])
def test_without_a_right_token_nothing_is_read_kept_or_told(door, headers, operation):
    response = door.post(message("home-care"), operation, **headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert _issue(response) == {
        "severity": "error",
        "code": "login",
        "details": {"text": "A valid bearer token of a registered client is needed."},
        "diagnostics": "Get an access token as .well-known/smart-configuration of this base says, and send it: "
        "Authorization: Bearer.",
        "expression": ["http.Authorization"],
    }
    assert Submission.objects.count() == 0


def test_basic_authentication_is_no_bearer_token(door):
    assert door.post(message("home-care"), token=None, Authorization="Basic sandbox-token").status_code == 401


def test_a_suspended_client_is_forbidden(door):
    user = door.world.sandbox_client.user
    user.is_active = False
    user.save()
    response = door.post(message("home-care"))
    assert (response.status_code, _issue(response)["code"]) == (403, "forbidden")
    assert Submission.objects.count() == 0


@pytest.mark.parametrize(
    "path", ["/fhir/1.0/Claim/$submit", "/fhir/2.0/Patient/1", "/fhir/9/metadata", "/fhir/2.0/Claim/$other/more"]
)
def test_every_other_address_is_not_found(client, world, path):
    response = client.post(path, b"{}", content_type="application/fhir+json")
    assert (response.status_code, _issue(response)["code"]) == (404, "not-found")


def test_operations_take_post_only(client, world):
    response = client.get("/fhir/2.0/Claim/$submit")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def test_refusals_quote_nothing_of_the_message(door):
    data = message("home-care")
    data["entry"].pop(4)
    response = door.post(data)
    assert b"Linden" not in response.content
    assert b"M-700-1" not in response.content
    assert not EventRow.objects.filter(data__contains="Linden").exists()


@pytest.mark.parametrize(("base", "guide"), [("2.0", "2.0.1"), ("2.2", "2.2.1")])
def test_metadata_names_version_operations_and_limit_without_a_token(client, world, base, guide):
    statement = orjson.loads(client.get(f"/fhir/{base}/metadata").content)
    assert statement["resourceType"] == "CapabilityStatement"
    assert statement["implementationGuide"][0].endswith(f"|{guide}")
    rest = statement["rest"][0]
    claim = next(one for one in rest["resource"] if one["type"] == "Claim")
    assert [one["name"] for one in claim["operation"]] == ["submit", "inquire"]
    assert "16777216" in rest["documentation"]


@pytest.mark.sends_junk
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    name=st.sampled_from(NAMES),
    pick=st.integers(min_value=0),
    junk=JUNK,
    base=st.sampled_from(["2.0", "2.2"]),
    operation=st.sampled_from(["submit", "submit", "inquire"]),
)
def test_no_message_breaks_the_server(door, name, pick, junk, base, operation):
    response = door.post(with_junk(name, pick, junk), operation, base=base)
    answer = orjson.loads(response.content)
    if response.status_code == 400:
        assert answer["resourceType"] == "OperationOutcome"
    else:
        assert (response.status_code, answer["resourceType"]) in {(200, "Bundle"), (200, "Parameters")}


def test_interfaces_set_no_cookie_and_refuse_foreign_hosts(door):
    response = door.post(message("home-care"))
    assert not response.cookies
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Request-Id"]
    assert door.http.get("/fhir/2.0/metadata", headers={"Host": "elsewhere.example"}).status_code == 400


def test_an_unforeseen_fault_is_a_500_that_keeps_and_tells_nothing(door, monkeypatch):
    def break_down(*args, **facts):
        raise RuntimeError("M-700-1")

    monkeypatch.setattr("openum.adapters.fhir.pas.submit.response_bundle", break_down)
    door.http.raise_request_exception = False
    response = door.post(message("home-care"))
    assert response.status_code == 500
    assert b"M-700-1" not in response.content
    assert (Submission.objects.count(), Case.objects.count()) == (0, 0)
