"""The table of errors: every hook and both versions, each with status, code, path and cure, and never a failure."""

import orjson
import pytest

from openum.adapters.fhir.crd import remote
from openum.adapters.fhir.crd.call import MOST_ORDERS
from openum.adapters.fhir.crd.discovery import HOOKS
from tests.adapters.crd import kit

BASES = ["2.0", "2.2"]
SERVER = "https://ehr.test/fhir"


def body_of(hook):
    """Return a call of a hook that can be answered."""
    context = {
        "order-select": {"selections": ["ServiceRequest/o1"]},
        "order-dispatch": {"order": "ServiceRequest/o1", "dispatchedOrders": ["ServiceRequest/o1"], "performer": "Practitioner/d1"},
        "encounter-start": {"encounterId": "e1"}, "encounter-discharge": {"encounterId": "e1"},
    }.get(hook, {})  # fmt: skip
    prefetch = {
        "patient": kit.patient(), "coverage": kit.coverage(), "order": kit.order(),
        "encounter": {"resourceType": "Encounter", "id": "e1", "class": {"code": "EMER"}},
    }  # fmt: skip
    appointment = {
        "resourceType": "Appointment", "id": "a1", "status": "proposed", "participant": [],
        "basedOn": [{"reference": "ServiceRequest/o1"}],
    }  # fmt: skip
    orders = [appointment] if hook == "appointment-book" else [kit.order()]
    return kit.call(*orders, hook=hook, prefetch=prefetch, context=context)


def issue_of(response):
    content = orjson.loads(response.content)
    assert content["resourceType"] == "OperationOutcome"
    (issue,) = content["issue"]
    assert issue["severity"] == "error"
    assert issue["details"]["text"]
    assert issue["diagnostics"]
    return issue


NEEDED = [(name, part) for name, hook in HOOKS.items() for part in ("patientId", *hook.needs)]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(("hook", "part"), NEEDED)
@pytest.mark.parametrize("value", [None, "", [], {}])
def test_a_context_without_what_the_hook_needs_names_it(crd, base, hook, part, value):
    body = body_of(hook)
    body["context"][part] = value
    if value is None:
        del body["context"][part]
    response = crd.post(body, base=base)
    assert response.status_code == 422
    assert issue_of(response)["expression"] == [f"context.{part}"]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_answers_a_person_whom_the_plan_does_not_know(crd, base, hook):
    body = body_of(hook)
    body["prefetch"]["coverage"] = kit.coverage("NOBODY")
    answer = crd.ask(body, base=base)
    for action in answer.get("systemActions", []):
        (parts,) = kit.information(action["resource"])
        assert parts["covered"] == (["conditional"] if base == "2.0" else ["indeterminate"])
        assert "does not find this person" in parts["reason"][0]["text"]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b" ", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe{}", "application/json", 400),
        (b"[" * 5000 + b"]" * 5000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b'"text"', "application/json", 422),
        (b"null", "application/json", 422),
        (b"{}", "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"{}", "application/xml", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
    ],
)
def test_a_body_that_is_no_call_is_refused_by_its_kind(crd, base, hook, raw, content_type, status):
    response = crd.post(raw, hook=hook, base=base, content_type=content_type)
    assert response.status_code == status
    issue_of(response)


def test_a_compressed_body_is_refused(crd, client):
    response = client.post(
        "/crd/2.2/cds-services/order-sign", b"\x1f\x8b", content_type="application/json",
        headers={"Authorization": "Bearer plan-token", "Content-Encoding": "gzip"},
    )  # fmt: skip
    assert response.status_code == 415


def test_a_byte_order_mark_and_a_charset_are_no_fault(crd):
    raw = b"\xef\xbb\xbf" + orjson.dumps(body_of("order-sign"))
    assert crd.post(raw, hook="order-sign", content_type="application/fhir+json; charset=utf-8").status_code == 200


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
@pytest.mark.parametrize("base", BASES)
def test_another_method_is_told_which_is_right(client, crd, method, base):
    response = getattr(client, method)(f"/crd/{base}/cds-services/order-sign")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST, OPTIONS")


def test_more_orders_than_a_call_may_hold_are_refused_whole(crd):
    many = kit.call(*(kit.order(name=f"o{n}") for n in range(MOST_ORDERS + 1)))
    response = crd.post(many)
    assert response.status_code == 422
    assert str(MOST_ORDERS) in issue_of(response)["details"]["text"]


def test_a_call_with_many_orders_is_answered_in_one_piece(crd):
    many = kit.call(*(kit.order(name=f"o{n}") for n in range(60)))
    assert len(crd.ask(many)["systemActions"]) == 60


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    "failure", [TimeoutError(), OSError("gone"), b"<html>", b'{"resourceType": "OperationOutcome"}']
)
def test_a_server_of_the_client_that_fails_never_fails_the_hook(crd, settings, monkeypatch, base, hook, failure):
    settings.OPENUM_CLIENT_FHIR_SERVERS = frozenset({SERVER})

    def fetch(url, token, until):
        if isinstance(failure, Exception):
            raise failure
        return failure

    monkeypatch.setattr(remote, "get", fetch)
    body = body_of(hook) | {"prefetch": {}, "fhirServer": SERVER, "fhirAuthorization": {"access_token": "t"}}
    answer = crd.ask(body, base=base)
    if hook in {"order-sign", "appointment-book"}:
        (parts,) = kit.information(answer["systemActions"][0]["resource"])
        assert "none could be read" in parts["reason"][0]["text"]
    elif hook != "order-select":
        assert any("could not be read" in card["summary"] for card in answer["cards"])


def test_a_slow_server_is_asked_no_longer_than_the_call_may_take(crd, settings, monkeypatch):
    settings.OPENUM_CLIENT_FHIR_SERVERS = frozenset({SERVER})
    now = [5000.0]
    asked = []

    def fetch(url, token, until):
        asked.append(until - now[0])
        now[0] += 2.0
        raise TimeoutError

    monkeypatch.setattr(remote.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(remote, "get", fetch)
    orders = [kit.order(name=f"o{n}", performer=[{"reference": f"Practitioner/d{n}"}]) for n in range(8)]
    crd.ask(kit.call(*orders, prefetch={}, fhirServer=SERVER))
    assert asked == [remote.SECONDS, remote.SECONDS - 2.0]
