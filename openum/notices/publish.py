"""Publish the letter pack of `policies/` as immutable policy rows."""

from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from openum.accounts.models import Plan, User
from openum.directory.models import Policy
from openum.directory.services import publish_policy
from openum.notices import pack
from openum.notices.reading_grade import aim_of


@transaction.atomic
def publish(*, root: Path, by: User, at: datetime, plan: Plan | None = None) -> list[Policy]:
    """Publish templates, appeal rights, taglines, contacts and reasons; what is published already stays as it is.

    Args:
        root: the directory `policies`.
        plan: publish for one plan only; None publishes for all.

    Raises:
        TemplateFaulty: a template cannot be used as written; nothing is published.
        PolicyVersionChanged: a file was changed without a new version.
    """
    return [
        publish_policy(
            kind=each.kind, key=each.key, version=each.version, body=each.body, effective_from=each.effective_from,
            effective_to=each.effective_to, source=each.source, source_verified=each.source_verified, plan=plan,
            by=by, at=at,
        )
        for each in pack.read(root)
    ]  # fmt: skip


@transaction.atomic
def set_reading_aim(*, plan: Plan, grade: float, first_day: date, by: User, at: datetime) -> Policy:
    """Publish a plan's own reading grade for members from a day on; the row of that day is named by it.

    Raises:
        AimOutOfRange: not between 6 and 8.
        PolicyVersionChanged: the plan has another grade from the same day already.
    """
    body = f"member_grade: {grade:g}\n"
    aim_of(body)
    return publish_policy(
        kind=pack.READING, key="reading-aim", version=f"{first_day.isoformat()}", body=body, effective_from=first_day,
        effective_to=None, source="plan policy", source_verified=True, plan=plan, by=by, at=at,
    )  # fmt: skip
