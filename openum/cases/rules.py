"""The status of a service line: who has it, what may follow, what people call it. One table, pure.

Statuses are law-shaped (domain model); `docs/generated/line-status.md` is drawn from this table.
"""

from dataclasses import dataclass
from typing import ClassVar

from openum.vocabulary.errors import Conflict
from openum.vocabulary.terms import LineStatus as S
from openum.vocabulary.terms import Timing


@dataclass(frozen=True)
class StatusRow:
    """One status: its owner, the words for staff and requester, and what may follow."""

    owner: str
    staff: str
    requester: str
    member: str
    shape: str
    may_become: frozenset[S]


_DECISIONS = frozenset({S.APPROVED, S.PARTIALLY_APPROVED, S.DENIED})
_ENDS_WITHOUT_DECISION = frozenset({S.WITHDRAWN, S.CANCELLED, S.DISMISSED, S.NOT_REQUIRED, S.TRANSFERRED})
_PENDS = frozenset({S.PENDED_WITH_PAYER, S.PENDED_WITH_PROVIDER, S.PENDED_WITH_PHYSICIAN})
_REFILED = frozenset({S.VOIDED_IN_ERROR})
"""Taken in at the wrong case, and moved to the right one."""
_FROM_PENDED = _PENDS | _DECISIONS | _ENDS_WITHOUT_DECISION

STATUS_TABLE: dict[S, StatusRow] = {
    S.RECEIVED: StatusRow(
        "intake", "Received", "Received", "We have the request", "circle",
        _PENDS | _DECISIONS | _ENDS_WITHOUT_DECISION | _REFILED,
    ),
    S.PENDED_WITH_PAYER: StatusRow(
        "nurse", "In review", "With the plan", "Your plan is looking at it", "bars", (_FROM_PENDED | _REFILED) - {S.PENDED_WITH_PAYER}
    ),
    S.PENDED_WITH_PROVIDER: StatusRow(
        "provider", "Waiting for information", "Waiting for you", "Your plan needs something from your doctor", "bars",
        (_FROM_PENDED | _REFILED) - {S.PENDED_WITH_PROVIDER},
    ),
    S.PENDED_WITH_PHYSICIAN: StatusRow(
        "physician", "With a physician", "With a physician of the plan", "A doctor at your plan is looking at it",
        "triangle", (_FROM_PENDED | _REFILED) - {S.PENDED_WITH_PHYSICIAN},
    ),
    S.APPROVED: StatusRow(
        "nobody", "Approved", "Approved", "Approved", "disc",
        frozenset({S.CANCELLED, S.VOIDED_IN_ERROR, S.EXPIRED, S.TERMINATED_WITH_NOTICE, S.APPROVED}),
    ),
    S.PARTIALLY_APPROVED: StatusRow(
        "nobody", "Approved in part", "Approved in part", "Approved in part", "half-disc",
        frozenset({
            S.APPROVED, S.PARTIALLY_APPROVED, S.REOPENED, S.CANCELLED, S.VOIDED_IN_ERROR, S.EXPIRED,
            S.TERMINATED_WITH_NOTICE,
        }),
    ),
    S.DENIED: StatusRow(
        "nobody", "Denied", "Denied", "We said no", "slashed-square",
        frozenset({S.APPROVED, S.PARTIALLY_APPROVED, S.REOPENED, S.VOIDED_IN_ERROR}),
    ),
    S.WITHDRAWN: StatusRow("nobody", "Withdrawn", "Withdrawn", "Taken back", "ring", frozenset()),
    S.DISMISSED: StatusRow(
        "nobody", "Dismissed", "Dismissed", "Closed without a decision", "ring",
        frozenset({S.REOPENED, S.APPROVED, S.PARTIALLY_APPROVED}),
    ),
    S.CANCELLED: StatusRow("nobody", "Cancelled", "Cancelled", "Cancelled", "ring", frozenset()),
    S.NOT_REQUIRED: StatusRow(
        "nobody", "No authorization needed", "No authorization needed", "No approval is needed", "disc", frozenset()
    ),
    S.VOIDED_IN_ERROR: StatusRow("nobody", "Voided in error", "Voided", "Entered by mistake", "ring", frozenset()),
    S.EXPIRED: StatusRow("nobody", "Expired", "Expired", "The approval ended", "ring", frozenset()),
    S.TERMINATED_WITH_NOTICE: StatusRow(
        "nobody", "Ended with notice", "Ended with notice", "The approval ends early", "ring",
        frozenset({S.REOPENED, S.APPROVED, S.PARTIALLY_APPROVED}),
    ),
    S.TRANSFERRED: StatusRow(
        "nobody", "Transferred", "Sent to the right plan", "Sent to the right plan", "ring", frozenset()
    ),
    S.REOPENED: StatusRow(
        "nurse", "Reopened", "Reopened", "Your plan is looking at it again", "bars", _FROM_PENDED
    ),
}  # fmt: skip

