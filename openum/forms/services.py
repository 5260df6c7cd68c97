"""Storing a payer's form as an immutable version; keeping what was handed out and what others found wrong."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from openum import audit
from openum.accounts.models import ApiClient, Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.directory.models import Member, Policy
from openum.directory.services import publish_policy
from openum.forms.events import FormFaultReported, FormFaultsRead, FormsHandedOut
from openum.forms.models import FormFault
from openum.forms.uploads import QUESTIONNAIRE, Upload
from openum.vocabulary.canonical import canonical_json


@permitted(Permission.PUBLISH_GUIDELINES, on="plan", serves_software=True)
@transaction.atomic
def store_form(
    *, upload: Upload, plan: Plan | None, source: str, effective_from: date, by: User, at: datetime
) -> Policy:
    """Store a form; the same content again is the row that is there.

    Args:
        upload: what was read and checked.
        plan: whose form it is; None: every plan of the installation may use it.
        source: who wrote it, or the file it came from.
        effective_from: the first day on which it is handed out for orders.
        by: who loads it.
        at: the instant.

    Raises:
        PolicyVersionChanged: the version is stored with other content.
    """
    form = upload.questionnaire
    return publish_policy(
        kind=QUESTIONNAIRE, key=form["url"], version=form["version"], body=canonical_json(upload.body).decode(),
        effective_from=effective_from, source=source, plan=plan, by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def note_handed_out(
    *, plan: Plan, member: Member | None, forms: tuple[str, ...], way: str, by: User, at: datetime
) -> None:
    """Record that forms were handed out, and for whom where the person is on file."""
    audit.record(
        FormsHandedOut(plan_id=plan.public_id, member_id=member.public_id if member else None, forms=forms, way=way),
        by=by, at=at,
    )  # fmt: skip


_SEVERITIES = ("fatal", "error", "warning", "information")


@transaction.atomic
def keep_fault(*, client: ApiClient, form: str, is_ours: bool, outcome: dict[str, Any], at: datetime) -> FormFault:
    """Keep what a system found wrong with a form.

    Args:
        client: who tells it.
        form: the canonical it names.
        is_ours: whether we hand out a form of that address.
        outcome: the OperationOutcome as sent.
        at: the instant.
    """
    issues = outcome.get("issue")
    held = {one.get("severity") for one in issues if isinstance(one, dict)} if isinstance(issues, list) else set()
    fault = FormFault.objects.create(
        plan=client.plan, client=client, form=form, is_ours=is_ours, outcome=outcome, received_at=at,
        severity=next((word for word in _SEVERITIES if word in held), "error"),
    )  # fmt: skip
    audit.record(
        FormFaultReported(plan_id=client.plan.public_id, fault_id=fault.public_id, form=form if is_ours else ""),
        by=client.user, at=at,
    )  # fmt: skip
    return fault


@transaction.atomic
def note_faults_read(*, faults: Sequence[FormFault], by: User, at: datetime) -> None:
    """Record that somebody read what other systems told."""
    if faults:
        audit.record(FormFaultsRead(fault_ids=tuple(one.public_id for one in faults)), by=by, at=at)
