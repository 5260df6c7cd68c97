"""Subscription over HTTP: create, read, update, delete, search, `$status`, `$events`, and what is refused."""

import orjson
import pytest

from openum.adapters.fhir import codes
from openum.adapters.fhir.subscriptions.models import Subscription
from openum.adapters.fhir.subscriptions.services import MOST_PER_CLIENT
from openum.audit.models import EventRow
from tests.adapters.subscriptions.conftest import wanted

URL = "https://ehr.example/heard"


def _issue(response):
    return orjson.loads(response.content)["issue"][0]


def _change(resource, path, value):
    node = resource
    *way, last = path.split(".")
    for step in way:
        node = node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return resource


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_a_new_subscription_is_requested_and_has_our_id(rest, base):
    sent = wanted(URL) | {"id": "chosen-by-the-client", "status": "active"}
    response = rest("post", "Subscription", sent, base=base)
    made = orjson.loads(response.content)
    row = Subscription.objects.get()
    assert response.status_code == 201
    assert (made["id"], made["status"], made["criteria"]) == (str(row.public_id), "requested", codes.PAS_TOPIC)
    assert made["channel"] == sent["channel"]
    assert response.headers["Location"].endswith(f"/fhir/{base}/Subscription/{row.public_id}/_history/1")
    assert response.headers["ETag"] == 'W/"1"'
    assert EventRow.objects.filter(type="SubscriptionCreated").count() == 1


def test_an_end_in_the_past_and_a_filter_without_meaning_do_not_hinder(rest):
    made = rest.subscribe(wanted(URL, organization="nobody") | {"end": "2020-01-01T00:00:00Z"})
    assert made["end"] == "2020-01-01T00:00:00Z"
    assert Subscription.objects.get().ends_at is None


@pytest.mark.parametrize(
    ("said", "filters"),
    [
        ("orgIdentifier=1234567893", ["1234567893"]),
        ("org-identifier=1,2", ["1", "2"]),
        ("ClaimResponse?org-identifier=http://hl7.org/fhir/sid/us-npi|1234567893", ["1234567893"]),
        ("ClaimResponse?patient=Patient/1", []),
        ("", []),
    ],
)
def test_the_filter_is_read_in_each_of_its_spellings(rest, said, filters):
    resource = wanted(URL)
    resource["_criteria"] = {"extension": [{"url": codes.BACKPORT_FILTER, "valueString": said}]}
    rest.subscribe(resource)
    assert Subscription.objects.get().filters == filters


REFUSED = [
    ("criteria", "Observation?code=1", "Subscription.criteria", "2.2"),
    ("channel.type", "websocket", "Subscription.channel.type", "2.2"),
    ("channel.type", None, "Subscription.channel.type", "2.0"),
    ("channel.payload", "application/fhir+xml", "Subscription.channel.payload", "2.2"),
    ("channel._payload", {"extension": [{"url": codes.BACKPORT_CONTENT, "valueCode": "id-only"}]},
     "Subscription.channel.payload.extension", "2.2"),
    ("channel._payload", {"extension": [{"url": codes.BACKPORT_CONTENT, "valueCode": "some"}]},
     "Subscription.channel.payload.extension", "2.0"),
    ("channel.header", ["no colon"], "Subscription.channel.header[0]", "2.2"),
    ("channel.header", ["A: 1", "Host: other"], "Subscription.channel.header[1]", "2.2"),
    ("channel.header", ["A: 1\r\nB: 2"], "Subscription.channel.header[0]", "2.2"),
    ("channel.header", ["A: 1"] * 21, "Subscription.channel.header", "2.2"),
    ("channel.endpoint", None, "Subscription.channel.endpoint", "2.2"),
    ("channel.endpoint", "ftp://ehr.example/", "Subscription.channel.endpoint", "2.2"),
    ("channel.endpoint", "https://user:word@ehr.example/", "Subscription.channel.endpoint", "2.2"),
    ("channel.endpoint", "https://169.254.169.254/latest", "Subscription.channel.endpoint", "2.2"),
    ("channel.endpoint", "https://ehr.example/\r\nX: 1", "Subscription.channel.endpoint", "2.2"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "told", "base"), REFUSED)
def test_what_cannot_be_served_is_refused_with_path_and_cure(rest, path, value, told, base):
    response = rest("post", "Subscription", _change(wanted(URL), path, value), base=base)
    issue = _issue(response)
    assert (response.status_code, issue["expression"]) == (422, [told])
    assert issue["diagnostics"]
    assert issue["details"]["text"]
    assert Subscription.objects.count() == 0


@pytest.mark.parametrize("content", ["empty", "id-only", "full-resource"])
def test_the_older_guide_lets_a_client_choose_how_much_it_is_told(rest, content):
    rest.subscribe(wanted(URL, content=content), base="2.0")
    assert Subscription.objects.get().content == content


