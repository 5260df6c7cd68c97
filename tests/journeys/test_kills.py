"""The server is killed while requests come in: what was acknowledged is stored, what was not can be sent again."""

import http.client
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from queue import Empty, Queue

import orjson
import pytest
from django.db import connection

from openum.audit import verify
from openum.cases.models import Case, ServiceLine
from openum.cases.models import Request as CaseRequest
from openum.db import clock
from openum.determination.models import Determination
from openum.jobs import run_due
from openum.notices.models import Notice
from openum.submission.models import Submission
from openum.vocabulary.terms import LineStatus
from samples.bundles import LumbarRequest, lumbar_mri_bundle
from tests.journeys import lumen as worlds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kills]
REQUESTS, SENDERS, KILLS = 24, 4, 3


class Server:
    """The server that is killed and started again."""

    def __init__(self):
        self.start()

    def start(self):
        command = [sys.executable, "-m", "tests.journeys.server_to_kill", str(connection.settings_dict["NAME"])]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
        self.port = int(self.process.stdout.readline())

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def server(transactional_db):
    """A server on the test's database, with Lumen Harbor in it."""
    worlds.build()
    clock.set_demo_clock(worlds.plan_time("2026-11-23 09:13:20"))
    server = Server()
    yield server
    server.kill()


def bundle(number):
    """One of many requests, each with its own identifier."""
    return orjson.dumps(lumbar_mri_bundle(LumbarRequest(identifier=f"KILL-{number}", shuffle=number)))


def post(port, body):
    """Post a bundle; None when the server died before it answered."""
    try:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Content-Type": "application/fhir+json", "Authorization": f"Bearer {worlds.TOKEN}"}
        link.request("POST", "/fhir/2.0/Claim/$submit", body, headers)
        answer = link.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return None


def test_killed_servers_lose_nothing_acknowledged_and_double_nothing(server):
    acknowledged, unanswered = send_while_killing(server)
    assert acknowledged
    assert {status for status, _ in acknowledged.values()} == {200}
    stored = set(Submission.objects.values_list("requests__identifier_value", flat=True))
    assert {f"KILL-{number}" for number in acknowledged} <= stored
    for number in range(REQUESTS):
        status, body = post(server.port, bundle(number))
        assert status == 200
        assert acknowledged.get(number, (200, body))[1] == body
    kept = Counter(CaseRequest.objects.values_list("identifier_value", flat=True))
    assert kept == Counter({f"KILL-{number}": 1 for number in range(REQUESTS)})
    assert unanswered | set(acknowledged) == set(range(REQUESTS))
    assert Case.objects.count() == REQUESTS
    assert set(ServiceLine.objects.values_list("status", flat=True)) == {LineStatus.APPROVED}
    assert Determination.objects.count() == REQUESTS
    while run_due(clock.now(), limit=50):
        pass
    letters = Counter(Notice.objects.values_list("case_id", "audience"))
    assert set(letters.values()) == {1}
    assert len(letters) == 2 * REQUESTS
    assert verify() == []


def send_while_killing(server):
    """Send every request once from several senders; kill the server at random moments meanwhile."""
    waiting, acknowledged, unanswered = Queue(), {}, set()
    for number in range(REQUESTS):
        waiting.put(number)

    def sender():
        while True:
            try:
                number = waiting.get_nowait()
            except Empty:
                return
            answer = post(server.port, bundle(number))
            if answer is None:
                unanswered.add(number)
                time.sleep(0.3)  # a sender who hears nothing waits before the next
            else:
                acknowledged[number] = answer

    senders = [threading.Thread(target=sender) for _ in range(SENDERS)]
    for each in senders:
        each.start()
    dice = random.Random(20261123)
    for turn in range(1, KILLS + 1):
        deadline = time.monotonic() + 60
        while len(acknowledged) + len(unanswered) < turn * REQUESTS // (KILLS + 2):
            assert time.monotonic() < deadline, "no request was answered in a minute"
            time.sleep(0.005)
        time.sleep(dice.uniform(0, 0.08))
        server.kill()
        server.start()
    for each in senders:
        each.join(60)
    return acknowledged, unanswered
