"""Sealing of what the law protects specially, and the opening of a seal for a reason and a short time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import BrokenSeal, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.audit import Event, Recorded
from openum.cases import working
from openum.cases.events import SealBroken
from openum.cases.models import Case
from openum.cases.sensitive import KIND, MINOR, NONE_LISTED, Sensitive, is_minor
from openum.directory.queries import policies_on
from openum.vocabulary.errors import Invalid

OPEN_MINUTES: Final = 60
"""How long a broken seal stays open for the one who broke it."""

LEAST_WORDS: Final = 15
"""Characters of a reason that somebody else can judge later."""


class ReasonMissing(Invalid):
    """A seal is broken for a reason in words."""

    code: ClassVar[str] = "seal-reason-missing"


class NotSealed(Invalid):
    """Nothing of the case is specially protected."""

    code: ClassVar[str] = "not-sealed"


def follow_case(event: Event, recorded: Recorded) -> None:
    """Seal the case of new or changed lines where they or its member call for it. What was protected once stays so."""
    lines = working.lines_by_public_id(event.line_ids)
    if lines:
        told = [(line.code, [each.code for each in working.diagnoses_of(line)]) for line in lines]
        case = lines[0].case
        _write(case, _groups(case, told, at=recorded.at) | set((case.sealed_as or "").split()))


def seal(case: Case, *, at: datetime) -> None:
    """Write down by which rows of the published list all lines of a case are protected."""
    lines = case.lines.prefetch_related("diagnoses").order_by("pk")
    told = [(line.code, [each.code for each in line.diagnoses.all()]) for line in lines]
    _write(case, _groups(case, told, at=at))


def _groups(case: Case, told: Iterable[tuple[str, list[str]]], *, at: datetime) -> set[str]:
    listed = _listed(case, at)
    groups = {listed.group_of(code=code, diagnoses=diagnoses) for code, diagnoses in told} - {""}
    today = at.astimezone(ZoneInfo(case.plan.time_zone)).date()
    if is_minor(case.member.birth_date, on=today, adult_from_years=listed.adult_from_years):
        groups.add(MINOR)
    return groups


def _write(case: Case, groups: set[str]) -> None:
    found = " ".join(sorted(groups))
    if found != case.sealed_as:
        case.sealed_as = found
        case.save(update_fields=["sealed_as"])


def seal_unsorted(*, at: datetime, most: int) -> int:
    """Sort cases that were opened before cases were sealed; until then they are shut. Returns how many."""
    rows = list(Case.objects.filter(sealed_as__isnull=True).select_related("member", "plan").order_by("pk")[:most])
    for case in rows:
        seal(case, at=at)
    return len(rows)


@permitted(Permission.BREAK_GLASS, on="case")
@transaction.atomic
def break_seal(*, case: Case, reason: str, by: User, at: datetime) -> BrokenSeal:
    """Open a sealed case to one person for an hour. The privacy officer reads who did, and why.

    Raises:
        ReasonMissing: no reason that somebody could judge.
        NotSealed: the case is open to the person anyway.
    """
    if len(reason.strip()) < LEAST_WORDS:
        raise ReasonMissing("Write why you must see this, so that the privacy officer can judge it.")
    if case.sealed_as == "":
        raise NotSealed("Nothing of this case is specially protected. Open it as usual.")
    row = BrokenSeal.objects.create(
        user=by, plan=case.plan, case_id=case.public_id, case_number=case.number, reason=reason.strip(), broken_at=at,
        until=at + timedelta(minutes=OPEN_MINUTES),
    )  # fmt: skip
    audit.record(SealBroken(case_id=case.public_id, seal_id=row.public_id), by=by, at=at)
    return row


def _listed(case: Case, at: datetime) -> Sensitive:
    found = policies_on(plan=case.plan, kind=KIND, on=at.date())
    return _parsed(found[0].body) if found else NONE_LISTED


@lru_cache(maxsize=16)
def _parsed(body: str) -> Sensitive:
    return Sensitive.parse(body)
