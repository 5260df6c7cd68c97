"""Publishing the law of appeals, and entering the outside review bodies of a plan."""

from datetime import date, datetime
from pathlib import Path
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.appeals.events import ReviewOrganizationEntered
from openum.appeals.models import ReviewOrganization
from openum.appeals.queries import LEVELS
from openum.appeals.rules.law import Body, read_laws
from openum.directory.models import Policy
from openum.directory.services import publish_policy
from openum.vocabulary.errors import Invalid
from openum.vocabulary.packs import read_yaml


class InvalidAppealLaw(Invalid):
    """A file of appeal law is not usable."""

    code: ClassVar[str] = "invalid-appeal-law"


def publish_appeal_law(*, path: Path, by: User, at: datetime, plan: Plan | None = None) -> Policy:
    """Publish one file of `policies/appeals/` as an immutable row.

    Raises:
        InvalidAppealLaw: a row lacks a field or uses an unknown word; nothing is published.
    """
    body = path.read_text(encoding="utf-8")
    front = read_yaml(body)
    try:
        read_laws(front)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidAppealLaw(f"{path.name} cannot be used as written: {error}.") from error
    return publish_policy(
        kind=LEVELS, key=front["key"], version=front["version"], body=body, effective_from=front["effective_from"],
        effective_to=front.get("effective_to"), source=front["source"], source_verified=front["source_verified"],
        plan=plan, by=by, at=at,
    )  # fmt: skip


@permitted(Permission.MANAGE_APPEALS, on="plan")
@transaction.atomic
def enter_review_organization(
    *,
    plan: Plan,
    body: Body,
    name: str,
    by: User,
    at: datetime,
    address: str = "",
    phone: str = "",
    accredited_to: date | None = None,
    interests: dict[str, str] | None = None,
) -> ReviewOrganization:
    """Enter an outside review body, or change the one of that name.

    Args:
        interests: provider number → why the organization may not judge it.

    Raises:
        Invalid: no name.
    """
    if not name.strip():
        raise Invalid("Name the review organization.")
    row, _ = ReviewOrganization.objects.update_or_create(
        plan=plan, name=name.strip(),
        defaults={
            "body": body, "address": address, "phone": phone, "accredited_to": accredited_to,
            "interests": interests or {},
        },
    )  # fmt: skip
    audit.record(ReviewOrganizationEntered(organization_id=row.public_id), by=by, at=at)
    return row
