"""Brings guideline documents and approval rules from files into immutable policy rows, and ends them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.criteria import queries
from openum.criteria.approval import parse_approval_rules
from openum.criteria.checks import check_and_run, code_faults
from openum.criteria.document import assemble, heading_of
from openum.criteria.events import GuidelinePublished, GuidelineRetired
from openum.criteria.faults import DocumentInvalid
from openum.criteria.minutes import parse_minutes
from openum.criteria.models import GuidelineDraft
from openum.criteria.pack import guideline_files
from openum.criteria.program import known_program, program_of
from openum.criteria.queries import APPROVAL_RULE, GUIDELINE, RETIREMENT
from openum.criteria.rules import (
    DraftStatus,
    EffectiveInThePast,
    GuidelineNotVoted,
    ReasonNeeded,
)
from openum.directory.models import Policy
from openum.directory.services import publish_policy
from openum.vocabulary.errors import Conflict

_MINUTES = "guidelines/minutes.yaml"
_PASSED: set[str] = set()
"""Digests of the documents whose test patients came out right in this process."""


class GuidelineNotReady(Conflict):
    """Only a document whose status is published may be published."""

    code: ClassVar[str] = "guideline-not-ready"


class GuidelineOfRuleMissing(Conflict):
    """An approval rule names a guideline version that is not published."""

    code: ClassVar[str] = "guideline-of-rule-missing"


@transaction.atomic
def publish(*, by: User, at: datetime, plan: Plan | None = None, folder: Path | None = None) -> list[Policy]:
    """Publish every published guideline and approval rule of the policy pack; drafts and what is there already stay.

    The minutes that come with the pack stand for the vote of the committee.

    Args:
        by: who publishes.
        at: the instant.
        plan: whose policies they are; none: common to all plans.
        folder: the policy pack, else the one of the installation.

    Raises:
        DocumentInvalid: a document is faulty or fails its test patients; nothing is published.
        GuidelineNotVoted: the minutes of the pack do not name a version that says it is published.
    """
    root = folder or Path(settings.OPENUM_POLICIES)
    minutes = parse_minutes((root / _MINUTES).read_text("utf-8"), file=_MINUTES)
    policies = []
    for found in guideline_files(root):
        heading = heading_of(found.text, file=found.name)
        if heading.status != DraftStatus.PUBLISHED:
            continue
        approved = minutes.get((heading.id, heading.version))
        if approved is None:
            raise GuidelineNotVoted(
                f"{found.name} says it is published, but {_MINUTES} names no vote on it. Enter the vote, or make it a draft."
            )
        policy = publish_guideline(
            text=found.text,
            file=found.name,
            libraries=found.libraries,
            patients=found.patients,
            plan=plan,
            by=by,
            at=at,
        )
        _keep_minutes(policy, str(approved), by=by, at=at)
        policies.append(policy)
    for file in sorted((root / "approval_rules").glob("*.yaml")):
        text = file.read_text("utf-8")
        policies += publish_approval_rules(text=text, file=str(file.relative_to(root)), plan=plan, by=by, at=at)
    return policies


def _keep_minutes(policy: Policy, minutes: str, *, by: User, at: datetime) -> None:
    """Write down that a version came from a pack and where its vote stands."""
    GuidelineDraft.objects.get_or_create(
        plan=policy.plan,
        key=policy.key,
        version=policy.version,
        defaults={
            "status": DraftStatus.PUBLISHED,
            "minutes": minutes,
            "policy": policy,
            "started_by": by,
            "started_at": at,
            "changed_at": at,
        },
    )


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
    """Publish one guideline document with the shared logic it includes and its test patients.

    The same content again returns the row that is there. Anything new must pass the check and its test patients first.

    Raises:
        DocumentInvalid: the document is faulty, its logic does not compile, or a test patient comes out otherwise.
        GuidelineNotReady: its status is not published.
        PolicyVersionChanged: the version is published with other content.
    """
    heading = heading_of(text, file=file)
    if heading.status != DraftStatus.PUBLISHED:
        raise GuidelineNotReady(f"{heading.id} {heading.version} is {heading.status}. Publish it after approval.")
    body = _assembled(text, tuple(sorted(libraries.items())), file, patients)
    digest = hashlib.sha256(body.encode()).hexdigest()
    is_known = Policy.objects.filter(
        plan=plan, kind=GUIDELINE, key=heading.id, version=heading.version, digest=digest
    ).exists()
    if not is_known:
        _check(text, digest, file=file, libraries=libraries, patients=patients)
    guideline = (known_program(digest) or program_of(body, digest=digest)).guideline
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


@lru_cache(maxsize=64)
def _assembled(text: str, libraries: tuple[tuple[str, str], ...], file: str, patients: str) -> str:
    return assemble(text, libraries=dict(libraries), file=file, patients=patients)


def _check(text: str, digest: str, *, file: str, libraries: Mapping[str, str], patients: str) -> None:
    """Check a document and run its test patients, once per content and process; codes are checked each time.

    Raises:
        DocumentInvalid: with everything that is to be mended.
    """
    if digest not in _PASSED:
        checked, _report = check_and_run(text, file=file, libraries=libraries, patients=patients)
        if checked.faults:
            raise DocumentInvalid(checked.faults)
        _PASSED.add(digest)
    faults = code_faults(text, file=file, libraries=libraries, is_valid=queries.validity_of_codes())
    if faults:
        raise DocumentInvalid(faults)


@permitted(Permission.PUBLISH_GUIDELINES, on="policy")
@transaction.atomic
def retire(*, policy: Policy, on: date, reason: str, by: User, at: datetime) -> Policy:
    """End a published guideline on a day. Its row stays as it is; the end is a published row of its own.

    Args:
        policy: the guideline version.
        on: the first day it no longer holds, not before the day of this step.
        reason: why, in one sentence.
        by: who ends it.
        at: the instant.

    Raises:
        PermissionRefused: the person may not publish guidelines.
        EffectiveInThePast: the day is over.
        ReasonNeeded: no reason is given.
        PolicyVersionChanged: it was ended before, on another day or for another reason.
    """
    if on < at.date():
        raise EffectiveInThePast(f"{on.isoformat()} is over. Choose today or a day to come.")
    if not reason.strip():
        raise ReasonNeeded("Say in one sentence why the guideline ends.")
    body = json.dumps(
        {"guideline": policy.key, "version": policy.version, "on": on.isoformat(), "reason": reason.strip()}
    )
    ended = publish_policy(
        kind=RETIREMENT,
        key=f"{policy.key} {policy.version}",
        version=policy.version,
        body=body,
        effective_from=on,
        plan=policy.plan,
        source=reason.strip(),
        source_verified=True,
        by=by,
        at=at,
    )
    GuidelineDraft.objects.filter(policy=policy).update(status=DraftStatus.RETIRED, changed_at=at)
    if ended.published_at == at:
        audit.record(GuidelineRetired(policy_id=policy.public_id, key=policy.key, version=policy.version), by=by, at=at)
    return ended


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
