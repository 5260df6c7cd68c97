"""Universes as they stand in the record, and the samples drawn from them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from openum.accounts.models import OpenedFile, Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.appeals.models import Appeal
from openum.appeals.rules.states import Outcome
from openum.cases.models import Case
from openum.clocks.models import Clock
from openum.clocks.rules import ClockState
from openum.determination.models import Determination
from openum.grievances.models import Grievance
from openum.sampling.models import Sample, SampledFile
from openum.sampling.rules import Element, Standing, Universe, Verdict, standing
from openum.vocabulary.terms import ClockPurpose

MOST_ROWS = 50_000
"""The most rows that one universe may have."""
_AT_ONCE = 5_000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A universe: the rows answered on these days (in the plan's zone, both included)."""

    universe: Universe
    first_day: date
    last_day: date
    lines_of_business: tuple[str, ...] = ()
    """Empty: all."""
    adverse_only: bool = False
    """Of decisions those against the request in whole or part, of appeals those that were upheld."""
    with_sealed: bool = False
    """Whether specially protected files are among them."""

    def kept(self) -> dict[str, Any]:
        """Return it as it is kept with a sample."""
        return {
            "first_day": self.first_day.isoformat(), "last_day": self.last_day.isoformat(),
            "lines_of_business": sorted(self.lines_of_business), "adverse_only": self.adverse_only,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a universe."""

    key: str
    label: str
    case_id: int
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A universe as it was read: its heads, its rows, and how many were left out because they are sealed."""

    heads: tuple[str, ...]
    rows: list[Row]
    sealed_left_out: int
    is_too_large: bool


def universe_of(plan: Plan, wanted: Wanted) -> Found:
    """Read a universe: no sandbox answers, in the order of their answers. At most `MOST_ROWS` rows are read."""
    reader = _READERS[wanted.universe]
    chosen, sealed = reader.select(plan, wanted), 0
    if not wanted.with_sealed:
        sealed = chosen.exclude(**{f"{reader.case}sealed_as": ""}).count()
        chosen = chosen.filter(**{f"{reader.case}sealed_as": ""})
    answers = list(chosen[: MOST_ROWS + 1])
    rows = [row for chunk in _chunks(answers[:MOST_ROWS]) for row in reader.rows(chunk, ZoneInfo(plan.time_zone))]
    return Found(heads=reader.heads, rows=rows, sealed_left_out=sealed, is_too_large=len(answers) > MOST_ROWS)


def _days(plan: Plan, wanted: Wanted) -> tuple[datetime, datetime]:
    zone = ZoneInfo(plan.time_zone)
    first = datetime.combine(wanted.first_day, time.min, tzinfo=zone)
    return first, datetime.combine(wanted.last_day + timedelta(days=1), time.min, tzinfo=zone)


def _reached(prefix: str, plan: Plan, wanted: Wanted, answered: str) -> Q:
    first, end = _days(plan, wanted)
    reached = Q(**{f"{prefix}plan": plan, f"{answered}__gte": first, f"{answered}__lt": end})
    reached &= Q(**{f"{prefix}is_sandbox": False})
    if wanted.lines_of_business:
        reached &= Q(**{f"{prefix}product__line_of_business__in": wanted.lines_of_business})
    return reached


@dataclass(frozen=True)
class _Times:
    """The earliest binding time of an obligation of a request, and when it was met."""

    due_at: datetime | None = None
    met_at: datetime | None = None
    state: str = ""
    rule: str = ""

    @property
    def late(self) -> str:
        """Return yes or no; empty where no time ran or it has not ended."""
        if self.met_at is None:
            return ""
        return "yes" if self.state == ClockState.LATE else "no"


def _chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]


