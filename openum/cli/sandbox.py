"""`openum sandbox`: arm the next answer, hold a conversation as a health record system, or be one."""

import argparse
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from samples.ehr.line import Call
    from samples.ehr.talk import Step

VERSIONS = ("2.0", "2.2")
NEXT_ANSWER = "/sandbox/api/next-answer"


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("sandbox", help="try the interfaces: arm an answer, talk as a health record system")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add_talk(actions)
    _add_arm(actions)
    _add_ehr(actions)


def _add_talk(actions: "_SubParsersAction[ArgumentParser]") -> None:
    talk = actions.add_parser("talk", help="hold a conversation from the order to the decision; each step is printed")
    talk.add_argument("story", metavar="STORY", nargs="?", help="which one; without it they are listed")
    _add_where(talk)
    talk.add_argument("--fhir", choices=VERSIONS, default="2.2", help="version of the guides (default 2.2)")
    talk.add_argument(
        "--port", type=int, default=0, metavar="N", help="port of the record system (default: a free one)"
    )
    talk.add_argument("--patience", type=float, default=30, metavar="S", help="seconds to wait for a later decision")
    talk.set_defaults(run=run_talk)


def _add_arm(actions: "_SubParsersAction[ArgumentParser]") -> None:
    arm = actions.add_parser("arm", help="choose the client's next answer, or tell which one is armed")
    arm.add_argument(
        "answer", metavar="ANSWER", nargs="?", help="approve, deny, …; nothing: take none, tell what is armed"
    )
    _add_where(arm)
    arm.add_argument("--delay", type=int, default=0, metavar="S", help="seconds until a later or slow answer")
    arm.add_argument("--error-code", default="", metavar="CODE", help="AAA reject reason of an error (X12 901)")
    arm.add_argument("--status", type=int, default=0, metavar="N", help="HTTP status of a refusal")
    arm.add_argument("--every", action="store_true", help="answer every message so, until it ends")
    arm.add_argument("--lasts", type=int, default=86_400, metavar="S", help="seconds it stays armed (default a day)")
    arm.add_argument("--off", action="store_true", help="take the armed answer away")
    arm.set_defaults(run=run_arm)


def _add_ehr(actions: "_SubParsersAction[ArgumentParser]") -> None:
    ehr = actions.add_parser("ehr", help="run the record system: a FHIR server over a chart, and a listener")
    ehr.add_argument("--story", default="D1", metavar="STORY", help="whose chart (default D1)")
    ehr.add_argument("--port", type=int, default=8010, metavar="N", help="port to listen on (default 8010)")
    ehr.set_defaults(run=run_ehr)


def _add_where(parser: "ArgumentParser") -> None:
    parser.add_argument("--data", metavar="DIR", default="./demo-data", help="demo to talk to (default ./demo-data)")
    parser.add_argument("--at", metavar="URL", help="address of another installation; then give --token too")
    parser.add_argument("--token", help="the client's token (default: the demo's sandbox client, or OPENUM_TOKEN)")


def run_talk(options: argparse.Namespace) -> int:
    """Hold a conversation; exit 1 when it ends otherwise than told."""
    from samples.ehr.server import running
    from samples.ehr.talk import Talk

    if not options.story:
        return _list_stories()
    story = _story(options.story)
    call = _call(options)
    at = _their_time(call)
    with running(story.chart(at), port=options.port) as system:
        talk = Talk(
            story=story, call=call, version=options.fhir, base=system.fhir, at=at, mailbox=system.mailbox,
            listener=system.url, patience=options.patience,
        )  # fmt: skip
        print(story.title, flush=True)
        for step in talk.run():
            print(line_of(step), flush=True)
    outcome = talk.outcome
    expected = "as told" if outcome.is_as_told else f"otherwise than told; expected {story.ends or 'no request'}"
    print(f"  {expected}, {outcome.seconds:.2f} s in the payer's answers", flush=True)
    return 0 if outcome.is_as_told else 1


