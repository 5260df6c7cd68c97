"""The next answer of a sandbox, by page, by call, and what stands behind it: a physician's determination."""

from datetime import timedelta

import orjson
import pytest
from django.test import Client

from openum.accounts.models import User
from openum.accounts.services import register_person
from openum.adapters.fhir import calls, codes
from openum.adapters.fhir.elements import coding
from openum.audit.models import EventRow
from openum.cases.models import Amendment, Case, ServiceLine
from openum.db import clock
from openum.determination.models import Determination
from openum.jobs import run_due
from openum.submission.arming import ARMED_ERRORS, OTHER_SERVICES, Armed, CannotBeArmed, SandboxAnswer, other_service
from openum.submission.models import SandboxArming, SandboxStandingOrder, Submission
from openum.submission.rules import NoStandingOrder, OnlySandboxPlans
from openum.submission.services import arm, sign_standing_order
from openum.vocabulary.errors import Missing
from openum.vocabulary.terms import LineStatus, Role
from tests.adapters.conftest import actions, claim_response
from tests.adapters.kit import message, resource

pytestmark = pytest.mark.django_db
ADDRESS = "/sandbox/api/next-answer"


@pytest.fixture
def order(world, at):
    return sign_standing_order(plan=world.sandbox, by=world.physician, at=at)


@pytest.fixture
def integrator(world):
    return register_person(
        email="integrator@sandbox.example", name="Integrator", password="x" * 16,
        roles=[(Role.INTEGRATOR, world.sandbox, None)],
    )  # fmt: skip


def call(method, body=None, *, token="sandbox-token"):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return Client().generic(method.upper(), ADDRESS, raw, content_type="application/json", headers=headers)


def browser(user):
    found = Client()
    found.force_login(user)
    return found


# ---- by call


def test_a_client_arms_its_own_next_answer_under_a_standing_order(door, world, order):
    answer = call("put", {"answer": "deny"})
    assert (answer.status_code, answer.json()["armed"]["answer"]) == (200, "deny")
    assert answer.json()["armed"]["physician"] == world.physician.name
    assert set(actions(door.submit(message("home-care"))).values()) == {"A3"}
    assert {row.decided_by for row in Determination.objects.all()} == {world.physician}
    assert SandboxArming.objects.get().chosen_by == world.sandbox_client.user


def test_without_a_standing_order_a_client_arms_nothing(demo_clock, world):
    answer = call("put", {"answer": "deny"})
    assert (answer.status_code, answer.json()["error"]) == (403, "no-standing-order")
    assert SandboxArming.objects.count() == 0


def test_a_withdrawn_order_lets_nobody_choose(door, world, order, at):
    page = browser(world.physician)
    assert page.post("/sandbox/order/", {"plan": world.sandbox.key, "do": "withdraw"}).status_code == 302
    assert SandboxStandingOrder.objects.get().withdrawn_at is not None
    assert call("put", {"answer": "approve"}).status_code == 403
    assert page.post("/sandbox/order/", {"plan": world.sandbox.key, "do": "sign"}).status_code == 302
    assert call("put", {"answer": "approve"}).status_code == 200


def test_the_armed_answer_can_be_read_and_taken_away(demo_clock, order):
    assert call("get").json()["armed"] is None
    call("put", {"answer": "pend", "lasts_seconds": 60})
    assert call("get").json()["armed"]["expires_at"].startswith("2026-11-16T17:01:00")
    assert call("delete").json()["armed"] is None
    assert call("get").json()["armed"] is None
    types = EventRow.objects.filter(type__startswith="SandboxAnswer").order_by("pk").values_list("type", flat=True)
    assert list(types) == ["SandboxAnswerArmed", "SandboxAnswerDisarmed"]


@pytest.mark.parametrize(
    "body",
    [
        {}, [], {"answer": "yes"}, {"answer": "deny", "who": "me"}, {"answer": "slow", "delay_seconds": 31},
        {"answer": "pend", "delay_seconds": -1}, {"answer": "pend", "delay_seconds": True}, {"answer": ["deny"]},
        {"answer": "error", "error_code": "99"}, {"answer": "error", "error_code": 15},
        {"answer": "refuse", "http_status": 200}, {"answer": "deny", "lasts_seconds": 0}, {"answer": 1},
        {"answer": "deny", "lasts_seconds": 10**12}, {"answer": "deny", "is_standing": "yes"}, b"{", b"x" * 5000,
    ],
)  # fmt: skip
def test_what_cannot_be_armed_is_refused_with_a_sentence(demo_clock, order, body):
    answer = call("put", body)
    assert answer.status_code == (400 if body == b"{" else 422)
    assert len(answer.json()["message"]) > 20
    assert SandboxArming.objects.count() == 0


