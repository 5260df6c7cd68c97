"""Tries a document of second readings on the decisions of the last year. It reads; nothing changes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from openum.accounts.models import Plan, User
from openum.cases.queries import cases_visible_to
from openum.determination.models import Determination
from openum.determination.second_reading import Asked, Facts, Row, asked_of
from openum.determination.services.second_readings import facts_of

TRIED = timedelta(days=365)
MOST_SHOWN = 50
_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Change:
    """A decision that two people would have made and one made, or the other way round.

    Attributes:
        case_id: public id; None where the reader may not see the case.
        rows: keys of the rows that name it, of whichever document does.
        wanted: by the document that is tried.
    """

    case_id: UUID | None
    case_number: str
    outcome: str
    decided_at: datetime
    rows: tuple[str, ...]
    wanted: bool


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a document would have asked in the last year.

    Attributes:
        looked_at: decisions of the plan in that time.
        by_machine: of those wanted, approvals by software: a person would have had to make each.
        by_row: decisions that each row of the document names; one may be named by several.
    """

    looked_at: int
    wanted: int
    wanted_now: int
    by_machine: int
    by_row: tuple[tuple[str, int], ...]
    changes: tuple[Change, ...]
    more: int

    @property
    def weekly(self) -> float:
        """Readings in a week of seven days, on average."""
        return self.wanted / (TRIED.days / 7)


def tried_on_last_year(*, plan: Plan, rows: Sequence[Row], in_force: Sequence[Row], user: User, at: datetime) -> Trial:
    """Return what rows would have asked of the decisions of the last year, beside what those in force ask of them."""
    decided = (
        Determination.objects.filter(line__case__plan=plan, decided_at__gt=at - TRIED, decided_at__lte=at)
        .filter(line__case__is_sandbox=False)
        .select_related("line__case__product")
        .order_by("-decided_at", "-pk")
    )
    counts: Counter[str] = Counter()
    looked_at = wanted = wanted_now = by_machine = 0
    changed: list[tuple[Determination, Asked, bool]] = []
    more = 0
    for row in decided.iterator(chunk_size=_AT_ONCE):
        facts = _facts(row)
        new, old = asked_of(rows, facts), asked_of(in_force, facts)
        looked_at += 1
        wanted += new is not None
        wanted_now += old is not None
        by_machine += new is not None and row.decided_by_machine
        counts.update(each.key for each in (new.rows if new else ()))
        named = new or old
        if (new is None) != (old is None) and named is not None:
            if len(changed) < MOST_SHOWN:
                changed.append((row, named, new is not None))
            else:
                more += 1
    visible = dict(
        cases_visible_to(user).filter(pk__in=[row.line.case_id for row, _, _ in changed]).values_list("pk", "public_id")
    )
    return Trial(
        looked_at=looked_at, wanted=wanted, wanted_now=wanted_now, by_machine=by_machine, more=more,
        by_row=tuple((row.key, counts[row.key]) for row in rows),
        changes=tuple(
            Change(
                case_id=visible.get(row.line.case_id), case_number=row.line.case.number, outcome=row.outcome,
                decided_at=row.decided_at, rows=tuple(each.key for each in named.rows), wanted=is_new,
            )
            for row, named, is_new in changed
        ),
    )  # fmt: skip


def _facts(row: Determination) -> Facts:
    return facts_of(row.line, outcome=row.outcome, reason_class=row.reason_class)
