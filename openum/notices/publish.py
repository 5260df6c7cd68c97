"""Publish the letter pack of `policies/` as immutable policy rows."""

from datetime import datetime
from pathlib import Path

from django.db import transaction

from openum.accounts.models import Plan, User
from openum.directory.models import Policy
from openum.directory.services import publish_policy
from openum.notices import pack


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
