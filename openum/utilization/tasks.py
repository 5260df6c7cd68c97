"""Computing on claims, outside the transactions of pages; the week's figures as a PDF."""

from datetime import datetime
from typing import Any

from openum.attention.models import Lists
from openum.attention.services import JOB
from openum.jobs import every, handler
from openum.utilization.attending import begin_missing_lists, make_lists
from openum.utilization.models import FigureList, Statement
from openum.utilization.services import make_list, make_statement
from openum.utilization.snapshots import make_due_snapshots


@handler("utilization.state", outside=True)
def state(payload: dict[str, Any], *, at: datetime) -> None:
    """Make a statement."""
    statement = Statement.objects.select_related("plan").filter(public_id=payload["statement"]).first()
    if statement is not None:
        make_statement(statement, at=at)


@handler("utilization.list", outside=True)
def write_list(payload: dict[str, Any], *, at: datetime) -> None:
    """Write out the rows behind a number."""
    row = FigureList.objects.select_related("statement__plan").filter(public_id=payload["list"]).first()
    if row is not None:
        make_list(row, at=at)


@handler(JOB, outside=True)
def attend(payload: dict[str, Any], *, at: datetime) -> None:
    """Find who needs attention."""
    lists = Lists.objects.select_related("plan").filter(public_id=payload["lists"]).first()
    if lists is not None:
        make_lists(lists, at=at)


@handler("utilization.missing_lists")
def missing_lists(payload: dict[str, Any], *, at: datetime) -> None:
    """Begin lists that an older program did not make."""
    begin_missing_lists(at=at)


@handler("utilization.snapshots", outside=True)
def snapshots(payload: dict[str, Any], *, at: datetime) -> None:
    """Make this week's snapshots that are not made yet."""
    make_due_snapshots(at=at)


every("utilization.snapshots", 60 * 60)
every("utilization.missing_lists", 5 * 60)
