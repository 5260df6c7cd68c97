"""What review contributes to the case page: the clinical records that came as data, in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from openum.accounts.models import User
from openum.cases.holdings import declare, holds
from openum.cases.models import Attachment, Case
from openum.cases.panels import Panel, register
from openum.cases.queries import attachments_visible_to, current_lines
from openum.review.models import AnchoredNote, PeerToPeer, Review, UnsentForm
from openum.review.records import labels_of, listed


def _records(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    if not holds(case, Attachment):
        return {"records": []}
    rows = attachments_visible_to(user).filter(case=case, kind=Attachment.FHIR).defer("content")
    labels: dict[str, str] = {}
    for line in current_lines(case):
        labels |= labels_of(line)
    return {"records": listed(list(rows.order_by("received_at", "pk")), labels)}


def register_sections() -> None:
    """Register the section, and what a case may lack; called once at start."""
    declare((AnchoredNote, Review, UnsentForm), "line__case")
    declare((PeerToPeer,), "case")
    register(Panel("records", _("Clinical records"), 52, "review/panels/records.html", _records))