@pytest.mark.parametrize(("base", "content"), [("2.0", "id-only"), ("2.2", "full-resource")])
def test_silence_about_the_content_means_the_guides_own(rest, base, content):
    rest.subscribe(_change(wanted(URL), "channel._payload", None), base=base)
    assert Subscription.objects.get().content == content


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (b"not json", 400, "Subscription"),
        (b"[]", 400, "Subscription"),
        (b'{"resourceType":"Patient"}', 400, "Subscription"),
        (b"[" * 3000 + b"]" * 3000, 400, "Subscription"),
        (b" ", 400, "Subscription"),
    ],
)
def test_a_broken_body_is_refused(rest, body, status, path):
    response = rest("post", "Subscription", body)
    assert (response.status_code, _issue(response)["expression"]) == (status, [path])


def test_another_content_type_or_too_large_a_body_is_refused(rest, settings):
    response = rest("post", "Subscription", wanted(URL), **{"Content-Type": "application/fhir+xml"})
    assert (response.status_code, _issue(response)["expression"]) == (415, ["Subscription"])
    settings.OPENUM_MAX_BODY_BYTES = 100
    assert rest("post", "Subscription", wanted(URL)).status_code == 413


def test_a_subscription_is_read_changed_and_deleted_by_its_client_alone(rest):
    made = rest.subscribe(wanted(URL))
    path = f"Subscription/{made['id']}"
    assert rest.read(path) == made
    for method, body in (("get", None), ("put", made), ("delete", None)):
        assert rest(method, path, body, token="plan-token").status_code == 404
        assert rest(method, path, body, token="wrong").status_code == 401
        assert rest(method, path, body, base="2.0").status_code == 404
    changed = made | {"channel": made["channel"] | {"endpoint": "https://ehr.example/other"}}
    response = rest("put", path, changed)
    assert response.status_code == 200
    assert orjson.loads(response.content)["meta"]["versionId"] == "2"
    assert Subscription.objects.get().endpoint == "https://ehr.example/other"
    assert rest("delete", path).status_code == 204
    assert rest("delete", path).status_code == 204
    assert rest("get", path).status_code == 410
    assert rest("put", path, changed).status_code == 410
    assert [one.type for one in EventRow.objects.filter(type__startswith="Subscription").order_by("pk")] == [
        "SubscriptionCreated", "SubscriptionReplaced", "SubscriptionDeleted",
    ]  # fmt: skip


def test_a_change_over_somebody_elses_is_refused(rest):
    made = rest.subscribe(wanted(URL))
    path = f"Subscription/{made['id']}"
    assert rest("put", path, made, **{"If-Match": 'W/"1"'}).status_code == 200
    assert rest("put", path, made, **{"If-Match": 'W/"1"'}).status_code == 412
    other = rest("put", path, made | {"id": "another"})
    assert (other.status_code, _issue(other)["expression"]) == (400, ["Subscription.id"])


def test_an_unknown_subscription_is_not_found(rest):
    for path in ("Subscription/1", "Subscription/0198c0de-0000-7000-8000-000000000000"):
        for method in ("get", "delete"):
            assert rest(method, path).status_code == 404
        response = rest("put", path, wanted(URL) | {"id": path.rpartition("/")[2]})
        assert (response.status_code, _issue(response)["expression"]) == (404, ["Subscription.id"])
        assert rest("get", f"{path}/$status").status_code == 404
        assert rest("get", f"{path}/$events").status_code == 404


def test_methods_that_are_not_served_are_named(rest):
    response = rest("patch", "Subscription", {})
    assert (response.status_code, response.headers["Allow"]) == (405, "POST, GET, HEAD")


def test_a_client_finds_its_own_by_what_they_say(rest):
    first = rest.subscribe(wanted(URL))
    second = rest.subscribe(wanted("https://ehr.example/other"))
    rest.subscribe(wanted(URL), token="plan-token")
    rest.subscribe(wanted(URL), base="2.0")

    def found(query):
        bundle = rest.read(f"Subscription?{query}")
        assert bundle["type"] == "searchset"
        return [one["resource"]["id"] for one in bundle.get("entry", []) if one["search"]["mode"] == "match"]

    assert found("") == [first["id"], second["id"]]
    assert found(f"_id={second['id']}") == [second["id"]]
    assert found("status=requested,active") == [first["id"], second["id"]]
    assert found("status=off") == []
    assert found(f"url={URL}") == [first["id"]]
    assert found(f"criteria={codes.PAS_TOPIC}") == [first["id"], second["id"]]
    assert found("criteria=other") == []
    assert found("type=websocket") == []
    assert found("payload=application/fhir%2Bjson") == [first["id"], second["id"]]


def test_pages_are_linked(rest):
    for number in range(3):
        rest.subscribe(wanted(f"{URL}/{number}"))
    bundle = rest.read("Subscription?_count=2")
    assert (bundle["total"], len(bundle["entry"])) == (3, 2)
    links = {one["relation"]: one["url"] for one in bundle["link"]}
    rest_of = rest.read(links["next"].partition("/fhir/2.2/")[2])
    assert len(rest_of["entry"]) == 1
    assert "next" not in {one["relation"] for one in rest_of["link"]}


