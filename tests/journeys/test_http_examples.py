"""Every example of examples/http, run against a live server; and the command of the sandbox over the same line."""

import json
import re
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest
from django.core.management import call_command

from openum.accounts.services import register_client
from openum.cli.main import main
from openum.db import clock
from openum.submission.services import sign_standing_order
from tests import world as worlds
from tests.journeys import lumen as lumens

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "http"
FILES = sorted(FOLDER.glob("*.http"))
TOKEN = "sandbox-token"


def requests_of(file):
    """Yield name, expected status, words of the answer, method, address, headers and body of each request."""
    for block in file.read_text(encoding="utf-8").split("###")[1:]:
        lines = block.strip("\n").split("\n")
        notes = dict(re.findall(r"^# (Expect|Shows): (.*)$", block, re.MULTILINE))
        rest = [line for line in lines[1:] if not line.startswith("# ")]
        start = next(number for number, line in enumerate(rest) if line)
        method, address = rest[start].split(" ", 1)
        blank = next((number for number, line in enumerate(rest[start:], start) if not line), len(rest))
        headers = dict(line.split(": ", 1) for line in rest[start + 1 : blank])
        body = "\n".join(rest[blank + 1 :]).strip("\n")
        if body.startswith("< "):
            body = (file.parent / body[2:].strip()).read_text(encoding="utf-8")
        yield lines[0].strip(), int(notes["Expect"]), notes["Shows"], method, address, headers, body


@pytest.fixture
def server(transactional_db, live_server, at):
    """A live server over the small world of the tests."""
    call_command("flush", interactive=False, verbosity=0)
    clock.set_demo_clock(at)
    world = worlds.build(now=at)
    sign_standing_order(plan=world.sandbox, by=world.physician, at=at)
    return live_server.url


@pytest.fixture
def demo(transactional_db, live_server):
    """A live server over the world of the demo, with its members and policies."""
    call_command("flush", interactive=False, verbosity=0)
    lumen = lumens.build()
    at = lumen.at("2026-11-23 09:12:04")
    register_client(name="HTTP examples", plan=lumen.places.sandbox, token=TOKEN, enrols_unknown=True)
    sign_standing_order(plan=lumen.places.sandbox, by=lumen.staff.physicians[0], at=at)
    return live_server.url


def send(url, method, address, headers, body):
    filled = {name: value.replace("{{token}}", TOKEN) for name, value in headers.items()}
    request = urllib.request.Request(
        address.replace("{{url}}", url),
        data=body.replace("{{url}}", url).encode() if body else None,
        headers=filled,
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def squeezed(text):
    """Text without the spaces that only set JSON out."""
    try:
        return json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
    except ValueError:
        return text


def test_every_request_of_the_examples_gets_what_it_says(demo):
    for file in FILES:
        found = list(requests_of(file))
        assert found, file
        for name, expected, shows, method, address, headers, body in found:
            status, text = send(demo, method, address, headers, body)
            assert status == expected, (file.name, name, text[:600])
            wanted = shows.replace('": ', '":')
            assert wanted in squeezed(text), (file.name, name, text[:1500])


def test_the_examples_are_more_than_one_a_file():
    assert len(FILES) >= 5
    assert sum(len(list(requests_of(file))) for file in FILES) >= 20


def test_the_command_arms_talks_and_is_told_over_the_line(server, capsys):
    url = server
    where = ["--at", url, "--token", TOKEN]
    assert main(["sandbox", "arm", "error", "--error-code", "15", "--lasts", "60", *where]) == 0
    assert "error until 2026-11-16T17:01" in capsys.readouterr().out
    assert main(["sandbox", "arm", *where]) == 0
    assert "error until" in capsys.readouterr().out
    assert main(["sandbox", "arm", "--off", *where]) == 0
    assert "Nothing is armed." in capsys.readouterr().out
    assert main(["sandbox", "arm", "perhaps", *where]) == 1
    assert "answer must be one of" in capsys.readouterr().err
    assert main(["sandbox", "talk", "walker", *where]) == 0
    assert "no-auth" in capsys.readouterr().out
    assert main(["sandbox", "talk", "denied", "--fhir", "2.0", *where]) == 0
    said = capsys.readouterr().out
    assert "order-sign" in said
    assert "A3" in said
    assert "as told" in said
    assert main(["sandbox", "talk", "walker", "--at", url, "--token", "wrong"]) == 1
    assert "The token is not known" in capsys.readouterr().err
