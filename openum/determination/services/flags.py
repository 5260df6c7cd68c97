"""Flags of a case that the law ties a protection to: set by whoever learns of them, cleared with a reason."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import check_user_may
from openum.accounts.rules import Permission
from openum.audit import Recorded
from openum.cases.models import Case, Request, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.clocks import services as clocks
from openum.clocks.rules.facts import FactKind
from openum.clocks.services import NewFact
from openum.determination.events import CaseFlagCleared, CaseFlagged
from openum.determination.models import CaseFlag
from openum.determination.protecting import flags_of, has_court_order
from openum.vocabulary.errors import Conflict, Invalid


class FlagStands(Conflict):
    """The case carries this flag already, or it does not carry the one to clear."""

    code: ClassVar[str] = "flag-stands"


@permitted(Permission.FLAG_CASES, on="case")
@transaction.atomic
def flag_case(
    *,
    case: Case,
    kind: str,
    words: str,
    by: User,
    at: datetime,
    starts_at: datetime | None = None,
    is_caesarean: bool = False,
) -> CaseFlag:
    """Flag a court order, an emergency, care after one, a birth, or a new member's course of treatment that goes on.

    Args:
        starts_at: of a birth: the birth, or the admission where the child was born outside a hospital.

    Raises:
        PermissionRefused: the role flags nothing.
        FlagStands: it is flagged already.
        Invalid: no words, or a birth without its time, or one that lies ahead.
    """
    case = Case.objects.select_for_update(of=("self",)).select_related("member").get(pk=case.pk)
    if not words.strip():
        raise Invalid("Say what is known: the order, the symptoms at arrival, or the birth.")
    if kind == CaseFlag.BIRTH and (starts_at is None or starts_at > at):
        raise Invalid("Say when the protected time after the birth started; it cannot lie ahead.")
    if any(flag.kind == kind and flag.cleared_at is None for flag in flags_of(case)):
        raise FlagStands("This flag is set already. Reload the page.")
    flag = CaseFlag.objects.create(
        case=case, kind=kind, words=words.strip(), set_by=by, set_at=at,
        starts_at=starts_at if kind == CaseFlag.BIRTH else None,
        is_caesarean=is_caesarean and kind == CaseFlag.BIRTH,
    )  # fmt: skip
    audit.record(CaseFlagged(case_id=case.public_id, flag_id=flag.public_id), by=by, at=at)
    return flag


@permitted(Permission.FLAG_CASES, Permission.CLEAR_COURT_ORDERS, on="case")
@transaction.atomic
def clear_flag(*, case: Case, kind: str, because: str, by: User, at: datetime) -> CaseFlag:
    """Clear a flag. A court order is cleared by compliance, also one that only the member's file knows.

    Raises:
        PermissionRefused: the role may not clear it.
        FlagStands: nothing to clear.
        Invalid: no reason.
    """
    is_order = kind == CaseFlag.COURT_ORDER
    check_user_may(by, Permission.CLEAR_COURT_ORDERS if is_order else Permission.FLAG_CASES)
    case = Case.objects.select_for_update(of=("self",)).select_related("member").get(pk=case.pk)
    if not because.strip():
        raise Invalid("Say why the flag is cleared. The reason is kept.")
    flags = flags_of(case)
    flag = next((each for each in flags if each.kind == kind and each.cleared_at is None), None)
    if flag is None and is_order and has_court_order(case, flags):
        flag = CaseFlag(case=case, kind=kind, words="Known of the member.", set_by=by, set_at=at)
    if flag is None:
        raise FlagStands("This flag does not stand. Reload the page.")
    flag.cleared_by, flag.cleared_at, flag.cleared_because = by, at, because.strip()
    flag.save()
    audit.record(CaseFlagCleared(case_id=case.public_id, flag_id=flag.public_id), by=by, at=at)
    return flag


def time_after_stabilization(event: CaseFlagged | CaseFlagCleared, recorded: Recorded) -> None:
    """Care after stabilization: its one hour runs from the receipt of the request, and ends unowed with the flag.

    42 CFR 422.113(c)(2), 438.114(e); Tex. Ins. Code 843.348. A request that is decided owes no answer any more.
    """
    flag = CaseFlag.objects.get(public_id=event.flag_id)
    if flag.kind != CaseFlag.AFTER_STABILIZATION:
        return
    waiting = ServiceLine.objects.filter(case_id=flag.case_id, status__in=sorted(OPEN_STATUSES)).values("request")
    for request in Request.objects.filter(pk__in=waiting).order_by("pk"):
        fact = NewFact(kind=FactKind.AFTER_STABILIZATION, at=request.received_at, value=1)
        if isinstance(event, CaseFlagCleared):
            fact = NewFact(kind=FactKind.NOT_AFTER_STABILIZATION, at=recorded.at)
        clocks.record_facts(
            request_id=request.pk, facts=[fact], by=recorded.by, at=recorded.at, event_id=recorded.event_id
        )
