"""Providers of a line that stand on an exclusion or preclusion list, looked up afresh whenever somebody would approve.

What triage kept may be days old: the lists change monthly. Software never approves while one stands there. A physician
may, with a sentence that names who gives the care instead, or why the law lets it be paid (42 CFR 422.222, 1001.1901).
"""

from datetime import datetime
from typing import ClassVar

from openum.cases import working
from openum.cases.models import ServiceLine
from openum.design.moments import local_day
from openum.directory.models import Exclusion
from openum.directory.queries import exclusions_on
from openum.vocabulary.errors import Conflict

LAW = "42 CFR 422.222, 1001.1901"
_LEAST_WORDS = 20


class ProviderBarred(Conflict):
    """A provider of the request stands on an exclusion or preclusion list."""

    code: ClassVar[str] = "provider-barred"


def barred_for(line: ServiceLine, *, at: datetime) -> list[Exclusion]:
    """Return the list entries of the providers of a line on the day of service; without one, on the day of the decision."""
    npis = {party.npi for party in working.parties_of(line.request) if party.npi}
    if not npis:
        return []
    day = line.service_from or local_day(at, line.case.product.time_zone)
    return exclusions_on(plan=line.case.plan, npis=npis, day=day)


def check_not_barred(line: ServiceLine, *, is_physician: bool, rationale: str, at: datetime) -> None:
    """Refuse an approval for a provider on a list, unless a physician says in a sentence why it may be.

    Raises:
        ProviderBarred: a nurse, or a physician who does not say it.
    """
    if line.case.is_sandbox or (is_physician and len(rationale.strip()) >= _LEAST_WORDS):
        return
    barred = barred_for(line, at=at)
    if not barred:
        return
    lists = ", ".join(sorted({entry.list_name for entry in barred}))
    cure = (
        "Say in a sentence who gives the care instead, or why the law lets it be paid, as in an emergency"
        if is_physician
        else "Refer the line to a physician"
    )
    raise ProviderBarred(f"A provider of this request stands on a list ({lists}) and may not be paid. {cure} ({LAW}).")