def test_the_call_is_for_known_clients_of_sandbox_plans(demo_clock, order):
    assert call("get", token=None).status_code == 401
    assert call("get", token="wrong").headers["WWW-Authenticate"].startswith("Bearer")
    assert (call("put", {"answer": "deny"}, token="plan-token").status_code, SandboxArming.objects.count()) == (403, 0)
    assert call("post").status_code == 405


# ---- by page


def test_an_integrator_arms_by_page_under_the_physicians_order(world, integrator, order, demo_clock):
    page = browser(integrator)
    assert page.get("/").headers["Location"] == "/sandbox/"
    choice = {"client": world.sandbox_client.public_id, "answer": "refuse", "http_status": "429", "do": "arm"}
    assert page.post("/sandbox/", choice).status_code == 302
    arming = SandboxArming.objects.get()
    assert (arming.armed_by, arming.chosen_by, arming.http_status) == (world.physician, integrator, 429)
    assert "HTTP 429" in page.get("/sandbox/").content.decode()
    assert page.post("/sandbox/order/", {"plan": world.sandbox.key}).status_code == 403


def test_a_physician_of_another_plan_arms_under_the_order_of_this_one(world, at, order):
    """Who is a physician elsewhere and an integrator here stands behind no answer here."""
    both = register_person(
        email="both@sandbox.example", name="Both", password=None,
        roles=[(Role.MEDICAL_DIRECTOR, world.plan, None), (Role.INTEGRATOR, world.sandbox, None)],
    )  # fmt: skip
    arming = arm(client=world.sandbox_client, armed=Armed(answer=SandboxAnswer.DENY), by=both, at=at)
    assert (arming.armed_by, arming.chosen_by) == (world.physician, both)


def test_a_refusal_is_told_on_the_page(world, integrator, demo_clock):
    choice = {"client": world.sandbox_client.public_id, "answer": "slow", "delay_seconds": "900", "do": "arm"}
    answer = browser(integrator).post("/sandbox/", choice)
    assert (answer.status_code, "0 to 30 seconds" in answer.content.decode()) == (422, True)
    answer = browser(integrator).post("/sandbox/", {**choice, "answer": "deny", "delay_seconds": "0"})
    assert (answer.status_code, "standing order" in answer.content.decode()) == (403, True)


def test_nurses_and_strangers_arm_nothing(world, at, order):
    for who, refusal in ((world.nurse, "permission-refused"), (world.client.user, "permission-refused")):
        with pytest.raises(Exception, match=".") as told:
            arm(client=world.sandbox_client, armed=Armed(answer=SandboxAnswer.DENY), by=who, at=at)
        assert told.value.code == refusal
    elsewhere = register_person(
        email="elsewhere@other.example", name="Else", password=None, roles=[(Role.INTEGRATOR, world.plan, None)]
    )
    with pytest.raises(Missing):
        arm(client=world.sandbox_client, armed=Armed(answer=SandboxAnswer.DENY), by=elsewhere, at=at)
    with pytest.raises(OnlySandboxPlans):
        sign_standing_order(plan=world.plan, by=world.physician, at=at)


