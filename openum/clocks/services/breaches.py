"""The register of breaches: every duty of law whose time passed gets a row, an owner and, in writing, a cause."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import check_user_may, scope_of, user_may
from openum.accounts.rules import Permission
from openum.audit import Recorded
from openum.clocks.events import BreachAssigned, BreachExplained, BreachSetAside, ClockLapsed
from openum.clocks.models import Breach, Cause, Clock
from openum.clocks.rules.reading import ClockState
from openum.vocabulary.errors import Invalid, NotAllowed


class NotTheOwner(NotAllowed):
    """Only the owner of a breach, and those who keep the register, say why it happened."""

    code: ClassVar[str] = "not-the-owner"


def register_breach(event: ClockLapsed, recorded: Recorded) -> None:
    """Enter each duty of law whose time passed; a missed target of the plan's own is no breach."""
    for clock in Clock.objects.filter(public_id__in=event.clock_ids, binds=True).order_by("pk"):
        Breach.objects.get_or_create(
            clock=clock,
            due_at=event.due_at,
            defaults={
                "case_id": clock.case_id, "rule": clock.governing_rule, "rule_version": clock.governing_version,
                "citation": clock.citation, "missed": event.missed, "noticed_at": recorded.at, "ball": clock.ball,
            },
        )  # fmt: skip


def set_aside_unfounded(*, request_id: int, by: User, at: datetime) -> list[Breach]:
    """Set aside each breach of a request whose time, by the corrected receipt, had not passed. The rows stay.

    What is late all the same stays as it was entered.
    """
    rows = Breach.objects.filter(clock__request_id=request_id, set_aside_at__isnull=True).select_related(
        "clock", "case"
    )
    found = [row for row in rows.order_by("pk") if not _is_late(row.clock, at)]
    for row in found:
        row.set_aside_at = at
        row.save(update_fields=["set_aside_at"])
        audit.record(BreachSetAside(case_id=row.case.public_id, breach_id=row.public_id), by=by, at=at)
    return found


def _is_late(clock: Clock, at: datetime) -> bool:
    if clock.due_at is None or clock.state == ClockState.VOID:
        return False
    return clock.due_at < (clock.stopped_at or at)


@permitted(Permission.KEEP_BREACHES, on="breach.case")
@transaction.atomic
def assign_breach(*, breach: Breach, owner: User, by: User, at: datetime) -> Breach:
    """Give a breach to the person who has to find its cause.

    Raises:
        PermissionRefused: a person who does not keep the register. Software may hand it to whoever has the review.
        Invalid: the owner does not work for the plan.
    """
    if not by.is_machine:
        check_user_may(by, Permission.KEEP_BREACHES)
    scope = scope_of(owner)
    if owner.is_machine or breach.case.plan_id not in scope.plans_with(Permission.SEE_PLAN_CASES):
        raise Invalid("Choose a person who works for this plan.")
    breach.owner = owner
    breach.save(update_fields=["owner"])
    audit.record(
        BreachAssigned(case_id=breach.case.public_id, breach_id=breach.public_id, owner_id=owner.public_id),
        by=by,
        at=at,
    )
    return breach


@permitted(Permission.SEE_PLAN_CASES, on="breach.case")
@transaction.atomic
def explain_breach(*, breach: Breach, cause: str, explanation: str, remedy: str, by: User, at: datetime) -> Breach:
    """Write down why a due time passed, and what was changed since.

    Raises:
        NotTheOwner: neither the owner nor a keeper of the register.
        Invalid: no known cause, or no explanation.
    """
    if by.pk != breach.owner_id and not user_may(by, Permission.KEEP_BREACHES):
        raise NotTheOwner("The owner of this breach, or who keeps the register, says why it happened.")
    if cause not in Cause.values:
        raise Invalid("Choose the cause that fits best.")
    if not explanation.strip():
        raise Invalid("Say in a sentence or two what happened. An auditor reads it without you.")
    breach.cause, breach.explanation, breach.remedy = cause, explanation.strip(), remedy.strip()
    breach.explained_by, breach.explained_at = by, at
    breach.save(update_fields=["cause", "explanation", "remedy", "explained_by", "explained_at"])
    audit.record(BreachExplained(case_id=breach.case.public_id, breach_id=breach.public_id, cause=cause), by=by, at=at)
    return breach
