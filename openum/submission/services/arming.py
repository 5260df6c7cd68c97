"""Armed sandbox answers: how anybody's test bundle can reach every outcome, as a signed-in person's determination."""

from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import ApiClient, User
from openum.accounts.queries import check_user_may, scope_of
from openum.accounts.rules import Permission
from openum.db import plain
from openum.submission.events import SandboxAnswerArmed
from openum.submission.models import SandboxArming, Submission
from openum.submission.rules import OnlySandboxPlans
from openum.vocabulary.errors import Missing


@transaction.atomic
def arm(*, client: ApiClient, answer: str, by: User, at: datetime, delay_seconds: int = 0) -> SandboxArming:
    """Arm the next answer for a client of a sandbox plan; an unused earlier one is replaced.

    Raises:
        PermissionRefused: the actor is not a physician of the plan.
        OnlySandboxPlans: the client's plan is not a sandbox.
        Missing: the client belongs to a plan the actor does not work for.
    """
    check_user_may(by, Permission.ARM_SANDBOX)
    if client.plan_id not in scope_of(by).plan_ids:
        raise Missing("There is no such client.")
    if not client.plan.is_sandbox:
        raise OnlySandboxPlans("Answers can be armed only for clients of a sandbox plan. This plan decides for real.")
    disarm(client=client)
    arming = SandboxArming.objects.create(
        client=client, plan=client.plan, plan_is_sandbox=client.plan.is_sandbox, answer=answer,
        delay_seconds=delay_seconds, armed_by=by, armed_at=at,
    )  # fmt: skip
    audit.record(SandboxAnswerArmed(arming_id=arming.public_id, answer=answer), by=by, at=at)
    return arming


def disarm(*, client: ApiClient) -> None:
    """Take an unused armed answer away."""
    SandboxArming.objects.filter(client=client, used_at__isnull=True).delete()


def pending_arming(client: ApiClient | None) -> SandboxArming | None:
    """Return the armed answer that the client's next message will get."""
    if client is None or not client.plan.is_sandbox:
        return None
    found = plain.select_where(SandboxArming, "client_id = %s AND used_at IS NULL", [client.pk])
    return found[0] if found else None


def use_arming(*, arming: SandboxArming, submission: Submission, at: datetime) -> None:
    """Bind an armed answer to the message it answers."""
    arming.used_at, arming.used_by = at, submission
    arming.save(update_fields=["used_at", "used_by"])
