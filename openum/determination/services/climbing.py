"""The ladder of outreach: publish it, make tasks of the steps that are due, and end them when the information came."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.cases.models import ContactAttempt, InformationRequest
from openum.cases.rules import OPEN_STATUSES
from openum.clocks.queries import binding_clock
from openum.design.moments import local_day
from openum.determination.events import OutreachStepDue
from openum.determination.ladder import LADDER, Due, LadderInvalid, dues, next_due, steps_of
from openum.determination.models import OutreachStep
from openum.determination.outreach import PURPOSE, Try
from openum.directory.models import Policy
from openum.directory.queries import policies_on
from openum.directory.services import publish_policy
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.sentences import sentence
from openum.vocabulary.terms import Channel
from openum.work.services import end_told, tell_holders

_MOST = 2000
_ASK_AGAIN = {
    Channel.PHONE: sentence("Ask again for what is missing, by telephone"),
    Channel.FAX: sentence("Ask again for what is missing, by fax"),
    Channel.PORTAL: sentence("Ask again for what is missing, in the portal"),
    Channel.MAIL: sentence("Ask again for what is missing, by mail"),
}
_TO_TRY = timedelta(hours=4)


def publish_ladder(*, path: Path, plan: Plan, by: User, at: datetime) -> Policy:
    """Publish one file of `policies/outreach/` for a plan, as an immutable row.

    Raises:
        LadderInvalid: it has a fault; nothing is published.
    """
    body = path.read_text(encoding="utf-8")
    steps_of(body)
    front = read_yaml(body)
    missing = [name for name in ("key", "version", "effective_from", "source") if not front.get(name)]
    if missing:
        raise LadderInvalid(f"Say the `{missing[0]}` of the ladder.")
    return publish_policy(
        kind=LADDER, key=front["key"], version=str(front["version"]), body=body,
        effective_from=front["effective_from"], source=front["source"],
        source_verified=bool(front.get("source_verified")), plan=plan, by=by, at=at,
    )  # fmt: skip


def ladder_of(question: InformationRequest, *, at: datetime) -> tuple[Policy | None, list[Due]]:
    """Return the steps of a question by the ladder in force when it was asked; none for one that nothing times."""
    case = question.case
    policies = policies_on(plan=case.plan, kind=LADDER, on=local_day(question.asked_at, case.product.time_zone))
    ends_at = question.respond_by
    if ends_at is None:
        clock = binding_clock(case)
        ends_at = clock.due_at if clock else None
    if not policies or case.is_sandbox or ends_at is None or ends_at <= question.asked_at:
        return None, []
    attempts = ContactAttempt.objects.filter(case=case, purpose=PURPOSE, at__gte=question.asked_at, at__lte=at)
    tries = [Try(at=row.at, way=row.channel, outcome=row.outcome) for row in attempts.order_by("at", "pk")]
    return policies[0], dues(steps_of(policies[0].body), asked_at=question.asked_at, ends_at=ends_at, tries=tries)


def climb(*, by: User, at: datetime) -> int:
    """Make tasks of the steps that are due, and end those that were done or that the information overtook.

    Returns:
        How many steps became due.
    """
    _end_what_is_over(by=by, at=at)
    rows = InformationRequest.objects.filter(
        closed_at__isnull=True, case__is_open=True, case__is_sandbox=False, asked_at__lte=at,
        request__lines__status__in=sorted(OPEN_STATUSES),
    ).select_related("case__plan", "case__product")  # fmt: skip
    return sum(_make(question, by=by, at=at) for question in rows.distinct().order_by("asked_at", "pk")[:_MOST])


@transaction.atomic
def _make(question: InformationRequest, *, by: User, at: datetime) -> int:
    policy, rows = ladder_of(question, at=at)
    row = next_due(rows)
    if policy is None or row is None or row.due_at > at:
        return 0
    step, is_new = OutreachStep.objects.get_or_create(
        question=question, step=row.step.key, defaults={"policy": policy, "due_at": row.due_at, "made_at": at}
    )
    if not is_new:
        return 0
    later = [each.due_at for each in rows if each.due_at > at]
    due_at = later[0] if later else at + _TO_TRY
    tasks = tell_holders(
        case=question.case, title=_ASK_AGAIN[row.step.way], detail=f"{policy.key}, {row.step.key}",
        due_at=due_at, by=by, at=at,
    )  # fmt: skip
    step.tasks.set(tasks)
    lines = question.request.lines.order_by("pk")
    audit.record(
        OutreachStepDue(
            case_id=question.case.public_id, line_ids=tuple(line.public_id for line in lines),
            information_request_id=question.public_id, step=row.step.key,
        ),
        by=by, at=at,
    )  # fmt: skip
    return 1


def _end_what_is_over(*, by: User, at: datetime) -> None:
    rows = OutreachStep.objects.filter(ended_at__isnull=True).select_related(
        "question__case__plan", "question__case__product"
    )
    for row in rows.order_by("pk")[:_MOST]:
        is_over = row.question.closed_at is not None or not row.question.case.is_open
        if not is_over:
            _policy, steps = ladder_of(row.question, at=at)
            is_over = any(each.step.key == row.step and each.done_by is not None for each in steps)
        if is_over:
            with transaction.atomic():
                end_told(
                    tasks=list(row.tasks.filter(ended_at__isnull=True)),
                    outcome="It was tried, or the information came.",
                    by=by,
                    at=at,
                )
                OutreachStep.objects.filter(pk=row.pk).update(ended_at=at)
