"""Affirming the yearly statement that nobody is paid for saying no."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.determination.affirming import check_affirmed, statement_of
from openum.determination.events import IncentivesAffirmed
from openum.determination.models import IncentiveAffirmation
from openum.vocabulary.errors import Missing


@permitted(Permission.APPROVE_LINES, on="plan")
@transaction.atomic
def affirm_statement(*, plan: Plan, by: User, at: datetime) -> IncentiveAffirmation:
    """Keep that a person affirmed the statement in force; again whenever they like.

    Raises:
        NotAllowed: the person decides nothing.
        Missing: no statement is published for the plan.
    """
    found = statement_of(plan, on=_day(plan, at))
    if found is None:
        raise Missing("No statement is published for this plan. Ask compliance to publish one.")
    row = IncentiveAffirmation.objects.create(user=by, plan=plan, statement=found[1], affirmed_at=at)
    audit.record(IncentivesAffirmed(user_id=by.public_id, affirmation_id=row.public_id), by=by, at=at)
    return row


def affirmed_on(plan: Plan, user: User) -> date | None:
    """Return the day of a person's last affirmation for a plan, in the plan's zone."""
    row = IncentiveAffirmation.objects.filter(plan=plan, user=user).order_by("-affirmed_at", "-pk").first()
    return _day(plan, row.affirmed_at) if row is not None else None


def check_statement(line: ServiceLine, *, by: User, at: datetime) -> None:
    """Refuse a no where the plan's row wants the statement affirmed first (raises as `affirming.check_affirmed`)."""
    plan = line.case.plan
    on = _day(plan, at)
    found = statement_of(plan, on=on)
    if found is not None and found[0].blocks_a_no:
        check_affirmed(found[0], affirmed_on(plan, by), on=on)


def _day(plan: Plan, at: datetime) -> date:
    return at.astimezone(ZoneInfo(plan.time_zone)).date()
