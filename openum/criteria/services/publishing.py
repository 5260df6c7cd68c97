"""Brings guideline documents and approval rules from files into immutable policy rows."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.criteria.approval import parse_approval_rules
from openum.criteria.document import assemble, parse_guideline, status_of
from openum.criteria.events import GuidelinePublished
from openum.criteria.pack import guideline_files
from openum.criteria.program import program_of
from openum.criteria.queries import APPROVAL_RULE, GUIDELINE
from openum.directory.models import Policy
from openum.directory.services import publish_policy
from openum.vocabulary.errors import Conflict


class GuidelineNotReady(Conflict):
    """Only a document whose status is published may be published."""

    code: ClassVar[str] = "guideline-not-ready"


class GuidelineOfRuleMissing(Conflict):
    """An approval rule names a guideline version that is not published."""

    code: ClassVar[str] = "guideline-of-rule-missing"


@transaction.atomic
def publish(*, by: User, at: datetime, plan: Plan | None = None, folder: Path | None = None) -> list[Policy]:
    """Publish every published guideline and approval rule of the policy pack; drafts and what is there already stay.

    Args:
        by: who publishes.
        at: the instant.
        plan: whose policies they are; none: common to all plans.
        folder: the policy pack, else the one of the installation.

    Raises:
        DocumentInvalid: a document is faulty; nothing is published.
    """
    root = folder or Path(settings.OPENUM_POLICIES)
    policies = [
        publish_guideline(
            text=found.text,
            file=found.name,
            libraries=found.libraries,
            patients=found.patients,
            plan=plan,
            by=by,
            at=at,
        )
        for found in guideline_files(root)
        if status_of(found.text, file=found.name) == "published"
    ]
    for file in sorted((root / "approval_rules").glob("*.yaml")):
        text = file.read_text("utf-8")
        policies += publish_approval_rules(text=text, file=str(file.relative_to(root)), plan=plan, by=by, at=at)
    return policies


@transaction.atomic
def publish_guideline(
    *,
    text: str,
    file: str,
    libraries: Mapping[str, str],
    by: User,
    at: datetime,
    plan: Plan | None = None,
    patients: str = "",
) -> Policy:
    """Publish one guideline document with the shared logic it includes and its test patients; its logic must compile.

    Raises:
        DocumentInvalid: the document is faulty or its logic does not compile.
        GuidelineNotReady: its status is not published.
        PolicyVersionChanged: the version is published with other content.
    """
    guideline = parse_guideline(text, file=file, libraries=libraries)
    if guideline.status != "published":
        raise GuidelineNotReady(f"{guideline.id} {guideline.version} is {guideline.status}. Publish it after approval.")
    body = assemble(text, libraries=libraries, file=file, patients=patients)
    program_of(body)
    policy = publish_policy(
        kind=GUIDELINE,
        key=guideline.id,
        version=guideline.version,
        body=body,
        effective_from=guideline.effective_from,
        effective_to=guideline.effective_to,
        plan=plan,
        source="; ".join(source.title for source in guideline.sources),
        source_verified=all(source.verified for source in guideline.sources),
        by=by,
        at=at,
    )
    _announce(policy, by=by, at=at)
    return policy


@transaction.atomic
def publish_approval_rules(*, text: str, file: str, by: User, at: datetime, plan: Plan | None = None) -> list[Policy]:
    """Publish the approval rules of one file, one policy row each.

    Raises:
        DocumentInvalid: the file is faulty.
        GuidelineOfRuleMissing: a rule names a guideline version that is not published.
        PolicyVersionChanged: a version is published with other content.
    """
    policies = []
    for rule in parse_approval_rules(text, file=file):
        published = Policy.objects.filter(kind=GUIDELINE, key=rule.guideline_id, version=rule.guideline_version)
        if not published.exists():
            raise GuidelineOfRuleMissing(
                f"{rule.id} {rule.version} names {rule.guideline_id} {rule.guideline_version}, which is not published. "
                "Publish the guideline first."
            )
        policy = publish_policy(
            kind=APPROVAL_RULE,
            key=rule.id,
            version=rule.version,
            body=rule.body,
            effective_from=rule.effective_from,
            effective_to=rule.effective_to,
            plan=plan,
            source=rule.source,
            source_verified=rule.source_verified,
            by=by,
            at=at,
        )
        _announce(policy, by=by, at=at)
        policies.append(policy)
    return policies


def _announce(policy: Policy, *, by: User, at: datetime) -> None:
    """Record the event when the row is new; publishing the same content again changes nothing."""
    if policy.published_at == at:
        audit.record(
            GuidelinePublished(policy_id=policy.public_id, kind=policy.kind, key=policy.key, version=policy.version),
            by=by,
            at=at,
        )
