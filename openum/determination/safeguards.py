"""Reads for those who watch the safeguards: rates of the requester's own acts, approvals by rule, the machine ledger."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from openum.accounts.models import Plan, User
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.cases.models import Amendment, Case, ServiceLine
from openum.cases.queries import cases_visible_to
from openum.db.keeping import kept_when_large
from openum.determination.models import Determination, MachineEntry, ParityComparison

MONTHS_SHOWN = 12
COLUMNS = (
    "case", "line", "kind", "name", "version", "at", "input", "output", "person", "person_did", "followed", "person_at",
)  # fmt: skip
"""Columns of the exported ledger; one row for each reply, one for a suggestion without any."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """How the lines of one month went: of those received, how many the requester took back, changed or exchanged.

    A rate that rises may mean that requesters are talked out of what they asked for. Nobody is ranked by it.
    """

    month: str
    lines: int
    withdrawn: int
    amended: int
    exchanged: int
    by_rule: int
    refused: int

    def share(self, count: int) -> str:
        """Return a count as a share of the month's lines."""
        return f"{count / self.lines:.1%}" if self.lines else "–"

    @property
    def shares(self) -> list[tuple[int, str]]:
        """Return each count with its share, in the order of the page's columns."""
        counts = (self.withdrawn, self.amended, self.exchanged, self.by_rule, self.refused)
        return [(count, self.share(count)) for count in counts]


def months_of(plans: Sequence[Plan], *, at: datetime) -> list[Month]:
    """Return the months of the last year that have lines, each with what became of them, newest first.

    Of very many lines the figures may be two minutes old (openum/db/keeping.py).
    """
    zones = sorted({plan.time_zone for plan in plans})
    months = tuple(at.astimezone(ZoneInfo(zone)).strftime("%Y-%m") for zone in zones)
    return kept_when_large(
        ("months", frozenset(plan.pk for plan in plans), months),
        lambda: _counted_months(plans, at=at),
        rows_of=lambda found: sum(month.lines for month in found),
    )


def _counted_months(plans: Sequence[Plan], *, at: datetime) -> list[Month]:
    counts: dict[str, Counter[str]] = {}
    for zone in sorted({plan.time_zone for plan in plans}):
        lines = ServiceLine.objects.filter(
            case__plan__in=[plan for plan in plans if plan.time_zone == zone], case__is_sandbox=False
        )
        own = Amendment.objects.filter(is_requesters_own=True, line=OuterRef("pk"))
        decided = Determination.objects.filter(line=OuterRef("pk"))
        acts = {
            "lines": Q(),
            "withdrawn": Q(Exists(own.filter(field="withdrawal"))),
            "exchanged": Q(Exists(own.filter(field="code"))),
            "amended": Q(Exists(own.exclude(field__in=["withdrawal", "code"]))),
            "by_rule": Q(Exists(decided.filter(decided_by_machine=True))),
            "refused": Q(Exists(decided.filter(is_adverse=True))),
        }
        starts = _last_months(at.astimezone(ZoneInfo(zone)))
        for act, did in acts.items():
            for month, count in _by_month(lines.filter(did), starts):
                counts.setdefault(month, Counter())[act] += count
    return [
        Month(
            month=month, lines=count["lines"], withdrawn=count["withdrawn"], amended=count["amended"],
            exchanged=count["exchanged"], by_rule=count["by_rule"], refused=count["refused"],
        )
        for month, count in sorted(counts.items(), reverse=True)
    ]  # fmt: skip


def _last_months(local: datetime) -> list[datetime]:
    """Return the first instants of the last MONTHS_SHOWN months and of the next one, in the zone of `local`."""
    number = local.year * 12 + local.month - 1
    months = range(number - MONTHS_SHOWN + 1, number + 2)
    return [datetime(month // 12, month % 12 + 1, 1, tzinfo=local.tzinfo) for month in months]


def _by_month(lines: QuerySet[ServiceLine], starts: Sequence[datetime]) -> Iterator[tuple[str, int]]:
    """Count lines by the month in which their request came, in one statement."""
    spans = list(pairwise(starts))
    counts = lines.filter(request__received_at__gte=starts[0]).aggregate(
        **{
            f"m{place}": Count("pk", filter=Q(request__received_at__gte=first, request__received_at__lt=after))
            for place, (first, after) in enumerate(spans)
        }
    )
    for place, (first, _after) in enumerate(spans):
        if count := counts[f"m{place}"]:
            yield f"{first:%Y-%m}", count


def comparisons_visible_to(user: User) -> QuerySet[ParityComparison]:
    """Return the kept comparisons of a person's plans, newest first."""
    rows = ParityComparison.objects.filter(plan__in=plans_visible_to(user, Permission.WATCH_SAFEGUARDS)).select_related(
        "plan", "made_by"
    )
    return rows.order_by("-made_at", "-pk")


def entries_visible_to(user: User) -> QuerySet[MachineEntry]:
    """Return the ledger of the cases a person may see, newest first."""
    rows = MachineEntry.objects.filter(Exists(cases_visible_to(user).filter(pk=OuterRef("case_id")))).select_related(
        "case__plan", "line"
    )
    return rows.prefetch_related("replies__by").order_by("-at", "-pk")


def entries_of(case: Case) -> QuerySet[MachineEntry]:
    """Return the ledger of one case in the order of time."""
    rows = MachineEntry.objects.filter(case=case).select_related("case__plan", "line")
    return rows.prefetch_related("replies__by").order_by("at", "pk")


def exported(entries: QuerySet[MachineEntry]) -> Iterator[list[Any]]:
    """Yield the ledger as rows of COLUMNS, the heading first."""
    yield list(COLUMNS)
    for entry in entries:
        about = [
            entry.case.number, entry.line.sequence if entry.line else "", entry.kind, entry.name, entry.version,
            _instant(entry.at), entry.input, entry.output,
        ]  # fmt: skip
        replies = list(entry.replies.all())
        for reply in replies:
            followed = "" if reply.is_followed is None else "yes" if reply.is_followed else "no"
            yield [*about, reply.by.name, reply.did, followed, _instant(reply.at)]
        if not replies:
            yield [*about, "", "", "", ""]


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
