"""The client's FHIR server: asked when listed, with its token, in little time; why it told nothing is told."""

import time
from urllib.error import HTTPError, URLError

import orjson
import pytest

from openum.adapters.fhir.crd import remote
from tests.adapters.crd import kit

SERVER = "https://ehr.test/fhir"
CALL = {
    "fhirServer": f"{SERVER}/",
    "fhirAuthorization": {"access_token": "t", "token_type": "Bearer", "expires_in": 300},
}


@pytest.fixture(autouse=True)
def listed(settings):
    settings.OPENUM_CLIENT_FHIR_SERVERS = frozenset({SERVER})


def asked_with(data):
    """Return the token a question is asked with."""
    tokens = []

    def fetch(url, token, until):
        tokens.append(token)
        return orjson.dumps(kit.patient())

    remote.Remote(data, fetch=fetch)("Patient/p1")
    return tokens


@pytest.mark.parametrize(
    ("change", "token"),
    [
        ({}, "t"),
        ({"token_type": "bearer"}, "t"),
        ({"token_type": None}, "t"),
        ({"token_type": "mac"}, ""),
        ({"expires_in": 0}, ""),
        ({"expires_in": "soon"}, "t"),
        ({"access_token": 5}, ""),
    ],
)
def test_only_a_bearer_token_that_lasts_is_sent(change, token):
    assert asked_with({**CALL, "fhirAuthorization": {**CALL["fhirAuthorization"], **change}}) == [token]


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        ({**CALL, "fhirServer": "https://ehr.test.evil/fhir"}, remote.NOT_LISTED),
        ({**CALL, "fhirServer": "https://ehr.test/fhir/../admin"}, remote.NOT_LISTED),
        ({}, remote.NO_SERVER),
        ("nothing", remote.NO_SERVER),
    ],
)
def test_a_server_that_is_not_listed_is_never_asked(data, trouble):
    asked = []
    ask = remote.Remote(data, fetch=lambda *facts: asked.append(facts))
    assert (ask("Patient/1"), asked, ask.trouble) == (None, [], trouble)


def http(status):
    return HTTPError(SERVER, status, "", None, None)


@pytest.mark.parametrize(
    ("failure", "trouble"),
    [
        (http(401), remote.REFUSED), (http(403), remote.REFUSED), (http(404), None), (http(500), remote.FAILED),
        (http(302), remote.FAILED), (TimeoutError(), remote.SLOW), (URLError(TimeoutError()), remote.SLOW),
        (URLError("refused"), remote.FAILED), (OSError("gone"), remote.FAILED), (b"<html>", remote.FAILED),
        (b"[]", remote.FAILED), (b"{}", remote.FAILED), (b"", remote.FAILED),
    ],
)  # fmt: skip
def test_a_server_that_fails_is_done_without_and_told(failure, trouble):
    def fetch(url, token, until):
        if isinstance(failure, Exception):
            raise failure
        return failure

    ask = remote.Remote(CALL, fetch=fetch)
    assert (ask("Patient/1"), ask.trouble) == (None, trouble)


def test_one_call_asks_a_few_questions_only():
    ask = remote.Remote(CALL, fetch=lambda *_facts: orjson.dumps(kit.patient()))
    answers = [ask(f"Patient/{number}") for number in range(remote.MOST_QUESTIONS + 2)]
    assert sum(one is not None for one in answers) == remote.MOST_QUESTIONS
    assert ask.trouble is remote.TOO_MANY


def test_nothing_is_asked_when_the_time_of_the_call_is_over(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(remote.time, "monotonic", lambda: now[0])
    ask = remote.Remote(CALL, fetch=lambda *_facts: orjson.dumps(kit.patient()))
    assert ask("Patient/1") is not None
    now[0] += remote.SECONDS
    assert (ask("Patient/2"), ask.trouble) == (None, remote.SLOW)


class Trickle:
    """A body that comes in pieces, each taking a second of the clock."""

    def __init__(self, now, piece, count):
        self.now, self.piece, self.left = now, piece, count

    def __enter__(self):
        return self

    def __exit__(self, *facts):
        return None

    def read1(self, size):
        self.now[0] += 1.0
        self.left -= 1
        return self.piece if self.left >= 0 else b""


@pytest.mark.parametrize(
    ("piece", "count", "ends"), [(b"{", 9, TimeoutError), (b"x" * 3_000_000, 2, OSError), (b"{}", 1, None)]
)
def test_a_body_that_trickles_or_grows_without_end_is_left(monkeypatch, piece, count, ends):
    now = [time.monotonic()]
    opened = []

    class Opener:
        def open(self, request, timeout):
            opened.append((request.get_header("Authorization"), timeout))
            return Trickle(now, piece, count)

    monkeypatch.setattr(remote.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(remote, "build_opener", lambda _handler: Opener())
    if ends is None:
        assert remote.get(f"{SERVER}/Patient/1", "t", now[0] + 3) == b"{}"
    else:
        with pytest.raises(ends):
            remote.get(f"{SERVER}/Patient/1", "t", now[0] + 3)
    assert opened[0][0] == "Bearer t"
    assert 0 < opened[0][1] <= 3


@pytest.mark.parametrize(
    ("failure", "code", "words"),
    [
        (TimeoutError(), "technical", "took too long"),
        (http(403), "technical", "did not let the plan read"),
        (http(404), "coverage-not-found", "none could be read"),
    ],
)
def test_an_answer_says_why_the_coverage_could_not_be_read(crd, monkeypatch, failure, code, words):
    def fetch(url, token, until):
        raise failure

    monkeypatch.setattr(remote, "get", fetch)
    answer = crd.ask(kit.call(kit.order(), prefetch={}, **CALL), base="2.2")
    (parts,) = kit.information(answer["systemActions"][0]["resource"])
    assert parts["covered"] == ["indeterminate"]
    assert parts["reason"][0]["coding"][0]["code"] == code
    assert words in parts["reason"][0]["text"]


def test_partial_prefetch_is_completed_by_what_is_missing_only(crd, monkeypatch):
    asked = []

    def fetch(url, token, until):
        asked.append(url.removeprefix(f"{SERVER}/"))
        return orjson.dumps(kit.bundle(kit.coverage()))

    monkeypatch.setattr(remote, "get", fetch)
    answer = crd.ask(kit.call(kit.order(), prefetch={"patient": kit.patient(), "coverage": None}, **CALL))
    (parts,) = kit.information(answer["systemActions"][0]["resource"])
    assert parts["pa-needed"] == ["auth-needed"]
    assert asked == ["Coverage?patient=p1&status=active"]
