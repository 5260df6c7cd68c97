"""From a decision to a listener: handshake, order, retry, error and recovery, heartbeat, and nobody else's news."""

import itertools
import threading
from datetime import timedelta
from uuid import uuid4

import orjson
import pytest

from openum.accounts.services import register_client
from openum.adapters.fhir import codes
from openum.adapters.fhir.elements import identifier_value
from openum.adapters.fhir.subscriptions import rules
from openum.adapters.fhir.subscriptions.delivery import deliver
from openum.adapters.fhir.subscriptions.lanes import Lanes
from openum.adapters.fhir.subscriptions.models import Subscription, SubscriptionEvent
from openum.adapters.fhir.subscriptions.services import sweep, tell
from openum.audit.models import EventRow
from openum.cases.models import Case, ServiceLine
from openum.cases.services import ItemAsked
from openum.determination.services import approve_line
from openum.review.services import ask_for_information
from tests.adapters.conftest import actions
from tests.adapters.kit import message, resource
from tests.adapters.subscriptions.conftest import wanted
from tests.adapters.subscriptions.listener import event_numbers, foci, status_of
from tests.world import knee_request, send

HANDSHAKE = rules.HANDSHAKE_DELAY.total_seconds()


@pytest.fixture
def shaken(rest, listener):
    """Return how to make a subscription whose handshake was answered."""

    def make(*, base="2.2", token="sandbox-token", **facts):
        made = rest.subscribe(wanted(listener.url, **facts), base=base, token=token)
        rest.run(HANDSHAKE)
        return made

    return make


def _pended(door, base="2.2", name="home-care", identifier="HC-1", **options):
    door.arm("pend") if options.get("token", "sandbox-token") == "sandbox-token" else None
    data = message(name)
    resource(data, "Claim")["identifier"][0]["value"] = identifier
    door.submit(data, base=base, **options)
    return Case.objects.latest("pk")


def _approve(case, world, at):
    for line in case.lines.order_by("sequence"):
        reason = "The services are needed at home."
        approve_line(line=line, by=world.physician, at=at, rationale=reason, cited_authority="test plan, page 1")


def _asker(data):
    return next(
        one["resource"]
        for one in data["entry"]
        if one["fullUrl"].endswith(resource(data, "Claim")["provider"]["reference"])
    )


def _tell(case, number, at):
    tell(case=case, cause=f"cause {number}", except_client="", at=at)


def test_the_handshake_follows_the_answer_and_activates(rest, listener):
    made = rest.subscribe(wanted(listener.url))
    rest.run(0)
    assert listener.posts == []
    rest.run(HANDSHAKE)
    assert listener.kinds() == ["handshake"]
    (post,) = listener.posts
    assert (post["type"], post["entry"][0]["request"]["method"]) == ("history", "GET")
    assert post["entry"][0]["response"] == {"status": "200"}
    assert rest.read(f"Subscription/{made['id']}")["status"] == "active"
    assert listener.headers[0]["Authorization"] == "Bearer listener-secret"
    assert listener.headers[0]["Content-Type"] == "application/fhir+json"
    (change,) = EventRow.objects.filter(type="SubscriptionStatusChanged")
    assert {"before": "requested", "after": "active"}.items() <= orjson.loads(change.data).items()


def test_a_decision_is_told_once_with_the_whole_answer(rest, door, world, listener, shaken, at):
    shaken()
    case = _pended(door)
    rest.run(HANDSHAKE)
    assert listener.kinds() == ["handshake"]
    _approve(case, world, at + timedelta(seconds=60))
    rest.run(60)
    assert listener.kinds() == ["handshake", "event-notification"]
    post = listener.posts[1]
    assert event_numbers(post) == [1]
    (focus,) = foci(post)
    assert post["entry"][1]["fullUrl"] == focus
    answer = post["entry"][1]["resource"]
    assert (answer["resourceType"], f"Bundle/{answer['id']}") == ("Bundle", focus.partition("/fhir/2.2/")[2])
    assert actions(answer) == {1: "A1", 2: "A1"}
    reads = EventRow.objects.filter(type="CasesRead", data__contains="FHIR notification")
    assert [orjson.loads(one.data)["case_ids"] for one in reads] == [[str(case.public_id)]]