def _times(requests: Iterable[int]) -> dict[tuple[int, str], _Times]:
    """Return the clocks of requests by request and purpose; of several, the one that was due first."""
    told: dict[tuple[int, str], _Times] = {}
    rows = Clock.objects.filter(
        request_id__in=list(requests), binds=True,
        purpose__in=[ClockPurpose.DECIDE, ClockPurpose.NOTIFY_IN_WRITING, ClockPurpose.ACKNOWLEDGE],
    )  # fmt: skip
    values = rows.order_by(F("due_at").asc(nulls_last=True), "pk").values_list(
        "request_id", "purpose", "due_at", "stopped_at", "state", "governing_rule"
    )
    for request, purpose, due_at, met_at, state, rule in values.iterator():
        told.setdefault((request, purpose), _Times(due_at, met_at, state, rule))
    return told


def _instant(value: datetime | None, zone: ZoneInfo) -> str:
    return value.astimezone(zone).isoformat(timespec="seconds") if value else ""


_DECISION_HEADS = (
    "key", "case", "line", "line_of_business", "timing", "urgency", "channel", "received_at", "decide_by", "decided_at",
    "late", "rule", "outcome", "reason_class", "decided_by", "write_by", "written_at",
)  # fmt: skip


def _decisions(plan: Plan, wanted: Wanted) -> QuerySet[Determination]:
    rows = Determination.objects.filter(
        _reached("line__case__", plan, wanted, "decided_at"), supersedes__isnull=True, is_sandbox=False
    )
    if wanted.adverse_only:
        rows = rows.filter(is_adverse=True)
    return rows.select_related("line__request", "line__case__product").order_by("decided_at", "pk")


def _decision_rows(chunk: Sequence[Determination], zone: ZoneInfo) -> Iterator[Row]:
    times = _times({row.line.request_id for row in chunk})
    for row in chunk:
        line, request, case = row.line, row.line.request, row.line.case
        decide = times.get((request.pk, ClockPurpose.DECIDE), _Times())
        write = times.get((request.pk, ClockPurpose.NOTIFY_IN_WRITING), _Times())
        by = "software" if row.decided_by_machine else row.licence.split(" ")[0] if row.licence else "person"
        cells = (
            str(row.public_id), case.number, str(line.sequence), case.product.line_of_business, request.timing,
            request.urgency, request.channel, _instant(request.received_at, zone), _instant(decide.due_at, zone),
            _instant(row.decided_at, zone), decide.late, decide.rule, row.outcome, row.reason_class, by,
            _instant(write.due_at, zone), _instant(write.met_at, zone),
        )  # fmt: skip
        yield Row(key=str(row.public_id), label=f"{case.number} / {line.sequence}", case_id=case.pk, cells=cells)


_APPEAL_HEADS = (
    "key", "appeal", "line_of_business", "level", "body", "filed_by", "fast", "filed_at", "acknowledged_at", "decide_by",
    "decided_at", "late", "rule", "outcome",
)  # fmt: skip


def _appeals(plan: Plan, wanted: Wanted) -> QuerySet[Appeal]:
    rows = Appeal.objects.filter(_reached("line__case__", plan, wanted, "decided_at"))
    if wanted.adverse_only:
        rows = rows.filter(outcome=Outcome.UPHELD)
    return rows.select_related("request", "line__case__product").order_by("decided_at", "pk")


def _appeal_rows(chunk: Sequence[Appeal], zone: ZoneInfo) -> Iterator[Row]:
    times = _times({row.request_id for row in chunk})
    for row in chunk:
        case = row.line.case
        decide = times.get((row.request_id, ClockPurpose.DECIDE), _Times())
        cells = (
            str(row.public_id), row.number, case.product.line_of_business, str(row.level), row.body, row.filer,
            "yes" if row.request.urgency == "expedited" else "no", _instant(row.filed_at, zone),
            _instant(row.acknowledged_at, zone), _instant(decide.due_at, zone), _instant(row.decided_at, zone),
            decide.late, decide.rule, row.outcome,
        )  # fmt: skip
        yield Row(key=str(row.public_id), label=row.number, case_id=case.pk, cells=cells)


_COMPLAINT_HEADS = (
    "key", "complaint", "line_of_business", "about", "fast", "filed_at", "acknowledged_at", "answer_by", "answered_at",
    "late", "rule", "substantiated",
)  # fmt: skip


