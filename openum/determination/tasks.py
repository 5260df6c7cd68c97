"""Background work of determination."""

from datetime import datetime
from typing import Any

from openum.accounts.services import ensure_rules_engine
from openum.cases.models import ServiceLine
from openum.determination.services import climb, prepare_sandbox_answer
from openum.jobs import every, handler
from openum.submission.models import SandboxArming


@handler("determination.sandbox_answer")
def sandbox_answer(payload: dict[str, Any], *, at: datetime) -> None:
    """Give a sandbox decision that was armed with a delay."""
    line = ServiceLine.objects.get(public_id=payload["line"])
    arming = SandboxArming.objects.select_related("armed_by").get(public_id=payload["arming"])
    prepare_sandbox_answer(line=line, arming=arming, at=at)


@handler("determination.outreach")
def outreach(payload: dict[str, Any], *, at: datetime) -> None:
    """Make tasks of the steps of the outreach ladder that are due. Running twice makes them once."""
    climb(by=ensure_rules_engine(), at=at)


every("determination.outreach", 300)