@pytest.mark.parametrize("content", ["empty", "id-only", "full-resource"])
def test_the_older_guide_tells_as_much_as_was_asked_for(rest, door, world, listener, shaken, at, content):
    shaken(base="2.0", content=content)
    case = _pended(door, base="2.0")
    _approve(case, world, at + timedelta(seconds=60))
    rest.run(60)
    post = listener.posts[-1]
    request = case.requests.get()
    address = f"ClaimResponse/{request.public_id}"
    assert event_numbers(post) == [1]
    assert [focus.partition("/fhir/2.0/")[2] for focus in foci(post)] == ([] if content == "empty" else [address])
    held = [entry.get("resource", {}).get("resourceType") for entry in post["entry"]]
    if content == "empty":
        assert held == ["Parameters"]
        assert "clinic.example" not in str(post)
    elif content == "id-only":
        assert held == ["Parameters", None]
        assert "clinic.example" not in str(post)
    else:
        assert held[:3] == ["Parameters", "ClaimResponse", "Patient"]
        assert post["entry"][1]["fullUrl"] == foci(post)[0]


def test_an_answer_given_at_once_is_not_told_again(rest, door, listener, shaken):
    shaken()
    door.arm("approve")
    door.submit(message("home-care"), base="2.2")
    rest.run(60)
    assert listener.kinds() == ["handshake"]


def test_a_question_is_told(rest, door, world, listener, shaken, at):
    shaken()
    case = _pended(door)
    line = case.lines.order_by("sequence")[0]
    ask_for_information(
        case=case, request=case.requests.get(), by=world.engine, at=at + timedelta(seconds=60),
        items=[ItemAsked(line=line, text="The visit note", document_kind="visit-note")],
    )  # fmt: skip
    rest.run(60)
    answer = listener.posts[-1]["entry"][1]["resource"]
    assert listener.numbers() == [1]
    assert "Task" in [entry["resource"]["resourceType"] for entry in answer["entry"]]


def test_every_client_hears_of_its_own_requests_only(rest, door, world, listener, shaken, at):
    register_client(name="another", plan=world.sandbox, token="other-token", enrols_unknown=True)
    shaken(token="other-token")
    shaken(token="plan-token")
    case = _pended(door)
    _approve(case, world, at + timedelta(seconds=60))
    rest.run(60)
    assert listener.kinds() == ["handshake", "handshake"]
    assert SubscriptionEvent.objects.count() == 0


def test_an_event_is_read_again_by_its_own_client_only(rest, door, world, listener, shaken, at):
    shaken()
    case = _pended(door)
    _approve(case, world, at + timedelta(seconds=60))
    rest.run(60)
    path = foci(listener.posts[-1])[0].partition("/fhir/2.2/")[2]
    assert actions(rest.read(path)) == {1: "A1", 2: "A1"}
    assert rest("get", path, token="plan-token").status_code == 404


def test_the_organization_named_decides_what_is_told(rest, door, world, listener, shaken, at):
    asker = identifier_value(_asker(message("home-care")), codes.NPI)
    shaken(organization=asker)
    shaken(organization="1999999984")
    first = _pended(door)
    other = message("home-care")
    resource(other, "Claim")["identifier"][0]["value"] = "HC-2"
    _asker(other)["identifier"] = [{"system": codes.NPI, "value": "1999999984"}]
    door.arm("pend")
    door.submit(other, base="2.2")
    _approve(first, world, at + timedelta(seconds=60))
    rest.run(60)
    told = {one.subscription.filters[0]: one.case_id for one in SubscriptionEvent.objects.all()}
    assert told == {asker: first.pk}


def test_in_a_sandbox_a_filter_that_names_nobody_hinders_nothing(rest, door, world, listener, shaken, at):
    shaken(organization="0000000000")
    _approve(_pended(door), world, at + timedelta(seconds=60))
    rest.run(60)
    assert listener.numbers() == [1]


def test_events_arrive_in_order_and_again_until_they_are_taken(rest, door, listener, shaken, at):
    shaken()
    case = _pended(door)
    listener.answers = [500, 503, 200, 500, 200]
    moment = 10.0
    for number in range(1, 4):
        _tell(case, number, at + timedelta(seconds=moment))
    for _ in range(12):
        rest.run(moment)
        moment += 40
    assert listener.numbers() == [1, 1, 1, 2, 2, 3]
    row = Subscription.objects.get()
    assert (row.delivered_number, row.last_number, row.failures, row.status) == (3, 3, 0, "active")


