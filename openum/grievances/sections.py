"""What complaints contribute to the member's page: the other door, clearly named."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from openum.accounts.models import User
from openum.accounts.rules import Permission
from openum.appeals.queries import appealable_lines
from openum.cases.models import Case
from openum.cases.panels import Panel, register
from openum.determination.portal.standing import service_words
from openum.grievances.models import Grievance, ProviderDispute


def _of_case(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    return {
        "grievances": list(Grievance.objects.filter(request__case=case).order_by("filed_at", "pk")),
        "disputes": list(ProviderDispute.objects.filter(line__case=case).order_by("filed_at", "pk")),
    }


def _disputes_of_case(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    lines = list(appealable_lines(user).filter(case=case).order_by("sequence", "pk"))
    return {
        "disputes": list(ProviderDispute.objects.filter(line__case=case).order_by("filed_at", "pk")),
        "disputable": [{"line": line, "words": service_words(line, case)} for line in lines],
    }


def register_sections() -> None:
    """Register the section for members and for staff; called once at start."""
    register(
        Panel("my-complaints", _("Complaints"), 65, "grievances/panels/mine.html", _of_case, Permission.SEE_OWN_CASES)
    )
    register(
        Panel(
            "office-disputes",
            _("Disputes"),
            66,
            "grievances/panels/disputes.html",
            _disputes_of_case,
            Permission.SEE_ORGANIZATION_CASES,
        )
    )
    register(
        Panel("complaints", _("Complaints"), 60, "grievances/panels/staff.html", _of_case, Permission.MANAGE_GRIEVANCES)
    )
