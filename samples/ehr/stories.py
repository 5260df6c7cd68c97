"""The conversations that the sandbox can hold: whose chart, which answer is armed, what should come out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from samples import codes
from samples.ehr.chart import Chart, Person, lumbar_chart, plain_chart

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Story:
    """One conversation.

    Attributes:
        key: its name in commands and addresses.
        title: what happens.
        chart: makes the patient's record for an instant.
        ends: the review action that should come at the end; empty when nothing is asked for.
        by_hand: what the clinician answers in the form, by linkId.
        arms: what is armed before the request; None: the plan's own rules answer.
        waits: a later decision is awaited, by notification or by asking.
    """

    key: str
    title: str
    chart: Callable[[datetime], Chart]
    ends: str = ""
    by_hand: Mapping[str, Any] = field(default_factory=dict)
    arms: Json | None = None
    waits: bool = False


_PEOPLE = {
    "homecare": Person(number="SBX-2001", family="Tillery", given="Odette", born=date(1949, 6, 3), sex="female"),
    "walker": Person(number="SBX-2002", family="Marchetti", given="Silas", born=date(1981, 1, 19), sex="male"),
    "denied": Person(number="SBX-2003", family="Vandermeer", given="Ilse", born=date(1968, 9, 30), sex="female"),
    "partial": Person(number="SBX-2004", family="Okonedo", given="Barnaby", born=date(1957, 12, 8), sex="male"),
    "papers": Person(number="SBX-2005", family="Sorensen", given="Petra", born=date(1972, 4, 24), sex="female"),
    "error": Person(number="SBX-2006", family="Quayle", given="Rufus", born=date(1990, 7, 11), sex="male"),
}


def _order(
    key: str, code: str, diagnosis: str, *, system: str = codes.HCPCS, quantity: int = 1
) -> Callable[[datetime], Chart]:
    def chart(at: datetime) -> Chart:
        return plain_chart(
            _PEOPLE[key], at=at, system=system, code=code, diagnosis=diagnosis, quantity=quantity
        )  # fmt: skip

    return chart


STORIES: dict[str, Story] = {
    story.key: story
    for story in (
        Story(
            key="D1", title="MRI of the lower back: order, form, request, approved in one pass by a rule",
            chart=lumbar_chart, ends="A1",
            by_hand={
                "lbp.mri-last-12-months": False, "lbp.changes-management": True,
                "lbp.planned-step": {"code": "injection"},
            },
        ),
        Story(
            key="homecare", title="Nursing visits at home: pended, approved a little later, told by notification",
            chart=_order("homecare", "G0299", "I50.22", quantity=8), ends="A1",
            arms={"answer": "pend_then_approve", "delay_seconds": 2}, waits=True,
        ),
        Story(
            key="walker", title="A cane: no authorization is needed, and nothing is sent",
            chart=_order("walker", "E0100", "M17.11"),
        ),
        Story(
            key="denied", title="A power wheelchair: denied by the physician of the sandbox, with reasons",
            chart=_order("denied", "K0823", "G35"), ends="A3", arms={"answer": "deny"},
        ),
        Story(
            key="partial", title="Nursing visits at home: fewer visits approved than asked for",
            chart=_order("partial", "G0299", "I50.22", quantity=12), ends="A2", arms={"answer": "modify"},
        ),
        Story(
            key="papers", title="Oxygen at home: documents are asked for, and the request waits",
            chart=_order("papers", "E1390", "J44.9"), ends="A4", arms={"answer": "ask_for_documents"},
        ),
        Story(
            key="error", title="An answer with an error, and what the sender should do",
            chart=_order("error", "E0601", "G47.33"), ends="error", arms={"answer": "error", "error_code": "15"},
        ),
    )
}  # fmt: skip
