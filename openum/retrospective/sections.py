"""What reviews after the service contribute to the case page: the claim beside the record, and the way to the review."""

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
from openum.retrospective.faces import OUTCOMES, office_face
from openum.retrospective.models import ClaimLine
from openum.retrospective.queries import findings_for_office, standings
from openum.vocabulary.money import dollars


def _of_case(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    rows = ClaimLine.objects.filter(line__case=case).select_related(
        "line__request", "line__case__plan", "line__case__product", "line__case__member"
    )
    found = standings(rows.order_by("number")) if holds(case, ClaimLine) else []
    return {
        "claim_lines": [
            {"standing": row, "outcome": OUTCOMES[row.outcome], "charge": dollars(row.claim_line.charge_cents)}
            for row in found
        ],
        "may_open": any(user_may(user, each) for each in (Permission.REVIEW_LINES, Permission.CLOSE_ADMINISTRATIVELY)),
    }


def _for_office(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    found = findings_for_office(user).filter(claim_line__line__case=case).order_by("sent_at", "pk")
    return {"findings": [office_face(one, at) for one in found]}


def register_sections() -> None:
    """Register the sections, and what a case may lack; called once at start."""
    declare((ClaimLine,), "line__case")
    needs = Permission.SEE_ORGANIZATION_CASES
    register(
        Panel(
            "claim-findings",
            _("Findings of claim review"),
            12,
            "retrospective/panels/office.html",
            _for_office,
            needs=needs,
        )
    )
    register(Panel("claim", _("Claim"), 12, "retrospective/panels/claim.html", _of_case))
