"""What the law of a state wants in letters beside the federal content. Pure.

New York: the network of the provider with every answer (Ins. Law 4903(b), (c)); with a yes to care that goes on how much
more it is, the new whole, the first day and the next review (4903(c)); and with a no how to start each kind of appeal,
that the criteria are given on request, and what more an appeal needs (4903(e)).

Texas, with a no: the field of the physician who decided, the review outside the plan, when it may be asked for at once, and
the complaint to the state (Ins. Code 4201.303, 4201.360; 28 TAC 19.1709). California: the independent medical review, the
criteria on request, and the department that watches over the plan (Health & Safety Code 1363.5, 1367.01(h)(4), 1368.02(b),
1374.30; Ins. Code 10123.135(h)(4), 10169).
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from openum.notices.elements import Column, Laws, needed
from openum.vocabulary.terms import LineOfBusiness

_INSURED: Final = frozenset({LineOfBusiness.COMMERCIAL_STATE})
_NEW_YORK: Final = frozenset({"NY"})
NETWORK: Final[Laws] = {Column.ERISA: "N.Y. Ins. Law 4903(b), (c); Pub. Health Law 4903(2), (3)"}
GOES_ON: Final[Laws] = {Column.ERISA: "N.Y. Ins. Law 4903(c); Pub. Health Law 4903(3)"}
ADVERSE_IN_NEW_YORK: Final[Laws] = {Column.ERISA: "N.Y. Ins. Law 4903(e); Pub. Health Law 4903(5)"}
IN_TEXAS: Final[Laws] = {Column.ERISA: "Tex. Ins. Code 4201.303, 4201.360; 28 TAC 19.1709"}
IN_CALIFORNIA: Final[Laws] = {
    Column.ERISA: "Cal. Health & Safety Code 1363.5, 1367.01(h)(4), 1368.02(b), 1374.30; Ins. Code 10123.135(h)(4), 10169"
}
_OUTSIDE_ONLY: Final = re.compile(r"network\[(\d+)\]\.(plan_pays|out_of_pocket)")


def in_new_york(name: str, laws: Laws, *, default: Any = "") -> Any:
    """Declare a field that insured coverage in New York makes mandatory."""
    is_unsure = laws in (ADVERSE_IN_NEW_YORK, GOES_ON)
    return needed(name, laws, only=_INSURED, states=_NEW_YORK, is_unsure=is_unsure, default=default)


def in_texas(name: str, *, default: Any = "") -> Any:
    """Declare a field that insured coverage in Texas makes mandatory in a no."""
    return needed(name, IN_TEXAS, only=_INSURED, states=frozenset({"TX"}), is_unsure=True, default=default)


def in_california(name: str, *, default: Any = "") -> Any:
    """Declare a field that insured coverage in California makes mandatory in a no."""
    return needed(name, IN_CALIFORNIA, only=_INSURED, states=frozenset({"CA"}), is_unsure=True, default=default)


@dataclass(frozen=True, kw_only=True)
class NetworkFacts:
    """How the provider of one service stands to the network, and who pays what."""

    service: str = ""
    is_outside: bool = False
    status: str = in_new_york("whether the provider is in or out of the network", NETWORK)
    held_harmless: str = in_new_york("whether the member is held harmless", NETWORK)
    plan_pays: str = in_new_york("the dollar amount that the plan pays out of network", NETWORK)
    out_of_pocket: str = in_new_york("how to learn what the member would pay out of network", NETWORK)


@dataclass(frozen=True, kw_only=True)
class GoesOn:
    """Care that was approved before and goes on: how much more, the new whole, since when, and when it is looked at next."""

    service: str = ""
    more: str = in_new_york("the number of the extended services", GOES_ON)
    whole: str = in_new_york("the new total of the approved services", GOES_ON)
    since: date | None = in_new_york("the day on which the services began", GOES_ON, default=None)
    next_review: date | str | None = in_new_york("the day of the next review", GOES_ON, default=None)


@dataclass(frozen=True, kw_only=True)
class StateRights:
    """What a state has a no say beside the appeal rights."""

    standard: str = in_new_york("how to start a standard appeal", ADVERSE_IN_NEW_YORK)
    expedited: str = in_new_york("how to start an expedited appeal", ADVERSE_IN_NEW_YORK)
    external: str = in_new_york("how to start an external appeal", ADVERSE_IN_NEW_YORK)
    criteria: str = in_new_york("that the clinical review criteria are given on request", ADVERSE_IN_NEW_YORK)
    more: str = in_new_york("what more information an appeal needs", ADVERSE_IN_NEW_YORK)


@dataclass(frozen=True, kw_only=True)
class TexasRights:
    """What Texas has a no say beside the appeal rights."""

    decided_by: str = in_texas("the professional specialty of the physician who decided")
    external: str = in_texas("how to ask for a review by an independent review organization")
    at_once: str = in_texas("when that review may be asked for without an appeal first")
    criteria: str = in_texas("how to get the screening criteria")
    complaint: str = in_texas("how to complain, to the plan and to the state")


@dataclass(frozen=True, kw_only=True)
class CaliforniaRights:
    """What California has a no say beside the appeal rights."""

    external: str = in_california("how to ask for an independent medical review")
    at_once: str = in_california("when that review may be asked for at once")
    criteria: str = in_california("that the criteria are given on request")
    complaint: str = in_california("the department that watches over the plan, with its telephone numbers")


def excuses_network(network: tuple[NetworkFacts, ...], path: str, *, is_after_care: bool) -> bool:
    """Say whether the facts excuse an element of the network: care already given, or amounts inside the network."""
    if is_after_care:
        return path.startswith("network")
    found = _OUTSIDE_ONLY.fullmatch(path)
    return found is not None and not network[int(found[1])].is_outside
