"""What anybody may read: published versions, their ends, the rules of approval; and which codes hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from openum.criteria.approval import rule_of
from openum.criteria.checks import IsValid
from openum.criteria.codes import SYSTEMS
from openum.criteria.guideline import Guideline
from openum.criteria.queries.approvals import ApprovalMatch
from openum.criteria.queries.matching import APPROVAL_RULE, GUIDELINE, RETIREMENT, program_for_policy
from openum.directory.models import CodeList, Policy
from openum.directory.queries import codes_by_value


@dataclass(frozen=True)
class PublishedGuideline:
    """A guideline on the public list: every plan that published this content."""

    guideline: Guideline
    policy: Policy
    published_at: datetime


def published_guidelines() -> list[PublishedGuideline]:
    """Return all published guidelines, newest version first within each id; the same content once."""
    seen: set[tuple[str, str, str]] = set()
    found: list[PublishedGuideline] = []
    for policy in Policy.objects.filter(kind=GUIDELINE).order_by("key", "-effective_from", "-pk"):
        identity = (policy.key, policy.version, policy.digest)
        if identity not in seen:
            seen.add(identity)
            found.append(PublishedGuideline(program_for_policy(policy).guideline, policy, policy.published_at))
    return found


def published_guideline(*, key: str, version: str) -> PublishedGuideline | None:
    """Return one published version, the latest publication of it, or None."""
    policy = Policy.objects.filter(kind=GUIDELINE, key=key, version=version).order_by("-published_at", "-pk").first()
    if policy is None:
        return None
    return PublishedGuideline(program_for_policy(policy).guideline, policy, policy.published_at)


def versions_of(key: str) -> Sequence[tuple[str, date, date | None]]:
    """Return the published versions of a guideline: version, first day, first day no longer."""
    rows: Iterable[tuple[str, date, date | None]] = (
        Policy.objects.filter(kind=GUIDELINE, key=key)
        .order_by("-effective_from", "version")
        .values_list("version", "effective_from", "effective_to")
        .distinct()
    )
    return list(rows)


def retirements() -> dict[tuple[str, str], date]:
    """Return the first day without each retired guideline, by id and version."""
    rows = Policy.objects.filter(kind=RETIREMENT).values_list("key", "version", "effective_from")
    return {(key.removesuffix(f" {version}"), version): day for key, version, day in rows}


def validity_of_codes() -> IsValid:
    """Return what says whether a code holds on a day; None where no dated list of its system is loaded.

    Of an incomplete list only the codes it holds are checked.
    """
    complete = dict(CodeList.objects.values_list("system", "is_complete"))

    def is_valid(system: str, code: str, day: date) -> bool | None:
        address = SYSTEMS[system][0]
        if address not in complete:
            return None
        rows = codes_by_value([(address, code)]).get((address, code), [])
        if not rows:
            return False if complete[address] else None
        return any(
            (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or day < row.valid_to)
            for row in rows
        )

    return is_valid


def published_approval_rules() -> list[ApprovalMatch]:
    """Return all published approval rules, the newest version of each first; the same content once."""
    seen: set[str] = set()
    found: list[ApprovalMatch] = []
    for policy in Policy.objects.filter(kind=APPROVAL_RULE).order_by("key", "-effective_from", "-pk"):
        if policy.digest not in seen:
            seen.add(policy.digest)
            found.append(ApprovalMatch(policy, rule_of(policy.body, digest=policy.digest)))
    return found