def test_several_events_travel_together_when_the_client_allows_it(rest, door, listener, shaken, at):
    shaken(extension=[{"url": codes.BACKPORT_MAX_COUNT, "valuePositiveInt": 5}])
    case = _pended(door)
    for number in range(1, 8):
        _tell(case, number, at)
    rest.run(10)
    assert [event_numbers(post) for post in listener.posts[1:]] == [[1, 2, 3, 4, 5], [6, 7]]
    assert status_of(listener.posts[1])["parameter"][4]["valueString"] == "7"


def test_the_waits_grow_and_sending_stops_with_status_error_until_the_client_asks_again(
    rest, door, listener, shaken, at
):
    made = shaken()
    case = _pended(door)
    path = f"Subscription/{made['id']}"
    listener.answers = [500]
    _tell(case, 1, at + timedelta(seconds=10))
    attempts, moment = [], 10.0
    while (row := Subscription.objects.get()).status == "active":
        before = len(listener.posts)
        rest.run(moment)
        attempts += [moment] * (len(listener.posts) - before)
        moment = (Subscription.objects.get().next_at - at).total_seconds() if row.failures < 9 else moment + 3600
    waits = [later - earlier for earlier, later in itertools.pairwise(attempts)]
    assert len(attempts) == rules.MOST_FAILURES
    assert waits[:4] == [5, 10, 20, 40]
    assert rest.read(path)["status"] == "error"
    assert rest.read(path)["error"]
    _tell(case, 2, at + timedelta(seconds=moment))
    rest.run(moment + 7200)
    assert len(listener.posts) == 1 + rules.MOST_FAILURES
    found = rest.read(f"{path}/$events")
    assert event_numbers(found) == [1, 2]
    assert next(one for one in status_of(found)["parameter"] if one["name"] == "error")
    listener.answers = [200]
    assert rest("put", path, rest.read(path) | {"status": "requested"}).status_code == 200
    rest.run(moment + 9000)
    assert listener.kinds()[-3:] == ["handshake", "event-notification", "event-notification"]
    assert listener.numbers()[-2:] == [1, 2]
    assert rest.read(path)["status"] == "active"


def test_a_handshake_that_is_not_answered_is_tried_again(rest, listener):
    made = rest.subscribe(wanted(listener.url))
    listener.answers = [404, 200]
    rest.run(HANDSHAKE)
    assert rest.read(f"Subscription/{made['id']}")["status"] == "requested"
    rest.run(HANDSHAKE + 5)
    assert listener.kinds() == ["handshake", "handshake"]
    assert rest.read(f"Subscription/{made['id']}")["status"] == "active"


def test_events_before_the_handshake_wait_for_it(rest, door, listener, at):
    rest.subscribe(wanted(listener.url))
    case = _pended(door)
    _tell(case, 1, at)
    rest.run(0)
    assert listener.posts == []
    rest.run(HANDSHAKE)
    assert listener.kinds() == ["handshake", "event-notification"]


def test_a_silent_subscription_beats(rest, door, listener, shaken, at):
    shaken(extension=[{"url": codes.BACKPORT_HEARTBEAT, "valueUnsignedInt": 60}])
    rest.run(30)
    assert listener.kinds() == ["handshake"]
    rest.run(HANDSHAKE + 60)
    assert listener.kinds() == ["handshake", "heartbeat"]
    case = _pended(door)
    _tell(case, 1, at + timedelta(seconds=100))
    rest.run(100)
    rest.run(130)
    assert listener.kinds() == ["handshake", "heartbeat", "event-notification"]
    rest.run(160)
    assert listener.kinds()[3:] == ["heartbeat"]
    assert event_numbers(listener.posts[-1]) == []


def test_a_subscription_that_is_off_deleted_or_over_is_told_nothing(rest, door, listener, shaken, at):
    off, gone = shaken(), shaken()
    over = rest.subscribe(wanted(listener.url) | {"end": (at + timedelta(seconds=30)).isoformat()})
    rest.run(HANDSHAKE)
    heard = len(listener.posts)
    rest("put", f"Subscription/{off['id']}", off | {"status": "off"})
    rest("delete", f"Subscription/{gone['id']}")
    rest.run(60)
    case = _pended(door)
    _tell(case, 1, at + timedelta(seconds=60))
    rest.run(120)
    assert len(listener.posts) == heard
    assert rest.read(f"Subscription/{off['id']}")["status"] == "off"
    assert rest.read(f"Subscription/{over['id']}")["status"] == "off"


