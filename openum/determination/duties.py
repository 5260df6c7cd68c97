"""What people who decide owe for themselves: the yearly statement that no pay hangs on a decision."""

from datetime import date, datetime, timedelta
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from openum.accounts.models import User
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.design.moments import day, local_day
from openum.determination.affirming import Statement, statement_of
from openum.determination.services.affirming import affirmed_on
from openum.work.own_duties import OwnDuty

_AHEAD: Final = timedelta(days=30)
"""How long before an affirmation runs out its giver is reminded."""


def own_statement(user: User, at: datetime) -> list[OwnDuty]:
    """Return the yearly statement of a person who decides for a plan that publishes one; due a month before it runs out."""
    dues = []
    for plan in plans_visible_to(user, Permission.APPROVE_LINES):
        on = local_day(at, plan.time_zone)
        found = None if plan.is_sandbox else statement_of(plan, on=on)
        if found is None:
            continue
        dues.append(_due(plan.name, affirmed_on(plan, user), found[0], on))
    if not dues:
        return []
    url = reverse("determination:statement")
    return [OwnDuty(name=_("My statement"), url=url, due=" ".join(filter(None, dues)))]


def _due(plan: str, mine: date | None, statement: Statement, on: date) -> str:
    if mine is None:
        return _("You have not yet affirmed for %(plan)s that no pay hangs on a decision.") % {"plan": plan}
    until = statement.holds_until(mine)
    if on >= until:
        sentence = _("Your statement for %(plan)s that no pay hangs on a decision has run out on %(day)s.")
    elif on + _AHEAD >= until:
        sentence = _("Your statement for %(plan)s that no pay hangs on a decision runs out on %(day)s.")
    else:
        return ""
    return sentence % {"plan": plan, "day": day(until)}
