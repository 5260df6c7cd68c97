"""Background work of determination."""

from datetime import datetime
from typing import Any

from openum.cases.models import ServiceLine
from openum.determination.services import prepare_sandbox_answer
from openum.jobs import handler
from openum.submission.models import SandboxArming


@handler("determination.sandbox_answer")
def sandbox_answer(payload: dict[str, Any], *, at: datetime) -> None:
    """Give a sandbox decision that was armed with a delay."""
    line = ServiceLine.objects.get(public_id=payload["line"])
    arming = SandboxArming.objects.select_related("armed_by").get(public_id=payload["arming"])
    prepare_sandbox_answer(line=line, arming=arming, at=at)
