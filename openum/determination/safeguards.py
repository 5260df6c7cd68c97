"""Reads for those who watch the safeguards: rates of the requester's own acts, approvals by rule, the machine ledger."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from openum.accounts.models import Plan, User
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.cases.models import Amendment, Case, ServiceLine
from openum.cases.queries import cases_visible_to
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


def months_of(plans: Sequence[Plan]) -> list[Month]:
    """Return the last months with what became of their lines, newest first."""
    lines = {
        row.pk: row.request.received_at.astimezone(ZoneInfo(row.case.plan.time_zone)).strftime("%Y-%m")
        for row in ServiceLine.objects.filter(case__plan__in=plans, case__is_sandbox=False)
        .select_related("request", "case__plan")
        .only("pk", "request__received_at", "case__plan__time_zone")
    }
    own = Amendment.objects.filter(line__in=lines, is_requesters_own=True).values_list("line_id", "field").distinct()
    acts: dict[str, set[int]] = {"withdrawn": set(), "amended": set(), "exchanged": set()}
    for line, field in own:
        acts[{"withdrawal": "withdrawn", "code": "exchanged"}.get(field, "amended")].add(line)
    decisions = Determination.objects.filter(line__in=lines)
    acts["by_rule"] = set(decisions.filter(decided_by_machine=True).values_list("line_id", flat=True))
    acts["refused"] = set(decisions.filter(is_adverse=True).values_list("line_id", flat=True))
    all_lines = Counter(lines.values())
    counted = {act: Counter(lines[line] for line in found) for act, found in acts.items()}
    return [
        Month(month=month, lines=all_lines[month], **{act: counts[month] for act, counts in counted.items()})
        for month in sorted(all_lines, reverse=True)[:MONTHS_SHOWN]
    ]


def comparisons_visible_to(user: User) -> QuerySet[ParityComparison]:
    """Return the kept comparisons of a person's plans, newest first."""
    rows = ParityComparison.objects.filter(plan__in=plans_visible_to(user, Permission.WATCH_SAFEGUARDS)).select_related(
        "plan", "made_by"
    )
    return rows.order_by("-made_at", "-pk")


def entries_visible_to(user: User) -> QuerySet[MachineEntry]:
    """Return the ledger of the cases a person may see, newest first."""
    rows = MachineEntry.objects.filter(case__in=cases_visible_to(user)).select_related("case__plan", "line")
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