def test_unknown_parameters_are_told_or_refused_as_the_client_prefers(rest):
    rest.subscribe(wanted(URL))
    bundle = rest.read("Subscription?colour=red&status=requested")
    assert [one["search"]["mode"] for one in bundle["entry"]] == ["match", "outcome"]
    assert "colour" in bundle["entry"][1]["resource"]["issue"][0]["details"]["text"]
    assert "colour" not in bundle["link"][0]["url"]
    strict = rest("get", "Subscription?colour=red", Prefer="handling=strict")
    assert (strict.status_code, _issue(strict)["expression"]) == (400, ["http.colour"])
    assert "status" in _issue(strict)["diagnostics"]


@pytest.mark.parametrize(
    ("query", "status", "path"),
    [
        ("status:not=off", 400, "http.status:not"),
        ("_count=many", 400, "http._count"),
        ("_offset=-1", 400, "http._offset"),
        ("_format=xml", 406, "http._format"),
    ],
)
def test_a_search_that_cannot_be_understood_is_refused(rest, query, status, path):
    response = rest("get", f"Subscription?{query}")
    assert (response.status_code, _issue(response)["expression"]) == (status, [path])


def test_a_search_may_be_posted_as_a_form(rest):
    rest.subscribe(wanted(URL))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = rest("post", "Subscription/_search", b"status=off", **headers)
    assert orjson.loads(response.content)["total"] == 0


def test_status_is_told_for_one_for_some_and_for_all(rest):
    first = rest.subscribe(wanted(URL))
    rest.subscribe(wanted(URL))
    (entry,) = rest.read(f"Subscription/{first['id']}/$status")["entry"]
    said = {
        one["name"]: next(value for key, value in one.items() if key != "name")
        for one in entry["resource"]["parameter"]
    }
    assert said["subscription"]["reference"].endswith(f"/Subscription/{first['id']}")
    assert (said["status"], said["type"], said["events-since-subscription-start"]) == ("requested", "query-status", "0")
    assert rest.read("Subscription/$status")["total"] == 2
    assert rest.read(f"Subscription/$status?id={first['id']}")["total"] == 1
    assert rest.read("Subscription/$status?status=active")["total"] == 0
    asked = {"resourceType": "Parameters", "parameter": [{"name": "id", "valueId": first["id"]}]}
    response = rest("post", "Subscription/$status", asked)
    assert orjson.loads(response.content)["total"] == 1
    response = rest("post", "Subscription/$status", {"resourceType": "Patient"})
    assert (response.status_code, _issue(response)["expression"]) == (400, ["Parameters"])


@pytest.mark.parametrize(("query", "name"), [("eventsSinceNumber=x", "eventsSinceNumber"), ("content=all", "content")])
def test_events_are_asked_for_in_words_we_know(rest, query, name):
    made = rest.subscribe(wanted(URL))
    response = rest("get", f"Subscription/{made['id']}/$events?{query}")
    assert (response.status_code, _issue(response)["expression"]) == (
        400, [f"Parameters.parameter.where(name = '{name}')"],
    )  # fmt: skip


def test_a_client_holds_a_bounded_number_of_subscriptions(rest, monkeypatch):
    monkeypatch.setattr("openum.adapters.fhir.subscriptions.services.MOST_PER_CLIENT", 2)
    assert MOST_PER_CLIENT > 2
    made = [rest.subscribe(wanted(URL)) for _ in range(2)]
    response = rest("post", "Subscription", wanted(URL))
    assert (response.status_code, _issue(response)["code"]) == (422, "processing")
    rest("delete", f"Subscription/{made[0]['id']}")
    assert rest("post", "Subscription", wanted(URL)).status_code == 201


def test_what_is_wrong_with_a_subscription_is_counted_and_told_to_whom_prefers_it(rest, door):
    body = wanted("https://listener.example/in") | {"reasn": "x"}
    counted = rest("post", "Subscription", body)
    assert (counted.status_code, counted.headers["X-Request-Faults"]) == (201, "1")
    assert counted.json()["resourceType"] == "Subscription"
    told = rest("post", "Subscription", body, Prefer="return=OperationOutcome")
    assert (told.status_code, told.json()["resourceType"]) == (201, "OperationOutcome")
    assert [one["expression"] for one in told.json()["issue"]] == [["Subscription.reasn"]]
    fine = rest("post", "Subscription", wanted("https://listener.example/in"), Prefer="return=OperationOutcome")
    assert [one["code"] for one in fine.json()["issue"]] == ["informational"]
    bare = rest("post", "Subscription", wanted("https://listener.example/in"), Prefer="return=minimal")
    assert (bare.content, "Location" in bare.headers) == (b"", True)
