"""Policies, running clocks and letters, by the law on which they rest."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, get_args, get_type_hints

from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.clocks.models import Clock
from openum.clocks.rules import ClockState
from openum.directory.models import Policy
from openum.notices.elements import Element
from openum.notices.letters import LETTERS
from openum.register.rules import Change, changes, citations, facts_of, names

READERS = (Permission.SEE_AUDIT, Permission.PUBLISH_GUIDELINES)
RECENT = timedelta(days=365)
DEADLINE = "deadline-rule"


@dataclass(frozen=True, kw_only=True)
class Running:
    """How many clocks run by one version of a row."""

    running: int = 0
    late: int = 0


@dataclass(frozen=True, kw_only=True)
class Row:
    """One published policy with what hangs on it."""

    policy: Policy
    title: str
    """In the reader's language where the policy tells it in several."""
    laws: tuple[str, ...]
    clocks: Running | None
    """None where the policy is no time limit."""


@dataclass(frozen=True, kw_only=True)
class LetterElement:
    """Something a letter must state, by the law that wants it."""

    name: str
    laws: tuple[str, ...]
    letters: tuple[str, ...]
    in_every_letter: bool


def _plans(user: User) -> frozenset[int]:
    return scope_of(user).plans_with(*READERS)


def policies_visible_to(user: User) -> QuerySet[Policy]:
    """Return the published policies of a person's plans, and those that hold for all."""
    return Policy.objects.filter(Q(plan__isnull=True) | Q(plan_id__in=_plans(user))).order_by("kind", "key", "-pk")


def _running(user: User) -> dict[tuple[str, str], Running]:
    """Return the open clocks of a person's plans by row and version."""
    rows = Clock.objects.filter(case__plan_id__in=_plans(user), stopped_at__isnull=True, case__is_sandbox=False)
    counted = (
        rows.exclude(state=ClockState.VOID)
        .values("governing_rule", "governing_version")
        .annotate(running=Count("pk"), late=Count("pk", filter=Q(state=ClockState.LATE)))
    )
    return {
        (row["governing_rule"], str(row["governing_version"])): Running(running=row["running"], late=row["late"])
        for row in counted.order_by("governing_rule", "governing_version")
    }


def _rows(user: User, policies: Collection[Policy]) -> list[Row]:
    clocks = _running(user)
    made = []
    for policy in policies:
        facts = facts_of(policy.body)
        counted = clocks.get((policy.key, policy.version), Running()) if policy.kind == DEADLINE else None
        made.append(
            Row(
                policy=policy, title=_title(facts, policy.key),
                laws=citations(f"{policy.source}\n{policy.body}"), clocks=counted,
            )
        )  # fmt: skip
    return made


def _title(facts: Mapping[str, Any], key: str) -> str:
    title = facts.get("title") or facts.get("name") or key
    if isinstance(title, Mapping):
        title = title.get((get_language() or "en")[:2]) or title.get("en") or key
    return str(title)


def _in_force(policies: Sequence[Policy], on: date) -> list[Policy]:
    """Return the rows in force on a day, and those to come; of several versions of a row all that have not ended."""
    return [row for row in policies if row.effective_to is None or row.effective_to > on]


def resting_on(user: User, words: str, *, on: date) -> list[Row]:
    """Return the policies, in force or to come, that name a law."""
    found = [row for row in _in_force(list(policies_visible_to(user)), on) if names(words, f"{row.source}\n{row.body}")]
    return _rows(user, found)


def recent_changes(user: User, *, on: date) -> list[Row]:
    """Return what takes effect later, or took effect within a year, the newest first."""
    rows = (
        policies_visible_to(user)
        .filter(effective_from__gt=on - RECENT)
        .order_by("-effective_from", "kind", "key", "pk")
    )
    return _rows(user, list(rows))


def versions_of(policy: Policy) -> list[Policy]:
    """Return all versions of a row, the newest first."""
    rows = Policy.objects.filter(kind=policy.kind, key=policy.key, plan=policy.plan)
    return list(rows.order_by("-effective_from", "-pk"))


def changed_by(policy: Policy) -> tuple[Policy, list[Change]] | None:
    """Return the version before a policy and what the policy changes in it; None where it is the first."""
    versions = versions_of(policy)
    place = [row.pk for row in versions].index(policy.pk)
    if place + 1 == len(versions):
        return None
    before = versions[place + 1]
    return before, changes(before.body, policy.body)


def row_of(user: User, policy: Policy) -> Row:
    """Return a policy with what hangs on it."""
    return _rows(user, [policy])[0]


def declared_elements(part: Any, prefix: str = "") -> Iterator[tuple[str, Element]]:
    """Yield the mandatory elements of a kind of letter with their paths."""
    hints = get_type_hints(part)
    for each in fields(part):
        path = f"{prefix}{each.name}"
        if element := each.metadata.get("element"):
            yield path, element
        kinds = [kind for kind in (hints[each.name], *get_args(hints[each.name])) if isinstance(kind, type)]
        for inner in kinds:
            if is_dataclass(inner):
                yield from declared_elements(inner, f"{path}.")


@cache
def _elements() -> tuple[LetterElement, ...]:
    letters: dict[str, list[str]] = {}
    found: dict[str, Element] = {}
    for kind, letter in LETTERS.items():
        for path, element in declared_elements(letter):
            letters.setdefault(path, []).append(kind.value)
            found[path] = element
    return tuple(
        LetterElement(
            name=element.name, laws=tuple(dict.fromkeys(law for law in element.laws.values() if law)),
            letters=tuple(letters[path]), in_every_letter=len(letters[path]) == len(LETTERS),
        )
        for path, element in sorted(found.items())
    )  # fmt: skip


def elements_resting_on(words: str) -> list[LetterElement]:
    """Return what letters must state because of a law."""
    return [one for one in _elements() if any(names(words, law) for law in one.laws)]
