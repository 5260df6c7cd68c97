"""Compares how rules were applied to mental health and medical care in a period, and keeps the comparison."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import InformationItem, ServiceLine
from openum.determination.events import ParityCompared
from openum.determination.models import Determination, ParityComparison
from openum.determination.parity import Applied, as_stored, compare
from openum.vocabulary.errors import Invalid


@permitted(Permission.WATCH_SAFEGUARDS, on="plan")
@transaction.atomic
def compare_parity(*, plan: Plan, first_day: date, after_day: date, by: User, at: datetime) -> ParityComparison:
    """Compare the lines that were received in a period; what is kept is never worked out anew.

    Raises:
        PermissionRefused: the role does not watch the safeguards.
        Invalid: the period is empty.
    """
    if after_day <= first_day:
        raise Invalid("The last day lies before the first. Check both days.")
    figures = as_stored(compare(_applied(plan, first_day, after_day)))
    comparison = ParityComparison.objects.create(
        plan=plan, first_day=first_day, after_day=after_day, figures=figures, made_by=by, made_at=at
    )
    audit.record(ParityCompared(comparison_id=comparison.public_id), by=by, at=at)
    return comparison


def _applied(plan: Plan, first_day: date, after_day: date) -> list[Applied]:
    zone = ZoneInfo(plan.time_zone)
    since, until = (datetime.combine(day, time(), zone) for day in (first_day, after_day))
    lines = ServiceLine.objects.filter(
        case__plan=plan, case__is_sandbox=False, request__received_at__gte=since, request__received_at__lt=until
    ).exclude(parity_benefit_class="")
    first: dict[int, Determination] = {}
    for decision in Determination.objects.filter(line__in=lines).order_by("decided_at", "pk"):
        first.setdefault(decision.line_id, decision)
    asked = set(InformationItem.objects.filter(line__in=lines).values_list("line_id", flat=True))
    return [
        Applied(
            benefit_class=line.parity_benefit_class,
            service_class=line.service_class,
            was_reviewed=line.pk not in first or not first[line.pk].decided_by_machine,
            was_refused=line.pk in first and first[line.pk].is_adverse,
            was_asked=line.pk in asked,
            hours=(first[line.pk].decided_at - line.request.received_at).total_seconds() / 3600
            if line.pk in first
            else None,
        )
        for line in lines.select_related("request").order_by("pk")
    ]