def _complaints(plan: Plan, wanted: Wanted) -> QuerySet[Grievance]:
    rows = Grievance.objects.filter(_reached("request__case__", plan, wanted, "answered_at"))
    if wanted.adverse_only:
        rows = rows.filter(is_substantiated=False)
    return rows.select_related("request__case__product").order_by("answered_at", "pk")


def _complaint_rows(chunk: Sequence[Grievance], zone: ZoneInfo) -> Iterator[Row]:
    times = _times({row.request_id for row in chunk})
    for row in chunk:
        case = row.request.case
        decide = times.get((row.request_id, ClockPurpose.DECIDE), _Times())
        cells = (
            str(row.public_id), row.number, case.product.line_of_business, row.about, "yes" if row.is_fast else "no",
            _instant(row.filed_at, zone), _instant(row.acknowledged_at, zone), _instant(decide.due_at, zone),
            _instant(row.answered_at, zone), decide.late, decide.rule,
            "" if row.is_substantiated is None else "yes" if row.is_substantiated else "no",
        )  # fmt: skip
        yield Row(key=str(row.public_id), label=row.number, case_id=case.pk, cells=cells)


@dataclass(frozen=True, kw_only=True)
class _Reader:
    """How the answers of a universe are chosen and written."""

    heads: tuple[str, ...]
    case: str
    """The way from an answer to its case, as a filter says it."""
    select: Callable[[Plan, Wanted], QuerySet[Any]]
    rows: Callable[[Sequence[Any], ZoneInfo], Iterator[Row]]


_READERS = {
    Universe.DECISIONS: _Reader(heads=_DECISION_HEADS, case="line__case__", select=_decisions, rows=_decision_rows),
    Universe.APPEALS: _Reader(heads=_APPEAL_HEADS, case="line__case__", select=_appeals, rows=_appeal_rows),
    Universe.COMPLAINTS: _Reader(
        heads=_COMPLAINT_HEADS, case="request__case__", select=_complaints, rows=_complaint_rows
    ),
}


def samples_visible_to(user: User, *, at: datetime) -> QuerySet[Sample]:
    """Return the samples of the plans for which a person draws them, and those opened to a guest now, newest first."""
    scope = scope_of(user)
    seen = Q(plan_id__in=scope.plans_with(Permission.DRAW_SAMPLES))
    if plans := scope.plans_with(Permission.SEE_SAMPLED_FILES):
        opened = OpenedFile.objects.filter(user=user, until__gt=at).values_list("opened_for", flat=True)
        seen |= Q(plan_id__in=plans, closed_at__isnull=True, public_id__in=set(opened))
    rows = Sample.objects.filter(seen).defer("content").select_related("plan", "drawn_by", "closed_by")
    return rows.order_by("-drawn_at", "-pk")


def files_of(sample: Sample) -> list[SampledFile]:
    """Return the files of a sample in their order, with what was found."""
    rows = sample.files.select_related("case__plan", "case__product").prefetch_related("verdicts__judged_by")
    return list(rows.order_by("position"))


def standings(files: Sequence[SampledFile]) -> dict[Element, Standing]:
    """Return where each element stands."""
    found = {(one.position, row.element): Verdict(row.verdict) for one in files for row in one.verdicts.all()}
    return {element: standing([found.get((one.position, element)) for one in files]) for element in Element}


@dataclass(frozen=True, kw_only=True)
class Guest:
    """Somebody to whom a sample stands open, and until when."""

    user: User
    until: datetime


def guests_of(sample: Sample) -> list[Guest]:
    """Return to whom a sample is or was open."""
    rows = OpenedFile.objects.filter(opened_for=sample.public_id).select_related("user").order_by("user__name", "pk")
    return list({row.user_id: Guest(user=row.user, until=row.until) for row in rows}.values())


def case_ids_of(files: Iterable[SampledFile]) -> list[Any]:
    """Return the public ids of the cases of some files, each once."""
    return sorted({one.case.public_id for one in files})


def may_read(user: User, case: Case, *, at: datetime) -> bool:
    """Say whether a case stands open to a guest now."""
    return OpenedFile.objects.filter(user=user, case_id=case.public_id, until__gt=at).exists()