# ---- every answer


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("approve", "A1"), ("deny", "A3"), ("modify", "A2"), ("modify_code", "A6"), ("pend", "A4"), ("ask_by_task", "A4")],
)
def test_every_decision_is_that_physicians_and_marked(door, world, answer, expected):
    door.arm(answer)
    assert set(actions(door.submit(message("home-care"), base="2.2")).values()) == {expected}
    decisions = list(Determination.objects.all())
    assert all(row.decided_by == world.physician and row.is_sandbox for row in decisions)
    assert bool(decisions) == (expected != "A4")


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_another_service_is_certified_under_the_standing_order_and_added(door, world, order, base):
    assert call("put", {"answer": "modify_code"}).status_code == 200
    bundle = door.submit(message("home-care"), base=base)
    response = claim_response(bundle)
    assert set(actions(bundle).values()) == {"A6"}
    asked = {item["itemSequence"] for item in response["item"]}
    assert {number for added in response["addItem"] for number in added["itemSequence"]} == asked
    assert {coding(added["productOrService"]).code for added in response["addItem"]} == {"S5130"}
    decisions = list(Determination.objects.all())
    assert all(row.decided_by == world.physician and row.is_sandbox and not row.is_adverse for row in decisions)
    words = Amendment.objects.values_list("field", "requested_by", "channel", "is_requesters_own").distinct()
    assert list(words) == [("code", world.sandbox_client.user.name, "fhir", True)]


def test_the_service_that_stands_in_for_another_is_never_the_one_asked_for():
    for asked in OTHER_SERVICES:
        assert other_service(*asked) in set(OTHER_SERVICES) - {asked}
        assert other_service(*asked[:2])[2] == ""


@pytest.mark.parametrize(("answer", "status"), [("pend_then_approve", "A1"), ("pend_then_deny", "A3")])
def test_a_pended_answer_is_decided_after_its_seconds_and_not_before(door, world, at, answer, status):
    door.arm(answer, delay_seconds=20)
    request = message("home-care")
    assert set(actions(door.submit(request)).values()) == {"A4"}
    run_due(at + timedelta(seconds=19), limit=50)
    assert not Determination.objects.exists()
    run_due(at + timedelta(seconds=21), limit=50)
    assert {row.decided_by for row in Determination.objects.all()} == {world.physician}
    clock.set_demo_clock(at + timedelta(seconds=22))
    (bundle,) = door.inquire(request)
    assert set(actions(bundle).values()) == {status}


@pytest.mark.parametrize(
    ("answer", "tasks", "communications"),
    [("ask_by_task", True, False), ("ask_by_communication_request", False, True), ("ask_for_documents", True, True)],
)
def test_documents_are_asked_for_in_the_carrier_that_was_chosen(door, answer, tasks, communications):
    door.arm(answer)
    bundle = door.submit(message("home-care"), base="2.2")
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert ("Task" in kinds, "CommunicationRequest" in kinds) == (tasks, communications)
    assert ("communicationRequest" in claim_response(bundle)) == communications
    assert {line.status for line in ServiceLine.objects.all()} == {LineStatus.PENDED_WITH_PROVIDER}


