"""Steps that journeys of the small world share: the hour, a person's browser, a request taken by telephone, a decision."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.test import Client
from django.urls import reverse

from openum.cases.models import Attachment, Case, ServiceLine
from openum.clocks.models import Clock
from openum.db import clock
from openum.jobs import run_due

EAST = ZoneInfo("America/New_York")
TALK = {"conversation": "not_applicable", "conversation_reason": "Two calls were made; the note of them is on file."}


def local(text: str) -> datetime:
    """Return an instant written in the plan's time, such as `2026-11-22 11:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=EAST).astimezone(UTC)


def on(text: str) -> datetime:
    """Let it be that hour; the jobs of the time before have run."""
    at = local(text)
    clock.set_demo_clock(at)
    work(at)
    return at


def work(at: datetime) -> None:
    """Let the worker do what is due within the minute; the clock runs on while pages are made."""
    run_due(at + timedelta(seconds=45), 200)


def browser(user) -> Client:
    """The browser of somebody who is signed in."""
    client = Client()
    client.force_login(user)
    return client


def done(answer, status: int = 302) -> str:
    """Return the page, which answered as expected."""
    assert answer.status_code == status, (answer.status_code, answer.text.partition("<h1")[2][:1500])
    return answer.text


def by_telephone(desk: Client, world, member, received: str, **fields: str) -> ServiceLine:
    """Enter a request as the desk does on its page; return its line."""
    address = desk.post("/capture/").headers["Location"]
    day, _, hour = received.partition(" ")
    given = {
        "channel": "phone", "standing": "provider", "received_date": day, "received_time": hour, "proof": "Call 81",
        "plan": str(world.plan.public_id), "member_number": member.member_number, "family_name": member.family_name,
        "birth_date": member.birth_date.isoformat(), "line_count": "1", "urgency": "standard", "do": "send",
    }  # fmt: skip
    done(desk.post(address, given | fields))
    case = Case.objects.latest("pk")
    return ServiceLine.objects.select_related("case", "case__plan", "request").get(case=case)


def refer(nurse: Client, line: ServiceLine, summary: str) -> None:
    """Pass a line to a physician."""
    done(nurse.post(reverse("review:refer", args=[line.public_id]), {"summary": summary, "situation": summary}))


def open_all(who: Client, line: ServiceLine) -> None:
    """Open every paper of the case on the decision page."""
    for paper in Attachment.objects.filter(case=line.case, kind=Attachment.DOCUMENT):
        who.get(reverse("determination:decide", args=[line.public_id]), {"document": str(paper.public_id)})


def decision(who: Client, line: ServiceLine, step: str, *, status: int = 302, **typed: str) -> str:
    """Press a button of the decision page."""
    return done(who.post(reverse(f"determination:{step}", args=[line.public_id]), typed), status)


def step(who: Client, appeal, do: str, *, status: int = 302, **typed: object) -> str:
    """Take one step of an appeal on its page."""
    return done(who.post(reverse("appeals:act", args=[appeal.public_id]), {"do": do, **typed}), status)


def clock_of(request, rule: str) -> Clock:
    """The clock of a rule on a request."""
    return Clock.objects.get(request=request, rule=rule)
