"""Statements of metrics and the lists behind their numbers: made by jobs, each once."""

import csv
import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from django.db import transaction
from django.db.models import Max

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.queries import rules_engine
from openum.accounts.rules import Permission
from openum.attention.services import begin_lists
from openum.audit import Recorded
from openum.jobs import enqueue
from openum.loading.events import ClaimsFileTakenBack, ClaimsLoadEnded
from openum.loading.models import ClaimsFile, ClaimsLoad
from openum.loading.places import folder_of, store_of
from openum.utilization import events, rules
from openum.utilization.models import Figure, FigureList, Statement
from openum.utilization.rules import ListState, StatementState
from openum.vocabulary.errors import Conflict, OpenUMError

if TYPE_CHECKING:
    from openum.analytics.metrics.more import More
    from openum.analytics.metrics.run import Options

MEMORY = "1GB"
AT_ONCE = 2000


class StatementNotReady(Conflict):
    """The rows behind a number were asked for while the statement is being made, or could not be made."""

    code: ClassVar[str] = "statement-not-ready"


def folder_of_statement(statement: Statement) -> Path:
    """Return where the files of a statement lie."""
    return folder_of(statement.plan) / "statements" / str(statement.number)


def file_of(row: FigureList) -> Path:
    """Return the file of the rows behind a number."""
    return folder_of_statement(row.statement) / "lists" / f"{row.public_id.hex}.csv"


def follow_load(event: ClaimsLoadEnded, recorded: Recorded) -> None:
    """New claims are in the store: a new statement of its metrics, and the lists of who needs attention, are made."""
    _begin(ClaimsLoad.objects.get(public_id=event.load_id).plan, at=recorded.at)


def follow_taking_back(event: ClaimsFileTakenBack, recorded: Recorded) -> None:
    """A file left the store: a new statement of its metrics, and the lists of who needs attention, are made."""
    _begin(ClaimsFile.objects.get(public_id=event.file_id).load.plan, at=recorded.at)


def _begin(plan: Plan, *, at: datetime) -> None:
    begin_statement(plan=plan, at=at)
    begin_lists(plan=plan, at=at)


@transaction.atomic
def begin_statement(*, plan: Plan, at: datetime) -> Statement:
    """Enter the next statement of a plan and let a job make it."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    last = Statement.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0
    made = Statement.objects.create(plan=plan, number=last + 1, made_at=at)
    enqueue("utilization.state", {"statement": str(made.public_id)}, run_at=at)
    return made


def make_statement(statement: Statement, *, at: datetime) -> None:
    """Compute the metrics of the plan's store and keep them. Begun again after a break, it begins anew; a made one stays."""
    from openum.analytics.metrics.more import CUTS, More
    from openum.analytics.metrics.run import run
    from openum.analytics.store.catalogue import Catalogue

    if statement.state != StatementState.MAKING:
        return
    store, out = store_of(statement.plan), folder_of_statement(statement)
    shutil.rmtree(out, ignore_errors=True)
    try:
        statement.sources = sorted({each.sha256 for each in Catalogue(store).loaded})
        run(store, out, _options(More(CUTS, completion=True)))
    except OpenUMError as refusal:
        statement.said = refusal.english
        _end(statement, StatementState.FAILED, at=at)
        return
    with (out / "metrics_by_cut.csv").open(encoding="utf-8", newline="") as source:
        sums = rules.sums_of(csv.DictReader(source))
    with (out / "completion.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    statement.factors = {f"{row['payer']} {row['month']}": float(row["factor"]) for row in rows if row["factor"]}
    statement.data_until = max((row["data_until"] for row in rows), default="")
    year = rules.year_of(sums.months)
    statement.first_month, statement.last_month = (year[0], year[-1]) if year else ("", "")
    with transaction.atomic():
        Figure.objects.filter(statement=statement).delete()
        Figure.objects.bulk_create(
            (Figure(statement=statement, **vars(each)) for each in rules.figures(sums)), batch_size=AT_ONCE
        )
        _end(statement, StatementState.READY, at=at)


def _options(more: "More") -> "Options":
    from openum.analytics.metrics.run import Options

    return Options("duckdb", MEMORY, None, None, more)


@transaction.atomic
def _end(statement: Statement, state: StatementState, *, at: datetime) -> None:
    statement.state, statement.ended_at = state, at
    statement.save()
    audit.record(events.MetricsStated(statement_id=statement.public_id, reached=state.value), by=rules_engine(), at=at)


@permitted(Permission.SEE_PLAN_CASES, on="statement.plan")
@transaction.atomic
def ask_for_list(
    *, statement: Statement, metric: str, payer: str, month: str, cut: str, group: str, by: User, at: datetime
) -> FigureList:
    """Let a job write out the rows behind a number; one that was asked for before is the same.

    Raises:
        StatementNotReady: the statement has no numbers.
    """
    if statement.state != StatementState.READY:
        raise StatementNotReady("These figures are not made yet. Load the page again in a minute.")
    place = {"metric": metric, "payer": payer, "month": month, "cut": cut, "group": group}
    made, is_new = FigureList.objects.get_or_create(
        statement=statement, **place, defaults={"asked_by": by, "asked_at": at}
    )
    if made.state == ListState.FAILED:
        made.state, made.said = ListState.MAKING, ""
        made.save(update_fields=["state", "said"])
        is_new = True
    if is_new:
        audit.record(events.FigureListAsked(list_id=made.public_id), by=by, at=at)
        enqueue("utilization.list", {"list": str(made.public_id)}, run_at=at)
    return made


def make_list(row: FigureList, *, at: datetime) -> None:
    """Write out the rows behind a number; run again, it writes the same."""
    from openum.analytics.metrics.more import More
    from openum.analytics.metrics.run import run

    if row.state != ListState.MAKING:
        return
    out = file_of(row).with_suffix("")
    where = [(name, value) for name, value in (("month", row.month), (row.cut, row.group)) if name and value]
    if row.payer != rules.ALL:
        where.append(("payer", row.payer))
    try:
        run(store_of(row.statement.plan), out, _options(More(listed=row.metric, where=tuple(where))))
    except OpenUMError as refusal:
        row.state, row.said = ListState.FAILED, refusal.english
    else:
        row.rows, row.state = _keep_year(out / "list.csv", file_of(row), row), ListState.READY
    shutil.rmtree(out, ignore_errors=True)
    row.ended_at = at
    with transaction.atomic():
        row.save()
        audit.record(events.FigureListMade(list_id=row.public_id, rows=row.rows), by=rules_engine(), at=at)


def _keep_year(source: Path, target: Path, row: FigureList) -> int:
    """Keep the rows of the month, or of the statement's year, and return how many they are."""
    first, last = (row.month,) * 2 if row.month else (row.statement.first_month, row.statement.last_month)
    count = 0
    with source.open(encoding="utf-8", newline="") as given, target.open("w", encoding="utf-8", newline="") as kept:
        reader = csv.DictReader(given)
        writer = csv.DictWriter(kept, reader.fieldnames or [])
        writer.writeheader()
        for each in reader:
            if first <= each["month"] <= last:
                writer.writerow(each)
                count += 1
    return count


def note_list_read(row: FigureList, *, rows: int, page: str, by: User, at: datetime) -> None:
    """Record that a person was shown rows behind a number; nothing shown, nothing recorded."""
    if rows:
        audit.record(events.FigureListRead(list_id=row.public_id, rows=rows, cause=page), by=by, at=at)
