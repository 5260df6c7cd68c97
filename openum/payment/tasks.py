"""The feed is caught up each minute; each night it is compared as a whole and the full file is written."""

from datetime import datetime
from typing import Any

from openum.accounts.models import Plan
from openum.accounts.queries import rules_engine
from openum.jobs import every, handler
from openum.payment.services import catch_up, write_full_file


@handler("payment.catch_up")
def catch_up_feeds(payload: dict[str, Any], *, at: datetime) -> None:
    """Write what changed of each plan."""
    for plan in Plan.objects.order_by("pk"):
        catch_up(plan, at=at)


@handler("payment.compare_all")
def compare_all(payload: dict[str, Any], *, at: datetime) -> None:
    """Look at all authorizations of each plan, so that nothing a minute missed stays untold, and write all that stand."""
    for plan in Plan.objects.order_by("pk"):
        catch_up(plan, at=at, whole=True)
        if not plan.is_sandbox:
            write_full_file(plan, by=rules_engine(), at=at)


every("payment.catch_up", 60)
every("payment.compare_all", 86_400)
