"""Discovery, and refusals: each has its status, an OperationOutcome with path and cure."""

import orjson
import pytest

from tests.adapters.crd import kit

HOOKS = ["appointment-book", "order-sign", "order-dispatch", "order-select", "encounter-start", "encounter-discharge"]


@pytest.mark.parametrize("base", ["2.0", "2.2"])
@pytest.mark.django_db
def test_discovery_tells_the_six_hooks_without_a_token(client, base):
    answer = client.get(f"/crd/{base}/cds-services")
    told = orjson.loads(answer.content)["services"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert [one["hook"] for one in told] == HOOKS
    for one in told:
        assert {"id", "title", "description", "prefetch", "extension"} <= set(one)
        assert one["prefetch"]["coverage"] == "Coverage?patient={{context.patientId}}&status=active"
        codes = [option["code"] for option in one["extension"]["davinci-crd.configuration-options"]]
        assert {"coverage-info", "max-cards"} <= set(codes)
        assert one["extension"].get("davinci-crd.version", []) == (["2.1", "2.2"] if base == "2.2" else [])


def changed(**facts):
    body = kit.call(kit.order())
    for path, value in facts.items():
        *way, last = path.split("__")
        node = body
        for step in way:
            node = node[step]
        if value is None:
            del node[last]
        else:
            node[last] = value
    return body


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([], None),
        (changed(hook="order-select"), "hook"),
        (changed(hookInstance=None), "hookInstance"),
        (changed(context=None), "context"),
        (changed(context__patientId=None), "context.patientId"),
        (changed(context__draftOrders=None), "context.draftOrders"),
        (changed(context__draftOrders={"resourceType": "Patient"}), "context.draftOrders"),
    ],
)
def test_json_that_is_no_call_is_told_where_and_how(crd, body, path):
    answer = crd.post(body, hook="order-sign")
    (issue,) = orjson.loads(answer.content)["issue"]
    assert answer.status_code == 422
    assert issue.get("expression") == ([path] if path else None)
    assert issue["diagnostics"]


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"body": b"{", "hook": "order-sign"}, 400),
        ({"body": b"{}", "hook": "order-sign", "content_type": "text/plain"}, 415),
        ({"body": b"{}", "hook": "patient-view"}, 404),
        ({"body": b"{}", "hook": "order-sign", "base": "9.9"}, 404),
        ({"body": b"{}", "hook": "order-sign", "token": ""}, 401),
        ({"body": b"{}", "hook": "order-sign", "token": "wrong"}, 401),
    ],
)
def test_each_refusal_has_its_status_and_outcome(crd, facts, status):
    answer = crd.post(facts.pop("body"), **facts)
    assert answer.status_code == status
    assert orjson.loads(answer.content)["resourceType"] == "OperationOutcome"
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)


def test_a_body_over_the_limit_is_refused(crd, settings):
    settings.OPENUM_MAX_BODY_BYTES = 100
    assert crd.post(b"{" + b" " * 200 + b"}", hook="order-sign").status_code == 413


def test_a_browser_may_ask_first(crd, client):
    answer = client.options("/crd/2.0/cds-services/order-sign")
    assert (answer.status_code, answer.headers["Access-Control-Allow-Headers"]) == (204, "Authorization, Content-Type")
    assert client.get("/crd/2.0/cds-services/order-sign").status_code == 405


def test_a_dispatch_without_an_order_is_refused(crd):
    answer = crd.post(kit.call(hook="order-dispatch"))
    assert answer.status_code == 422
    assert orjson.loads(answer.content)["issue"][0]["expression"] == ["context.order"]


def test_discovery_asks_for_what_each_hook_is_about(client, db):
    told = {one["id"]: one["prefetch"] for one in orjson.loads(client.get("/crd/2.0/cds-services").content)["services"]}
    assert (told["order-dispatch"]["order"], told["order-dispatch"]["performer"]) == (
        "{{context.order}}", "{{context.performer}}",
    )  # fmt: skip
    assert "Encounter:service-provider" in told["encounter-start"]["encounter"]
    for kind in ("ServiceRequest", "DeviceRequest", "MedicationRequest", "NutritionOrder", "VisionPrescription",
                 "CommunicationRequest"):  # fmt: skip
        asked = told["order-sign"][f"{kind[0].lower()}{kind[1:]}Bundle"]
        assert asked.startswith(f"{kind}?_id={{{{context.draftOrders.{kind}.id}}}}&_include={kind}:")
