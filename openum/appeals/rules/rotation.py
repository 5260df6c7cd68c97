"""Which independent review organization gets the next external review: the one that waited longest and has no interest.

At least three contracts, unbiased rotation, no conflict with plan, clinician, place or maker (45 CFR 147.136(d)(2)(iii)).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from openum.vocabulary.errors import Conflict

LEAST_ORGANIZATIONS = 3


class NoOrganizationFree(Conflict):
    """No independent review organization may take this review."""

    code: ClassVar[str] = "no-organization-free"


@dataclass(frozen=True, kw_only=True)
class Organization:
    """One independent review organization under contract.

    Attributes:
        accredited_to: first day no longer accredited; None: not known to end.
        last_assigned_at: when it last got a review of this plan; None: never.
        interests: words that name a conflict with this review; empty when there is none.
    """

    key: str
    name: str
    accredited_to: date | None
    last_assigned_at: datetime | None
    interests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One organization in the order of the rotation, and why it was passed over or taken."""

    key: str
    name: str
    taken: bool
    why: str


def rotate(organizations: Sequence[Organization], *, on: date) -> list[Turn]:
    """Return the rotation in order; exactly one organization is taken, and every one before it says why not.

    Raises:
        NoOrganizationFree: fewer than three under contract, or none without conflict.
    """
    if len(organizations) < LEAST_ORGANIZATIONS:
        raise NoOrganizationFree(
            f"External review takes contracts with at least {LEAST_ORGANIZATIONS} organizations; "
            f"{len(organizations)} stand here. Enter the others first (45 CFR 147.136(d)(2)(iii))."
        )
    turns: list[Turn] = []
    found = False
    for each in sorted(
        organizations, key=lambda one: (one.last_assigned_at is not None, one.last_assigned_at, one.key)
    ):
        if found:
            turns.append(Turn(each.key, each.name, taken=False, why="Its turn comes later."))
        elif each.accredited_to is not None and each.accredited_to <= on:
            turns.append(Turn(each.key, each.name, taken=False, why="Passed over: its accreditation has ended."))
        elif each.interests:
            turns.append(Turn(each.key, each.name, taken=False, why=f"Passed over: {' '.join(each.interests)}"))
        else:
            since = each.last_assigned_at
            waited = f"last review {since.date().isoformat()}" if since else "no review yet"
            turns.append(
                Turn(each.key, each.name, taken=True, why=f"Longest without a review ({waited}), no conflict.")
            )
            found = True
    if not found:
        raise NoOrganizationFree(
            "Every organization has a conflict or no accreditation: "
            + " ".join(f"{turn.name}: {turn.why}" for turn in turns)
        )
    return turns
