"""Armed sandbox answers: how anybody's test bundle can reach every outcome, as a physician's determination.

A demo physician of the sandbox plan arms an answer, or signs a standing order that lets the plan's integrators and the
clients themselves choose. Either way the answer is recorded as the physician's determination (docs/decisions/0008).
"""

from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import ApiClient, Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.queries import check_user_may, scope_of, user_may
from openum.accounts.rules import Permission
from openum.db import plain
from openum.submission.arming import FAULTS, USUAL_ERROR, USUAL_STATUS, Armed, SandboxAnswer
from openum.submission.events import (
    SandboxAnswerArmed,
    SandboxAnswerDisarmed,
    SandboxFaultGiven,
    StandingOrderSigned,
    StandingOrderWithdrawn,
)
from openum.submission.models import SandboxArming, SandboxStandingOrder, Submission
from openum.submission.rules import NoStandingOrder, OnlySandboxPlans
from openum.vocabulary.errors import Missing


@permitted(Permission.ARM_SANDBOX, on="plan")
@transaction.atomic
def sign_standing_order(*, plan: Plan, by: User, at: datetime) -> SandboxStandingOrder:
    """Let others choose test answers of a sandbox plan in the physician's name; an earlier order ends.

    Raises:
        PermissionRefused: the actor is not a physician.
        OnlySandboxPlans: the plan decides for real.
        Missing: the actor does not work for the plan.
    """
    _check_sandbox(plan)
    _end_order(plan, by=by, at=at)
    order = SandboxStandingOrder.objects.create(plan=plan, plan_is_sandbox=plan.is_sandbox, physician=by, signed_at=at)
    audit.record(StandingOrderSigned(order_id=order.public_id), by=by, at=at)
    return order


@permitted(Permission.ARM_SANDBOX, on="plan")
@transaction.atomic
def withdraw_standing_order(*, plan: Plan, by: User, at: datetime) -> None:
    """End the standing order of a sandbox plan, if there is one.

    Raises:
        PermissionRefused, OnlySandboxPlans, Missing: as for signing.
    """
    _check_sandbox(plan)
    _end_order(plan, by=by, at=at)


def _end_order(plan: Plan, *, by: User, at: datetime) -> None:
    order = standing_order(plan)
    if order is not None:
        order.withdrawn_at = at
        order.save(update_fields=["withdrawn_at"])
        audit.record(StandingOrderWithdrawn(order_id=order.public_id), by=by, at=at)


def standing_order(plan: Plan) -> SandboxStandingOrder | None:
    """Return the standing order of a sandbox plan."""
    found = SandboxStandingOrder.objects.select_related("physician")
    return found.filter(plan=plan, withdrawn_at__isnull=True).first()


@permitted(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS, on="client")
@transaction.atomic
def arm(*, client: ApiClient, armed: Armed, by: User, at: datetime) -> SandboxArming:
    """Arm an answer for a client of a sandbox plan; an unused earlier one ends.

    Args:
        client: whose next message it answers.
        armed: the answer.
        by: a physician of the plan; or, under a standing order, an integrator of the plan or the client itself.
        at: the present instant.

    Raises:
        PermissionRefused: the actor may do neither.
        OnlySandboxPlans: the client's plan is not a sandbox.
        NoStandingOrder: the actor is no physician, and none has signed.
        Missing: the client belongs to a plan the actor does not work for.
    """
    physician = _physician_behind(client, by)
    _end(client, by=by, at=at)
    arming = SandboxArming.objects.create(
        client=client, plan=client.plan, plan_is_sandbox=client.plan.is_sandbox, answer=armed.answer,
        delay_seconds=armed.delay_seconds, is_standing=armed.is_standing,
        error_code=(armed.error_code or USUAL_ERROR) if armed.answer == SandboxAnswer.ERROR else "",
        http_status=(armed.http_status or USUAL_STATUS) if armed.answer == SandboxAnswer.REFUSE else None,
        armed_by=physician, chosen_by=by if by.pk != physician.pk else None, armed_at=at, expires_at=at + armed.lasts,
    )  # fmt: skip
    audit.record(SandboxAnswerArmed(arming_id=arming.public_id, answer=armed.answer), by=by, at=at)
    return arming


