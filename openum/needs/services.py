"""Publishing requirement lists, and noting who asked."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.directory.models import Member, Policy
from openum.directory.services import publish_policy
from openum.needs.events import NeedsAsked
from openum.needs.queries import REQUIREMENTS, Assessment
from openum.needs.reading import read_requirements
from openum.vocabulary.packs import read_yaml


def publish_requirements(*, path: Path, by: User, at: datetime, plan: Plan | None = None) -> Policy:
    """Publish one file of `policies/requirements/` as an immutable row.

    Raises:
        RequirementsInvalid: the list has a fault; nothing is published.
        PolicyVersionChanged: the version is published with other content.
    """
    body = path.read_text(encoding="utf-8")
    read_requirements(body)
    front: dict[str, Any] = read_yaml(body)
    return publish_policy(
        kind=REQUIREMENTS,
        key=front["key"],
        version=str(front["version"]),
        body=body,
        effective_from=front["effective_from"],
        effective_to=front.get("effective_to"),
        source=front["source"],
        source_verified=bool(front["source_verified"]),
        plan=plan,
        by=by,
        at=at,
    )


@transaction.atomic
def note_asked(
    *, assessments: Sequence[Assessment], plan: Plan, member: Member | None, way: str, by: User, at: datetime
) -> None:
    """Record that somebody asked, and which cases the answer let them see."""
    shown: list[UUID] = sorted({one.authorization.case_id for one in assessments if one.authorization}, key=str)
    with audit.batch():
        audit.record(
            NeedsAsked(
                plan_id=plan.public_id, member_id=member.public_id if member else None, way=way,
                services=len(assessments),
            ),
            by=by, at=at,
        )  # fmt: skip
    audit.record_reads(by=by, at=at, case_ids=shown, why=f"authorization named in an answer to {way}")
