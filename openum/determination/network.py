"""Where New York wants the provider's network told with every answer (Ins. Law 4903(b), Pub. Health Law 4903(2)).

The notice says whether the service is in or out of the network, whether the member is held harmless and, out of
network, the dollar amount that the plan pays. Software does not know the amount: such a line goes to a person.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from openum.cases.models import ServiceLine
from openum.determination.models import NetworkStatement
from openum.vocabulary.errors import Conflict
from openum.vocabulary.terms import LineOfBusiness, NetworkStatus, Timing

LAW = "N.Y. Ins. Law 4903(b), (c); Pub. Health Law 4903(2), (3)"
STATES = frozenset({"NY"})


class NetworkNotTold(Conflict):
    """An answer would go out without what the law of the place wants said of the network."""

    code: ClassVar[str] = "network-not-told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a provider stands to the network, as far as it is known; `plan_pays` in US dollars, outside the network only."""

    status: NetworkStatus
    plan_pays: Decimal | None = None

    @property
    def is_outside(self) -> bool:
        """Say whether the care is given outside the network."""
        return self.status is NetworkStatus.OUT_OF_NETWORK

    @property
    def is_whole(self) -> bool:
        """Say whether an approval can be told with it."""
        return self.status is NetworkStatus.IN_NETWORK or (self.is_outside and self.plan_pays is not None)


def owes_network(line: ServiceLine) -> bool:
    """Say whether the answer to a line has to tell of the network: insured in New York, before or during the care."""
    product = line.case.product
    return (
        product.line_of_business == LineOfBusiness.COMMERCIAL_STATE
        and product.state in STATES
        and line.request.timing != Timing.RETROSPECTIVE
    )


def standing_of(line: ServiceLine) -> Standing:
    """Return what a person stated last, or else what intake found."""
    stated = NetworkStatement.objects.filter(line=line).order_by("-stated_at", "-pk").first()
    if stated is not None:
        return Standing(status=NetworkStatus(stated.status), plan_pays=stated.plan_pays)
    return Standing(status=NetworkStatus(line.network_status))


def asked_of(line: ServiceLine) -> dict[str, Any]:
    """Return what the approve form shows as known of the network, by the names of its fields."""
    standing = standing_of(line)
    return {
        "network": "" if standing.status is NetworkStatus.NOT_CHECKED else standing.status.value,
        "plan_pays": standing.plan_pays,
    }


def lacks_network(line: ServiceLine) -> bool:
    """Say whether an approval would lack what its letter has to tell of the network."""
    return owes_network(line) and not standing_of(line).is_whole


def check_network_told(line: ServiceLine) -> None:
    """Refuse an approval whose letter could not tell of the network.

    Raises:
        NetworkNotTold: naming what is missing. Sandbox plans write no letters and are never refused.
    """
    if line.case.is_sandbox or not lacks_network(line):
        return
    missing = (
        "the dollar amount that the plan pays out of network"
        if standing_of(line).is_outside
        else "whether the provider is in the network"
    )
    raise NetworkNotTold(f"The approval letter in New York would lack {missing}. State it with the approval ({LAW}).")
