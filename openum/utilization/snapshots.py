"""Each week's figures as a PDF: how the work went, and use and cost of care, with their definitions."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan
from openum.accounts.queries import rules_engine
from openum.design.moments import moment
from openum.design.reports import report
from openum.programme.rules.operations import operations
from openum.programme.views.showing import CLASSES, LAWS
from openum.programme.workings import Period, asked_of
from openum.utilization import events
from openum.utilization.models import Figure, Snapshot, Statement
from openum.utilization.rules import ALL, StatementState
from openum.utilization.words import GROUPS, UNITS, count_words, value_words

DAYS = 90


def make_due_snapshots(*, at: datetime) -> list[Snapshot]:
    """Make this week's snapshot of each plan that has none yet."""
    made = []
    for plan in Plan.objects.filter(is_sandbox=False).order_by("pk"):
        today = at.astimezone(ZoneInfo(plan.time_zone)).date()
        monday = today - timedelta(days=today.weekday())
        if not Snapshot.objects.filter(plan=plan, monday=monday).exists():
            statement = Statement.objects.filter(plan=plan, state=StatementState.READY).order_by("-number").first()
            pdf = report("\n".join(_lines(plan, statement, at)))
            with transaction.atomic():
                row, is_new = Snapshot.objects.get_or_create(
                    plan=plan, monday=monday,
                    defaults={"made_at": at, "statement": statement, "pdf": pdf, "sha256": hashlib.sha256(pdf).hexdigest()},
                )  # fmt: skip
                if is_new:
                    audit.record(events.SnapshotMade(snapshot_id=row.public_id), by=rules_engine(), at=at)
                    made.append(row)
    return made


def _lines(plan: Plan, statement: Statement | None, at: datetime) -> Iterator[str]:
    yield f"# Figures of {plan.name}"
    yield f"Made {moment(at, plan.time_zone)}. No figure names a person. More answers of no, or faster ones, are not better."
    yield "## How the work went"
    yield from _work(plan, at)
    yield "## Use and cost of care"
    if statement is None:
        yield "No claims were loaded yet."
        return
    yield (
        f"Statement {statement.number}: {statement.first_month} to {statement.last_month}, from claims until "
        f"{statement.data_until}, all payers. The identifier names the definition in the documentation of metrics."
    )
    figures = {row.metric: row for row in Figure.objects.filter(statement=statement, payer=ALL, month="", cut="")}
    for name, metrics in GROUPS:
        shown = [(words, figures[metric]) for metric, words in metrics.items() if metric in figures]
        if shown:
            yield f"### {name}"
            yield from _table(
                ("Metric", "Definition", "Value", "Unit", "Counted", "Of"),
                [
                    (
                        str(words), row.definition, value_words(row.value, row.unit), str(UNITS.get(row.unit, row.unit)),
                        count_words(row.numerator, row.unit), count_words(row.denominator, ""),
                    )
                    for words, row in shown
                ],
            )  # fmt: skip


def _work(plan: Plan, at: datetime) -> Iterator[str]:
    rows = operations(asked_of(Period(plan, DAYS, at)))
    if not rows:
        yield f"No request was received in the last {DAYS} days."
        return
    yield f"Requests received in the last {DAYS} days. Shares are of what was decided; hours run from receipt to the letter."
    yield from _table(
        ("Law", "Speed", "Received", "Decided", "Approved %", "Denied or less %", "By rule %", "Overturned %", "Mean hours"),
        [
            (
                str(LAWS[row["line_of_business"]]), str(CLASSES[row["urgency"]]), row["received"], row["decided"],
                row["approval"], row["denial"], row["automatic"], row["overturned"], row["hours"]["mean"],
            )
            for row in rows
        ],
    )  # fmt: skip


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield "|" + "|".join(heads) + "|"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield "|" + "|".join("–" if cell in {None, ""} else str(cell) for cell in row) + "|"
    yield ""
