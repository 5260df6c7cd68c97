import asyncio
from threading import Thread

import pytest
from django.core import signing
from django.db import connection
from django.template import Context, Template

from openum import audit
from openum.live import tokens
from openum.live.app import application
from openum.vocabulary.identifiers import new_uuid7
from tests.audit.test_recording import NURSE, HarbourReached
from tests.conftest import NOON


async def listen(token, until, *, path="/events"):
    """Open a stream, return what came until `until` messages were there, and hang up."""
    sent, enough = [], asyncio.Event()

    async def receive():
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)
        if len([each for each in sent if each["type"] == "http.response.body"]) >= until:
            enough.set()

    scope = {"type": "http", "method": "GET", "path": path, "query_string": f"token={token}".encode()}
    await asyncio.wait_for(application(scope, receive, send), timeout=20)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]).decode()


def test_a_forged_or_missing_token_hears_nothing():
    assert asyncio.run(listen("forged", 1)) == (403, "the token is not valid any more; reload the page")
    assert asyncio.run(listen("", 1))[0] == 403


def test_other_addresses_do_not_exist():
    assert asyncio.run(listen("", 1, path="/cases"))[0] == 404
    assert asyncio.run(listen("", 1, path="/healthz")) == (200, "ok")


def test_a_token_names_its_cases_and_ends(monkeypatch):
    case = new_uuid7()
    token = tokens.issue([case])
    assert tokens.read(token) == {case.hex}
    monkeypatch.setattr(tokens, "VALID_SECONDS", -1)
    assert tokens.read(token) == frozenset()
    assert tokens.read(signing.dumps([case.hex], salt="another")) == frozenset()


@pytest.mark.django_db(transaction=True)
def test_a_change_reaches_those_who_may_know_of_it_and_nobody_else():
    mine, other = new_uuid7(), new_uuid7()

    def change():
        for case in (other, mine):
            audit.record(HarbourReached(case_id=case), by=NURSE, at=NOON)
        connection.close()

    async def both():
        stream = asyncio.ensure_future(listen(tokens.issue([mine]), 2))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(lambda: (thread := Thread(target=change), thread.start(), thread.join()))
        return await stream

    status, text = asyncio.run(both())
    assert status == 200
    assert text == f": listening\nretry: 2000\n\nevent: case\ndata: {mine.hex}\n\n"


def test_pages_name_their_cases_only_when_a_live_process_runs(settings):
    page = Template("{% load live %}<main {% live_cases case %}>")
    settings.OPENUM_LIVE_URL = ""
    assert page.render(Context({"case": new_uuid7()})) == "<main >"
    settings.OPENUM_LIVE_URL = "http://127.0.0.1:8001"
    shown = page.render(Context({"case": new_uuid7()}))
    assert shown.startswith('<main data-live="http://127.0.0.1:8001/events?token=')