@pytest.mark.parametrize(
    ("base", "kind", "value"),
    [("2.0", "questionnaires-needed", "valueIdentifier"), ("2.2", "questionnaire-context", "valueString")],
)
def test_a_form_is_asked_for_by_a_context_and_found_by_its_code(door, base, kind, value):
    door.arm("ask_for_form")
    bundle = door.submit(message("home-care"), base=base)
    tasks = [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Task"]
    assert len(tasks) == 2
    for task, line in zip(tasks, (1, 2), strict=True):
        assert task["code"]["coding"][0]["code"] == "attachment-request-questionnaire"
        (wanted,) = [one for one in task["input"] if one["type"]["coding"][0]["code"] == kind]
        context = wanted[value] if value == "valueString" else wanted[value]["value"]
        assert context == f"urn:uuid:{task['id']}"
        assert next(iter(set(wanted["extension"][0].values()) - {wanted["extension"][0]["url"]})) == line
    headers = {"Authorization": "Bearer sandbox-token"}
    for code, count in (("attachment-request-questionnaire", 2), ("attachment-request-code", 0), ("x", 0)):
        answer = door.http.get(f"/fhir/{base}/Task?code={code}", headers=headers)
        assert orjson.loads(answer.content)["total"] == count


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_records_are_asked_for_of_the_months_before_the_service(door, base):
    door.arm("ask_for_documents")
    bundle = door.submit(message("home-care"), base=base)
    kinds = {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}
    holders = [kinds["CommunicationRequest"]["payload"][0]]
    if base == "2.2":
        holders.append(kinds["Task"]["input"][1])
    for holder in holders:
        modifiers = [one for one in holder["extension"] if one["url"] == codes.CONTENT_MODIFIER]
        assert [one["valueCodeableConcept"]["coding"][0]["code"] for one in modifiers] == ["18804-5"]


@pytest.mark.parametrize(("code_end", "found"), [("T1025", ("S5130", "S5131")), ("", ("S5130", ""))])
def test_a_range_is_certified_where_a_range_was_asked_for(door, code_end, found):
    data = message("home-care")
    if code_end:
        concept = {"coding": [{"system": codes.SYSTEMS_OF_CODES["HCPCS"], "code": code_end}]}
        held = resource(data, "Claim")["item"][0].setdefault("extension", [])
        held.append({"url": codes.CODE_END, "valueCodeableConcept": concept})
    door.arm("modify_code")
    added = claim_response(door.submit(data, base="2.2"))["addItem"][0]
    ends = [
        one["valueCodeableConcept"]["coding"][0]["code"] for one in added["extension"] if one["url"] == codes.CODE_END
    ]
    assert (added["productOrService"]["coding"][0]["code"], "".join(ends)) == found


@pytest.mark.parametrize("code", sorted(ARMED_ERRORS))
def test_every_reject_reason_can_be_armed(door, code):
    door.arm("error", error_code=code)
    response = claim_response(door.submit(message("home-care"), base="2.2"))
    assert response["outcome"] == "error"
    assert response["error"][0]["code"]["coding"][0]["code"] == code
    assert Case.objects.count() == 0


@pytest.mark.parametrize("status", [400, 401, 404, 422, 429, 503])
def test_a_refusal_meets_whatever_is_called_next_and_only_that(door, status):
    door.arm("refuse", http_status=status)
    refused = door.post(message("home-care"))
    assert refused.status_code == status
    assert orjson.loads(refused.content)["resourceType"] == "OperationOutcome"
    assert Submission.objects.count() == 0
    assert door.post(message("home-care")).status_code == 200
    assert EventRow.objects.filter(type="SandboxFaultGiven").count() == 1


def test_a_slow_answer_waits_and_then_is_the_usual_one(door, monkeypatch):
    waited = []
    monkeypatch.setattr(calls.time, "sleep", waited.append)
    door.arm("slow", delay_seconds=12)
    assert set(actions(door.submit(message("home-care"))).values()) == {"A4"}
    assert waited == [12]
    assert Submission.objects.get().armed_key == ""


def test_a_standing_answer_answers_until_it_is_taken_away(door, world, at):
    door.arm("deny", is_standing=True)
    first, second = message("home-care"), message("referral-urn")
    assert set(actions(door.submit(first)).values()) == {"A3"}
    assert set(actions(door.submit(second)).values()) == {"A3"}
    assert door.post(first).content == door.post(first).content
    door.arm("approve")
    assert SandboxArming.objects.filter(ended_at__isnull=True).get().answer == "approve"


def test_an_answer_expires(door, at):
    door.arm("deny", lasts=timedelta(seconds=60))
    clock.set_demo_clock(at + timedelta(seconds=61))
    assert set(actions(door.submit(message("home-care"))).values()) == {"A4"}
    door.arm("deny", lasts=timedelta(seconds=60))
    clock.set_demo_clock(at + timedelta(seconds=59))


def test_no_machine_stands_behind_a_denial(world, at, order):
    """Only a physician can sign; the engine can neither sign nor arm."""
    engine = User.objects.get(pk=world.engine.pk)
    with pytest.raises(Exception, match=".") as told:
        sign_standing_order(plan=world.sandbox, by=engine, at=at)
    assert told.value.code == "permission-refused"
    with pytest.raises(Exception, match=".") as told:
        arm(client=world.sandbox_client, armed=Armed(answer=SandboxAnswer.DENY), by=engine, at=at)
    assert told.value.code == "permission-refused"


def test_words_of_an_answer_are_checked_where_they_are_made():
    with pytest.raises(CannotBeArmed):
        Armed(answer=SandboxAnswer.REFUSE, http_status=500)
    with pytest.raises(CannotBeArmed):
        Armed(answer=SandboxAnswer.APPROVE, lasts=timedelta(days=8))


def test_standing_orders_are_needed_by_name(world, at):
    with pytest.raises(NoStandingOrder):
        arm(
            client=world.sandbox_client, armed=Armed(answer=SandboxAnswer.DENY), by=world.sandbox_client.user, at=at
        )  # fmt: skip