OPEN_STATUSES = frozenset(
    {S.RECEIVED, S.PENDED_WITH_PAYER, S.PENDED_WITH_PROVIDER, S.PENDED_WITH_PHYSICIAN, S.REOPENED}
)
ADVERSE_STATUSES = frozenset({S.DENIED, S.PARTIALLY_APPROVED, S.TERMINATED_WITH_NOTICE})
MACHINE_MAY_SET = frozenset(
    {S.RECEIVED, S.PENDED_WITH_PAYER, S.PENDED_WITH_PROVIDER, S.PENDED_WITH_PHYSICIAN, S.APPROVED, S.EXPIRED}
)
"""What software may bring about by its own rule. Withdrawal and cancellation are the requester's own acts."""

REQUESTERS_OWN = frozenset({S.WITHDRAWN, S.CANCELLED})


class IllegalTransition(Conflict):
    """The line is in a state from which the wanted one cannot follow."""

    code: ClassVar[str] = "illegal-transition"


class MachineMayNot(Conflict):
    """Software tried something only a person may do (42 CFR 422.566(d); settled: machines approve or pass)."""

    code: ClassVar[str] = "machine-may-not"


def check_transition(*, current: S, target: S) -> None:
    """Refuse a status that cannot follow the present one.

    Raises:
        IllegalTransition: naming both.
    """
    if target not in STATUS_TABLE[current].may_become:
        raise IllegalTransition(
            f"This line is {STATUS_TABLE[current].staff.lower()}; it cannot become "
            f"{STATUS_TABLE[target].staff.lower()}. Reload the page to see what changed."
        )


def check_actor_may_set(*, target: S, by_machine: bool, is_requesters_own_act: bool = False) -> None:
    """Refuse a machine anything but approving, pending and expiring; withdrawing is the requester's own act.

    Raises:
        MachineMayNot: a machine tried it.
    """
    if not by_machine or target in MACHINE_MAY_SET or (is_requesters_own_act and target in REQUESTERS_OWN):
        return
    raise MachineMayNot(f"Software may not make a line {STATUS_TABLE[target].staff.lower()}. Send it to a person.")


_CASE_ORDER = (
    S.PENDED_WITH_PROVIDER, S.PENDED_WITH_PHYSICIAN, S.PENDED_WITH_PAYER, S.REOPENED, S.RECEIVED,
    S.DENIED, S.PARTIALLY_APPROVED, S.APPROVED, S.NOT_REQUIRED, S.TERMINATED_WITH_NOTICE, S.EXPIRED, S.CANCELLED,
    S.WITHDRAWN, S.DISMISSED, S.TRANSFERRED, S.VOIDED_IN_ERROR,
)  # fmt: skip


def case_status(lines: list[S]) -> S:
    """Derive the status shown for a case from its lines: open work first, then the gravest outcome.

    A mix of approved and denied lines is partially approved. No lines at all means received.
    """
    if not lines:
        return S.RECEIVED
    if not any(line in OPEN_STATUSES for line in lines):
        kinds = set(lines)
        if S.DENIED in kinds and kinds & {S.APPROVED, S.PARTIALLY_APPROVED}:
            return S.PARTIALLY_APPROVED
    return min(lines, key=_CASE_ORDER.index)


def timing_of(*, service_start_days: int | None, service_end_days: int | None) -> Timing:
    """Say whether a request is before, during or after its service.

    Args:
        service_start_days: days from receipt to the first service day; negative is past; None unknown.
        service_end_days: days from receipt to the last service day; None open.
    """
    if service_start_days is None or service_start_days >= 0:
        return Timing.PROSPECTIVE
    if service_end_days is not None and service_end_days < 0:
        return Timing.RETROSPECTIVE
    return Timing.CONCURRENT
