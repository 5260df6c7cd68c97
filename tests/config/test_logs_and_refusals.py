import io
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from openum.config import logs, middleware
from openum.config.middleware import PAGES_AT_ONCE, pages_in_turn
from openum.vocabulary.errors import Conflict, Missing


def test_only_listed_keys_reach_a_log_line():
    kept = logs.keep_listed_keys(
        None, "", {"event": "x", "member_name": "Jane Example", "case": "1", "birth_date": "1950"}
    )
    assert kept == {"event": "x", "case": "1"}


def test_the_text_of_an_error_stays_out_of_the_log():
    try:
        raise ValueError("Jane Example, member 123")
    except ValueError as error:
        event = logs.describe_error(None, "", {"event": "x", "exc_info": error})
    assert event["error"] == "ValueError"
    assert "Jane" not in json.dumps(event)
    assert "test_logs_and_refusals.py:" in event["where"]


def test_lines_of_libraries_lose_their_arguments_and_tracebacks():
    record = logging.LogRecord("django.db", logging.ERROR, "x.py", 1, "failed for %s", ("Jane Example",), None)
    line = logs._Lines(structlog.processors.JSONRenderer()).format(record)
    assert json.loads(line) == {"event": "failed for %s", "level": "error", "logger": "django.db"}
    assert io.StringIO(line).read().count("\n") == 0


@pytest.fixture
def request_of_nobody(rf: RequestFactory, db):
    """A request as the views see it: somebody who has not signed in."""
    request = rf.get("/")
    request.user, request.session = AnonymousUser(), {}
    return request


def test_a_refusal_becomes_a_page_with_its_status(request_of_nobody):
    request = request_of_nobody
    answer = middleware.Refusals(lambda _: HttpResponse()).process_exception(request, Conflict("Somebody was quicker."))
    assert answer.status_code == 409
    assert "Somebody was quicker." in answer.content.decode()
    assert middleware.Refusals(lambda _: HttpResponse()).process_exception(request, KeyError("x")) is None


def test_what_is_missing_is_a_404(request_of_nobody):
    assert middleware.refusal_page(request_of_nobody, Missing("There is no such page.")).status_code == 404


def test_pages_are_not_stored_and_carry_the_strict_policy(client, db):
    answer = client.get("/healthz")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(answer.headers["X-Request-Id"]) == 36


def test_a_process_makes_two_pages_at_a_time_and_the_third_after_them():
    inside, most, lock = 0, 0, threading.Lock()
    two_are_in, go_on = threading.Event(), threading.Event()

    def page(request):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
            if inside == PAGES_AT_ONCE:
                two_are_in.set()
        assert go_on.wait(20)
        with lock:
            inside -= 1
        return HttpResponse(request)

    serve = pages_in_turn(page)
    with ThreadPoolExecutor(5) as people:
        answers = [people.submit(serve, str(number)) for number in range(5)]
        assert two_are_in.wait(20)
        go_on.set()
        assert [answer.result().content for answer in answers] == [b"0", b"1", b"2", b"3", b"4"]
    assert most == PAGES_AT_ONCE