def run_arm(options: argparse.Namespace) -> int:
    """Arm, disarm, or tell what is armed; exit 1 when it is refused."""
    from samples.ehr.line import PLAIN

    call = _call(options)
    if options.off:
        reply = call("DELETE", NEXT_ANSWER, None, PLAIN)
    elif not options.answer:
        reply = call("GET", NEXT_ANSWER, None, PLAIN)
    else:
        wanted: dict[str, Any] = {
            "answer": options.answer, "delay_seconds": options.delay, "is_standing": options.every,
            "lasts_seconds": options.lasts,
        }  # fmt: skip
        if options.error_code:
            wanted["error_code"] = options.error_code
        if options.status:
            wanted["http_status"] = options.status
        reply = call("PUT", NEXT_ANSWER, wanted, PLAIN)
    if not reply.is_good:
        raise CommandFailed(str((reply.content or {}).get("message", f"Refused with status {reply.status}.")))
    armed = reply.content["armed"]
    print(f"{armed['answer']} until {armed['expires_at']}, as {armed['physician']}" if armed else "Nothing is armed.")
    return 0


def run_ehr(options: argparse.Namespace) -> int:
    """Run the record system until stopped; each notification is told."""
    from samples.ehr.server import LISTENER, running
    from samples.ehr.talk import kind_of

    chart = _story(options.story).chart(datetime.now(UTC))
    with running(chart, port=options.port) as system:
        print(f"FHIR server: {system.fhir}   listener: {system.url}{LISTENER}\nStop with Ctrl-C.", flush=True)
        told = 0
        while True:
            letters = system.mailbox.wait(more_than=told, seconds=3600)
            for letter in letters[told:]:
                print(f"notification: {kind_of(letter)}", flush=True)
            told = len(letters)


def line_of(step: "Step") -> str:
    """Return a step as a line of text."""
    status = f"{step.status}" if step.status is not None else ""
    return f"  {step.name:<13}{status:<5}{f'{step.seconds * 1000:.0f} ms' if step.seconds else '':>9}  {step.says}"


def _list_stories() -> int:
    from samples.ehr.stories import STORIES

    for story in STORIES.values():
        print(f"  {story.key:<10} {story.title}")
    return 0


def _story(key: str) -> Any:
    from samples.ehr.stories import STORIES

    story = STORIES.get(key)
    if story is None:
        raise CommandFailed(f"There is no story {key}. Known: {', '.join(STORIES)}.")
    return story


def _call(options: argparse.Namespace) -> "Call":
    """Return calls to the installation that was named; a server that does not answer ends the command."""
    from samples.ehr.line import NobodyAnswers, Reply, over_http

    url, token = _where(options)
    inner = over_http(url, token)

    def call(method: str, path: str, body: Any, content_type: str) -> Reply:
        try:
            return inner(method, path, body, content_type)
        except NobodyAnswers as error:
            raise CommandFailed(f"{error} Is openum demo running?") from error

    return call


def _where(options: argparse.Namespace) -> tuple[str, str]:
    token = options.token or os.environ.get("OPENUM_TOKEN", "")
    if options.at:
        if not token:
            raise CommandFailed("No token is given. Add --token or set OPENUM_TOKEN.")
        return options.at.rstrip("/"), token
    about = Path(options.data) / "demo.json"
    if not about.is_file():
        raise CommandFailed(
            f"There is no demo in {options.data}. Start one with openum demo, or give --at and --token."
        )
    demo = json.loads(about.read_text(encoding="utf-8"))
    return str(demo["url"]), token or str(demo["token"])


def _their_time(call: "Call") -> datetime:
    """Return the payer's present instant, because a demo's clock can be moved; else the real one."""
    from samples.ehr.line import PLAIN

    reply = call("GET", NEXT_ANSWER, None, PLAIN)
    if reply.status == 401:
        raise CommandFailed("The token is not known there.")
    told = (reply.content or {}).get("now") if reply.is_good else None
    return datetime.fromisoformat(told) if told else datetime.now(UTC)