def test_a_suspended_client_hears_nothing(rest, door, world, listener, shaken, at):
    shaken()
    case = _pended(door)
    world.sandbox_client.is_active = False
    world.sandbox_client.save()
    _tell(case, 1, at)
    rest.run(10)
    assert listener.kinds() == ["handshake"]


def test_missed_events_are_asked_for_by_number(rest, door, listener, shaken, at):
    made = shaken()
    case = _pended(door)
    for number in range(1, 6):
        _tell(case, number, at)
    path = f"Subscription/{made['id']}/$events"
    assert event_numbers(rest.read(f"{path}?eventsSinceNumber=2&eventsUntilNumber=4")) == [2, 3, 4]
    found = rest.read(f"{path}?eventsSinceNumber=5&content=id-only")
    assert (event_numbers(found), "resource" in found["entry"][1]) == ([5], False)
    assert EventRow.objects.filter(type="CasesRead", data__contains="FHIR Subscription/$events").count() == 1
    asked = {"resourceType": "Parameters", "parameter": [{"name": "eventsSinceNumber", "valueString": "4"}]}
    assert event_numbers(orjson.loads(rest("post", path, asked).content)) == [4, 5]


def test_what_a_killed_sender_left_is_found_and_sent_by_one_only(rest, door, listener, shaken, at):
    shaken()
    case = _pended(door)
    _tell(case, 1, at)
    row = Subscription.objects.get()
    Subscription.objects.update(lease_until_us=2**62)
    assert deliver(row.public_id, at=at) == 0
    Subscription.objects.update(lease_until_us=1)
    assert sweep(at=at) == 1
    assert deliver(row.public_id, at=at) == 1
    assert deliver(row.public_id, at=at) == 0
    assert listener.numbers() == [1]


def test_a_sender_that_was_overtaken_writes_nothing(rest, door, listener, shaken, at):
    shaken()
    case = _pended(door)
    _tell(case, 1, at)
    row = Subscription.objects.get()

    def overtaken(url, headers, body, seconds):
        Subscription.objects.update(fence=row.fence + 100)

    assert deliver(row.public_id, at=at, post=overtaken) == 1
    assert Subscription.objects.get().delivered_number == 0


def test_a_notification_that_cannot_be_built_does_not_hold_the_row(rest, door, listener, shaken, at, monkeypatch):
    shaken()
    case = _pended(door)
    _tell(case, 1, at)
    monkeypatch.setattr("openum.adapters.fhir.subscriptions.notifications.answer_standing", None)
    row = Subscription.objects.get()
    assert deliver(row.public_id, at=at) == 0
    row.refresh_from_db()
    assert (row.failures, row.last_error, row.lease_until_us) == (1, "TypeError", 0)


def test_slow_listeners_wait_for_each_other_and_never_hold_up_the_others():
    free, seen = threading.Event(), []
    slow = {uuid4() for _ in range(20)}
    heard = threading.Event()

    def send(public_id):
        if public_id in slow:
            free.wait(30)
        else:
            heard.set()
        seen.append(public_id)

    quick = uuid4()
    lanes = Lanes(send)
    for one in slow:
        lanes.take(one, is_slow=True)
    lanes.take(quick, is_slow=False)
    assert heard.wait(20)
    assert not slow & set(seen)
    free.set()
    lanes.close()


def test_a_case_of_another_road_is_told_in_our_own_words(rest, world, listener, shaken, at):
    accepted = send(world, knee_request(world, at=at), at=at)
    shaken(token="plan-token")
    _tell(accepted.case, 1, at)
    rest.run(10)
    answer = listener.posts[-1]["entry"][1]["resource"]
    kinds = [entry["resource"]["resourceType"] for entry in answer["entry"]]
    assert kinds[:3] == ["ClaimResponse", "Patient", "Organization"]
    assert answer["entry"][0]["resource"]["request"]["extension"][0]["valueCode"] == "not-applicable"
    assert ServiceLine.objects.filter(case=accepted.case).count() == len(answer["entry"][0]["resource"]["item"])
