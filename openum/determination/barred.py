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
LISTED = "listed_provider"
"""Under which statement of a decision the sentence about a provider on a list is kept, where the reason says something else."""
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
    words = rationale if is_physician else ""
    cure = "" if is_physician else "Refer the line to a physician"
    _check(line, words=words, cure=cure, at=at)


def check_said_of_listed(line: ServiceLine, words: str, *, at: datetime) -> None:
    """Refuse a yes to a part, or a yes on appeal, for a provider on a list unless a sentence of its own says why.

    The reason of such a decision speaks of something else: why not all is given, or why the first answer was wrong.

    Args:
        words: who gives the care instead, or why the law lets it be paid; whoever signs answers for them.

    Raises:
        ProviderBarred: a provider stands on a list and the words do not say it.
    """
    _check(line, words=words, cure="", at=at)


def listed_statement(words: str) -> dict[str, str]:
    """Return the sentence about a provider on a list as a decision keeps it among its statements."""
    return {LISTED: words.strip()} if words.strip() else {}


def _check(line: ServiceLine, *, words: str, cure: str, at: datetime) -> None:
    if line.case.is_sandbox or len(words.strip()) >= _LEAST_WORDS:
        return
    barred = barred_for(line, at=at)
    if not barred:
        return
    lists = ", ".join(sorted({entry.list_name for entry in barred}))
    cure = cure or "Say in a sentence who gives the care instead, or why the law lets it be paid, as in an emergency"
    raise ProviderBarred(f"A provider of this request stands on a list ({lists}) and may not be paid. {cure} ({LAW}).")