def check_may_arm(client: ApiClient, by: User) -> None:
    """Refuse who may not choose a client's answers, as `arm` does."""
    if by.pk != client.user_id:
        if not user_may(by, Permission.SEE_CONNECTIONS):
            check_user_may(by, Permission.ARM_SANDBOX)
        if client.plan_id not in scope_of(by).plans_with(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS):
            raise Missing("There is no such client.")
    _check_sandbox(client.plan)


def _physician_behind(client: ApiClient, by: User) -> User:
    """Return the physician whose determination an armed answer becomes."""
    check_may_arm(client, by)
    if client.plan_id in scope_of(by).plans_with(Permission.ARM_SANDBOX):
        return by
    order = standing_order(client.plan)
    if order is None:
        raise NoStandingOrder(
            "No physician of this sandbox has signed a standing order. Ask one to sign it on the sandbox page, "
            "or to arm the answer."
        )
    return order.physician


def _check_sandbox(plan: Plan) -> None:
    if not plan.is_sandbox:
        raise OnlySandboxPlans("Answers can be armed only for clients of a sandbox plan. This plan decides for real.")


@permitted(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS, on="client")
@transaction.atomic
def disarm(*, client: ApiClient, by: User, at: datetime) -> None:
    """Take an unused armed answer away.

    Raises:
        PermissionRefused, OnlySandboxPlans, Missing: as for arming.
    """
    check_may_arm(client, by)
    _end(client, by=by, at=at)


def _end(client: ApiClient, *, by: User, at: datetime) -> None:
    for arming in SandboxArming.objects.filter(client=client, used_at__isnull=True, ended_at__isnull=True):
        arming.ended_at = at
        arming.save(update_fields=["ended_at"])
        if arming.expires_at is None or arming.expires_at > at:
            audit.record(SandboxAnswerDisarmed(arming_id=arming.public_id), by=by, at=at)


def pending_arming(client: ApiClient | None, *, at: datetime) -> SandboxArming | None:
    """Return the armed answer that the client's next message will get."""
    if client is None or not client.plan.is_sandbox:
        return None
    found = plain.select_where(SandboxArming, "client_id = %s AND used_at IS NULL AND ended_at IS NULL", [client.pk])
    return next((one for one in found if one.expires_at is None or one.expires_at > at), None)


def armed_decision(client: ApiClient | None, *, at: datetime) -> SandboxArming | None:
    """Return the armed answer that decides about the client's next request; faults of the line decide nothing."""
    arming = pending_arming(client, at=at)
    return None if arming is None or arming.answer in FAULTS else arming


def use_arming(*, arming: SandboxArming, submission: Submission, at: datetime) -> None:
    """Bind an armed answer to the message it answers; a standing one stays armed."""
    if arming.is_standing:
        return
    arming.used_at, arming.used_by = at, submission
    arming.save(update_fields=["used_at", "used_by"])


def arming_of(submission: Submission) -> SandboxArming | None:
    """Return the armed answer that a message got."""
    if not submission.armed_key:
        return None
    return SandboxArming.objects.select_related("armed_by").get(public_id=submission.armed_key)


def take_fault(*, client: ApiClient, at: datetime) -> SandboxArming | None:
    """Return the fault of the line that the client's call meets, used up unless it stands."""
    if _pending_fault(client, at=at) is None:
        return None  # the usual case opens no transaction
    return _take_fault(client, at)


def _pending_fault(client: ApiClient, *, at: datetime) -> SandboxArming | None:
    arming = pending_arming(client, at=at)
    return None if arming is None or arming.answer not in FAULTS else arming


@transaction.atomic
def _take_fault(client: ApiClient, at: datetime) -> SandboxArming | None:
    arming = _pending_fault(client, at=at)
    if arming is None:
        return None
    if not arming.is_standing:
        arming.used_at = at
        arming.save(update_fields=["used_at"])
    audit.record(SandboxFaultGiven(arming_id=arming.public_id, answer=arming.answer), by=client.user, at=at)
    return arming
