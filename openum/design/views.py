"""The style page: every component in every state, for people who change or check the look."""

from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from openum.design.clock import Face, Rung
from openum.design.drawings import Happening, Stop, parts_bar
from openum.design.lanes import Span, lanes
from openum.design.river import Column, due_river, flow
from openum.design.shapes import shape_names
from openum.design.status import FINDING_LOOKS, LINE_LOOKS, URGENCY_LOOKS
from openum.design.strip import STATES, StayDay, day_strip

_NOON = datetime(2030, 3, 6, 17, 0, tzinfo=UTC)
_ZONE = "America/New_York"


def _face(*, used_hours: float, left_hours: float | None, stopped: bool = False, in_time: bool = True) -> Face:
    start = _NOON - timedelta(hours=used_hours)
    return Face(
        started_at=start,
        due_at=None if left_hours is None else _NOON + timedelta(hours=left_hours),
        now=_NOON,
        zone=_ZONE,
        ball="provider" if left_hours is None else "payer",
        rule="example rule, section 1",
        purpose="decide",
        stopped_at=_NOON if stopped else None,
        in_time=in_time,
    )


@require_GET
def style(request: HttpRequest) -> HttpResponse:
    """Show all components with invented, personless content."""
    faces = [
        _face(used_hours=20, left_hours=300),
        _face(used_hours=150, left_hours=31),
        _face(used_hours=60, left_hours=40),
        _face(used_hours=3, left_hours=6),
        _face(used_hours=70, left_hours=2),
        _face(used_hours=80, left_hours=-5),
        _face(used_hours=50, left_hours=None),
        _face(used_hours=19.5, left_hours=60, stopped=True),
        _face(used_hours=80, left_hours=-5, stopped=True, in_time=False),
    ]
    context = {
        "statuses": list(LINE_LOOKS),
        "findings": list(FINDING_LOOKS),
        "urgencies": list(URGENCY_LOOKS),
        "shapes": shape_names(),
        "faces": faces,
        "rungs": [
            Rung(text="Received", at="Mar 1, 4:40 PM ET", cause="Portal receipt"),
            Rung(text="Paused", at="Mar 1, 4:41 PM ET", cause="Information asked for; example rule, section 2", kind="pause"),
            Rung(text="Resumed", at="Mar 4, 10:05 AM ET", cause="Two documents received"),
            Rung(text="Due", at="Mar 30, 11:59 PM ET", cause="15 calendar days, pause added", kind="due"),
            Rung(text="Notified", at="not yet", kind="open"),
        ],
        "stops": [
            Stop("Received", "done"), Stop("Checked", "done"), Stop("In review", "current", "until Mar 30"),
            Stop("Decided", "todo"), Stop("Letter sent", "todo"),
        ],
        "refs": [1, 3],
        "payer": timedelta(days=2, hours=4),
        "provider": timedelta(days=5, hours=17),
        "entries": [
            Happening(at="Mar 1, 4:40 PM", text="Request received", who="Office portal", tone="info", shape="target"),
            Happening(at="Mar 1, 4:41 PM", text="Information asked for", who="Rules engine", detail="2 documents"),
            Happening(at="Mar 6, 9:41 AM", text="Referred to a physician", who="Nurse", tone="pended", shape="triangle"),
        ],
    }  # fmt: skip
    return render(request, "design/style.html", context | _drawings())


def _drawings() -> dict[str, object]:
    hours = [(0, 0)] * 8 + [(2, 1), (4, 0), (1, 1), (0, 3), (5, 2), (3, 3), (1, 0), (2, 2)] + [(0, 0)] * 8
    kinds, first = ["Medicare", "Employer plans"], _NOON.date()
    columns = [Column(label=f"{hour:02}:00", counts=counts, url="#river") for hour, counts in enumerate(hours)]
    states = list(STATES)
    return {
        "pies": [_face(used_hours=eighth, left_hours=8 - eighth) for eighth in range(9)],
        "river": due_river(columns, kinds=kinds, now=13),
        "river_empty": due_river([Column(label=each.label, counts=(0, 0), url="") for each in columns], kinds=kinds, now=13),
        "flow": flow(columns, kinds=["came", "decided"], now=13, label="Came and decided", empty="Nothing came."),
        "balls": parts_bar(
            [("payer", "plan", 8, "8", "#bars"), ("transit", "physician", 3, "3", "#bars"), ("provider", "provider", 5, "5", "#bars")]
        ),
        "strip": day_strip(
            [
                StayDay(on=first + timedelta(days=n), level=f"Level {4 - n % 4}", height=4 - n % 4, state=states[n % 5])
                for n in range(10)
            ],
            usual=6,
        ),
        "lanes": lanes(
            [
                Span(lane="Stays", words="Acute stay", first=first, last=first + timedelta(days=5)),
                Span(lane="Requests", words="Knee replacement", first=first - timedelta(days=9), last=first),
                Span(lane="Contacts", words="Call", first=first + timedelta(days=2), last=first + timedelta(days=2)),
            ],
            label="Ten days in three lanes",
        ),
        "lanes_empty": lanes([], label="Nothing"),
    }  # fmt: skip
