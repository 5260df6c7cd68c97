"""The work of the desk that takes seconds: reading pages."""

from datetime import datetime
from typing import Any

from openum.intake.models import PaperPage
from openum.intake.papers.services import read_page
from openum.jobs import handler


@handler("intake.read_page", outside=True)
def read_one_page(payload: dict[str, Any], *, at: datetime) -> None:
    """Read a page of a paper. Running twice reads it twice and keeps one reading."""
    page = PaperPage.objects.select_related("paper", "source").filter(public_id=payload["page"]).first()
    if page is not None:
        read_page(page, at=at)
