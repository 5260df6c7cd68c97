"""What appeals contribute to the case page and to the pages of members and practices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from openum.accounts.models import User
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.appeals.faces import BODIES, STATES, member_sentence
from openum.appeals.models import Appeal, OutsideReview
from openum.appeals.queries import (
    APPEALABLE,
    acts_on,
    appealable_lines,
    appeals_of_case,
    day_of,
    law_of,
    representative_of,
)
from openum.appeals.rules.law import OUTSIDE
from openum.appeals.rules.states import OPEN_STATES, Outcome
from openum.cases.holdings import declare
from openum.cases.models import Case
from openum.cases.panels import Panel, register
from openum.cases.queries import current_lines
from openum.clocks.queries import due_of
from openum.design.moments import day, local_day, moment, short_moment
from openum.determination.portal.standing import service_words
from openum.vocabulary.terms import ClockPurpose


def _of_case(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    appeals = appeals_of_case(case)
    followed = {appeal.follows_id for appeal in appeals}
    under_appeal = {appeal.line_id for appeal in appeals if appeal.state in OPEN_STATES or appeal.outcome}
    rows = []
    for appeal in appeals:
        words, shape, tone = STATES[appeal.state]
        rows.append(
            {
                "appeal": appeal, "body": BODIES.get(appeal.body, appeal.body), "state": words, "shape": shape,
                "tone": tone, "filed": short_moment(appeal.filed_at, zone), "sentence": _sentence(appeal, zone),
                **_next_doors(appeal, is_followed=appeal.pk in followed), **_outside_of(appeal, zone, at),
            }
        )  # fmt: skip
    lines = []
    may_file = user_may(user, Permission.FILE_APPEAL)
    if may_file and any(line.status in APPEALABLE for line in current_lines(case)):
        lines = list(appealable_lines(user).filter(case=case).exclude(pk__in=under_appeal).order_by("sequence", "pk"))
    for line in lines:
        line.words = service_words(line, case)  # type: ignore[attr-defined]
    return {"appeals": rows, "appealable": lines, "is_member": user_may(user, Permission.SEE_OWN_CASES)}


def _next_doors(appeal: Appeal, *, is_followed: bool) -> dict[str, bool]:
    """Say which further reviews may be asked for: the plan's second look, the one outside, or the first of both."""
    own = law_of(appeal).further_plan_level(appeal.level)
    lost = appeal.body not in OUTSIDE and appeal.outcome in {Outcome.UPHELD, Outcome.PARTLY} and not is_followed
    return {
        "may_appeal_again": lost and own is not None and not own.is_specialty_review,
        "may_ask_specialty": lost and own is not None and own.is_specialty_review,
        "may_go_outside": lost and (own is None or own.is_voluntary),
    }


def _outside_of(appeal: Appeal, zone: str, at: datetime) -> dict[str, Any]:
    """Read what the member sees of a hearing, and of somebody who acts in the appeal."""
    outside = OutsideReview.objects.filter(appeal=appeal, hearing_at__isnull=False).first()
    party = representative_of(appeal)
    acts = party is not None and appeal.closed_at is None and acts_on(party, day_of(appeal.line.case.product, at))
    return {
        "hearing": moment(outside.hearing_at, zone) if outside else "",
        "hearing_how": outside.hearing_how if outside else "",
        "acts": party.name if party is not None and acts else "",
    }


def _sentence(appeal: Appeal, zone: str) -> str:
    due = due_of(appeal.request, ClockPurpose.DECIDE)
    return member_sentence(appeal, due=day(local_day(due, zone)) if due else "")


def register_sections() -> None:
    """Register the section, for staff, provider offices and members, and what a case may lack; called once at start."""
    declare((Appeal,), "line__case")
    register(Panel("appeals", _("Appeals"), 17, "appeals/panels/staff.html", _of_case))
    for key, needs in (
        ("office-appeals", Permission.SEE_ORGANIZATION_CASES),
        ("my-appeals", Permission.SEE_OWN_CASES),
    ):
        register(Panel(key, _("Appeals"), 60, "appeals/panels/public.html", _of_case, needs=needs))
