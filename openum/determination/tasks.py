"""Background work of determination."""

from datetime import datetime
from typing import Any

from openum.accounts.models import User
from openum.cases.models import ServiceLine
from openum.determination.services import prepare_sandbox_answer
from openum.jobs import handler


@handler("determination.sandbox_answer")
def sandbox_answer(payload: dict[str, Any], *, at: datetime) -> None:
    """Give a sandbox approval that was armed with a delay."""
    line = ServiceLine.objects.get(public_id=payload["line"])
    prepare_sandbox_answer(line=line, physician=User.objects.get(public_id=payload["physician"]), at=at)
