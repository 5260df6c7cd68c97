"""What letters contribute to the case page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from openum.accounts.models import User
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.cases.holdings import declare, holds
from openum.cases.models import Case
from openum.cases.panels import Panel, register
from openum.cases.queries import current_lines
from openum.design.moments import short_moment
from openum.notices.models import Notice
from openum.notices.queries import letters_of
from openum.notices.services.drafting import has_forms


def _letters(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    may_write = user_may(user, Permission.REVIEW_LINES)
    return {
        "with_forms": current_lines(case) if may_write and has_forms(case) else [],
        "letters": [
            {
                "notice": notice,
                "prepared": short_moment(notice.prepared_at, zone),
                "sent": short_moment(notice.sent_at, zone),
                "channels": ", ".join(each.get_channel_display() for each in notice.sendings.all()),
            }
            for notice in (letters_of(case, user) if holds(case, Notice) else ())
        ],
    }


def register_sections() -> None:
    """Register the section, for staff, provider offices and members, and what a case may lack; called once at start."""
    declare((Notice,), "case")
    register(Panel("letters", _("Letters"), 70, "notices/panels/letters.html", _letters))
    for key, needs in (
        ("office-letters", Permission.SEE_ORGANIZATION_CASES),
        ("my-letters", Permission.SEE_OWN_CASES),
    ):
        register(Panel(key, _("Letters"), 70, "notices/panels/letters_public.html", _letters, needs=needs))
