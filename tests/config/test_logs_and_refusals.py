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

from openum.accounts.rules import Role
from openum.accounts.services import register_person
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


class SlowLine(io.BytesIO):
    """A body that is on its way until it is let go."""

    def __init__(self, body):
        super().__init__(body)
        self.is_awaited, self.go_on = threading.Event(), threading.Event()

    def read(self, size=-1):
        self.is_awaited.set()
        assert self.go_on.wait(20)
        return super().read(size)


def test_a_form_on_a_slow_line_holds_up_no_page():
    asking = RequestFactory()
    slow = []
    for _ in range(PAGES_AT_ONCE):
        body = SlowLine(b"words=arrived")
        request = asking.post("/", content_type="application/x-www-form-urlencoded", data=b"words=arrived")
        request._stream = body
        slow.append((request, body))
    serve = pages_in_turn(lambda request: HttpResponse(request.POST.get("words", "a page")))
    with ThreadPoolExecutor(PAGES_AT_ONCE + 1) as people:
        waiting = [people.submit(serve, request) for request, _body in slow]
        assert all(body.is_awaited.wait(20) for _request, body in slow)
        assert people.submit(serve, asking.get("/")).result(20).content == b"a page"
        assert not any(answer.done() for answer in waiting)
        for _request, body in slow:
            body.go_on.set()
        assert [answer.result(20).content for answer in waiting] == [b"arrived", b"arrived"]


def test_a_form_longer_than_any_may_be_is_for_files_of_claims_alone(settings, world):
    settings.OPENUM_MAX_BODY_BYTES = 10
    serve = pages_in_turn(lambda request: HttpResponse(request.POST["words"]))

    def answer(user):
        request = RequestFactory().post("/", data={"words": "x" * 200})
        request.user = user
        return serve(request)

    keeper = register_person(
        email="keeper@test.invalid", name="Kim Keeper", password="a long test pass phrase",
        roles=[(Role.INTEGRATOR, world.plan, None)],
    )  # fmt: skip
    for user in (AnonymousUser(), world.intake):
        refused = answer(user)
        assert refused.status_code == 413
        assert b"Send fewer files" in refused.content
    assert answer(keeper).content == b"x" * 200


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
        return HttpResponse(request.path)

    serve = pages_in_turn(page)
    with ThreadPoolExecutor(5) as people:
        answers = [people.submit(serve, RequestFactory().get(f"/{number}")) for number in range(5)]
        assert two_are_in.wait(20)
        go_on.set()
        assert [answer.result().content for answer in answers] == [b"/0", b"/1", b"/2", b"/3", b"/4"]
    assert most == PAGES_AT_ONCE
