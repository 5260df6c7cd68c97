"""The record system that ships with OpenUM: over real HTTP by one command, and by one click of a page."""

import json
import urllib.request
from datetime import timedelta
from urllib.error import HTTPError

import pytest
from django.test import Client

from openum.adapters.sandbox.models import Conversation, RecordedMessage
from openum.adapters.sandbox.talking import RECORD_SYSTEM
from openum.audit.models import EventRow
from openum.cli.main import main
from openum.db import clock
from openum.determination.models import Determination
from openum.submission.services import sign_standing_order
from samples.ehr.server import read, running
from samples.ehr.stories import STORIES
from samples.ehr.talk import kind_of
from tests.journeys.lumen import audit_is_intact

pytestmark = pytest.mark.django_db
KEYS = sorted(STORIES)


@pytest.fixture
def sandbox(lumen, db):
    """The sandbox plan at the instant of the tour, its physician's standing order signed."""
    at = lumen.at("2026-11-23 09:12:04")
    plan = lumen.places.sandbox
    sign_standing_order(plan=plan, by=lumen.staff.physicians[0], at=at)
    return plan


@pytest.fixture
def page(lumen, sandbox):
    browser = Client()
    browser.force_login(lumen.user("integrator"))
    return browser


def hold(page, plan, story, version="2.2"):
    answer = page.post("/sandbox/conversations/", {"plan": plan.key, "story": story, "version": version})
    assert answer.status_code == 302, answer.content[:500]
    return Conversation.objects.order_by("-pk").first(), page.get(answer.headers["Location"])


# ---- by one click


@pytest.mark.parametrize("version", ["2.0", "2.2"])
@pytest.mark.parametrize("story", [key for key in KEYS if not STORIES[key].waits])
def test_every_story_ends_as_it_is_told(page, sandbox, story, version):
    held, shown = hold(page, sandbox, story, version)
    assert held.is_as_told, held.steps
    assert [step["name"] for step in held.steps][:2] == ["discovery", "order-sign"]
    assert shown.status_code == 200
    assert b"RecordedMessage" not in shown.content
    recorded = RecordedMessage.objects.filter(client__name=RECORD_SYSTEM, client__plan=sandbox)
    addresses = set(recorded.values_list("address", flat=True))
    assert f"/crd/{version}/cds-services/order-sign" in addresses
    assert (f"/fhir/{version}/Claim/$submit" in addresses) == bool(STORIES[story].ends)
    assert EventRow.objects.filter(type="ConversationHeld").count() == 1
    assert audit_is_intact()


def test_a_story_that_waits_says_so_and_is_decided_by_the_worker(page, sandbox, lumen):
    held, _ = hold(page, sandbox, "homecare")
    assert not held.is_as_told
    assert held.steps[-1]["says"].startswith("A4")
    clock.set_demo_clock(held.at + timedelta(seconds=5))
    lumen.work()
    assert {row.outcome for row in Determination.objects.all()} == {"approved"}


def test_only_known_stories_of_ones_own_sandbox_are_held(page, sandbox, lumen):
    for wrong in ({"story": "D9"}, {"version": "1.0"}):
        answer = page.post("/sandbox/conversations/", {"plan": sandbox.key, "story": "D1", "version": "2.2", **wrong})
        assert answer.status_code == 422
    answer = page.post("/sandbox/conversations/", {"plan": lumen.places.plan.key, "story": "D1", "version": "2.2"})
    assert answer.status_code == 404
    held, _ = hold(page, sandbox, "walker")
    nurse = Client()
    nurse.force_login(lumen.user("nurse"))
    assert nurse.get(f"/sandbox/conversations/{held.public_id}/").status_code == 403
    assert Conversation.objects.count() == 1


def test_charts_can_be_taken_home(page, sandbox):
    listed = page.get("/sandbox/patients/").content.decode()
    for story in STORIES.values():
        assert f"/sandbox/patients/{story.key}/" in listed
    chart = page.get("/sandbox/patients/D1/")
    assert {entry["resource"]["resourceType"] for entry in chart.json()["entry"]} >= {
        "Patient",
        "Coverage",
        "Procedure",
    }
    assert page.get("/sandbox/patients/nobody/").status_code == 404


# ---- the record system as a server


def ask(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        return error.code, json.loads(error.read())


def test_the_record_system_answers_reads_and_searches_over_http(at):
    with running(STORIES["D1"].chart(at)) as system:
        status, patient = ask(f"{system.fhir}/Patient/patient-1")
        assert (status, patient["resourceType"]) == (200, "Patient")
        status, found = ask(f"{system.fhir}/Procedure?patient=patient-1&status=completed")
        assert (status, found["type"], found["total"]) == (200, "searchset", 8)
        assert ask(f"{system.fhir}/Coverage?patient=Patient/patient-1&status=active")[1]["total"] == 1
        assert ask(f"{system.fhir}/Coverage?patient=somebody-else")[1]["total"] == 0
        assert ask(f"{system.fhir}/metadata")[1]["resourceType"] == "CapabilityStatement"
        for wrong in ("Patient/nobody", "Patient/a/b", ""):
            assert ask(f"{system.fhir}/{wrong}")[0] == 404
        assert ask(f"{system.url}/elsewhere")[0] == 404


def post(system, body):
    request = urllib.request.Request(f"{system.url}/notifications", data=body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except HTTPError as error:
        return error.code


def test_its_listener_takes_notifications_in_order(at):
    letter = {"resourceType": "Bundle", "type": "history", "entry": [
        {"resource": {"resourceType": "Parameters", "parameter": [{"name": "type", "valueCode": "handshake"}]}}
    ]}  # fmt: skip
    with running(STORIES["D1"].chart(at)) as system:
        assert [post(system, body) for body in (json.dumps(letter).encode(), b"{")] == [200, 404]
        assert [kind_of(one) for one in system.mailbox.wait(more_than=0, seconds=10)] == ["handshake"]


def test_a_search_by_several_ids_and_of_an_unknown_kind_are_answered(at):
    chart = STORIES["D1"].chart(at)
    assert read(chart, "Procedure?_id=procedure-1,procedure-2")[1]["total"] == 2
    assert read(chart, "Medication?patient=patient-1")[1]["total"] == 0
    assert kind_of({"entry": []}) == "unknown"


# ---- by one command


def run(capsys, *arguments):
    code = main(["sandbox", *arguments])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_the_command_lists_the_stories_and_refuses_unknown_ones(capsys):
    code, said = run(capsys, "talk")
    assert code == 0
    assert all(key in said for key in KEYS)
    code, said = run(capsys, "talk", "D9", "--at", "http://127.0.0.1:9", "--token", "x")
    assert (code, "There is no story D9" in said) == (1, True)


def test_the_command_says_when_nobody_answers_and_when_no_token_is_given(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("OPENUM_TOKEN", raising=False)
    code, said = run(capsys, "talk", "D1", "--at", "http://127.0.0.1:9", "--token", "x")
    assert (code, "Nobody answers" in said) == (1, True)
    code, said = run(capsys, "arm", "deny", "--at", "http://127.0.0.1:9")
    assert (code, "--token" in said) == (1, True)
    code, said = run(capsys, "arm", "--data", str(tmp_path))
    assert (code, "There is no demo" in said) == (1, True)
