"""Computing on claims, outside the transactions of pages."""

from datetime import datetime
from typing import Any

from openum.jobs import handler
from openum.utilization.models import FigureList, Statement
from openum.utilization.services import make_list, make_statement


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
