"""The same request from several senders at once: one case, one answer."""

from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from django.db import connections
from django.test import Client

from openum.cases.models import Case
from openum.db import clock
from openum.submission.models import Submission
from tests.adapters.kit import AT, message

THREADS = 6


@pytest.fixture
def shared_world(transactional_db, world):
    clock.set_demo_clock(AT)
    return world


def _post(body):
    try:
        response = Client().post(
            "/fhir/2.2/Claim/$submit", body, content_type="application/fhir+json",
            headers={"Authorization": "Bearer sandbox-token"},
        )  # fmt: skip
        return response.status_code, response.content
    finally:
        connections.close_all()


def test_the_same_request_at_once_makes_one_case_and_one_answer(shared_world):
    body = orjson.dumps(message("home-care"))
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(_post, [body] * THREADS))
    assert {status for status, _ in answers} == {200}
    assert len({content for _, content in answers}) == 1
    assert (Case.objects.count(), Submission.objects.count()) == (1, 1)


def test_different_requests_at_once_all_get_their_own_case(shared_world):
    bodies = []
    for number in range(THREADS):
        data = message("home-care")
        data["entry"][0]["resource"]["identifier"][0]["value"] = f"HC-{number}"
        bodies.append(orjson.dumps(data))
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(_post, bodies))
    assert {status for status, _ in answers} == {200}
    assert Case.objects.count() == THREADS
    assert len(set(Case.objects.values_list("number", flat=True))) == THREADS
