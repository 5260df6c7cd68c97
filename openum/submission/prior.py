"""Which earlier request a message speaks of: an update, extension, renewal, revision or cancellation.

A sender names it by an identifier, by the address of its Claim (the sender's own or ours), or by a number of ours:
authorization or administrative, of the whole request or of a line. Each sender changes its own requests only; those
of others do not exist for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.db.models import Q, QuerySet

from openum.accounts.models import ApiClient, Organization, Plan
from openum.cases.models import Case, Request, ServiceLine
from openum.cases.queries import current_lines
from openum.directory.models import Member
from openum.submission.incoming import Fault, IncomingRequest
from openum.submission.queries import MOST_CASES, sequences_of_numbers
from openum.submission.rules import Names, follows_up, lines_of_items, numbers_named, shown_sequences, speaks_of

NOT_ON_FILE = Fault(
    path="Claim.related",
    text="The earlier request or authorization that this one speaks of is not on file for this member and sender. "
    "It was taken as a new request.",
)


@dataclass(frozen=True, kw_only=True)
class Prior:
    """The earlier request.

    Attributes:
        case: of the request, with plan, product and member.
        sequences: the line of the case that each item means, by the item's own sequence, where the two differ.
        named: the lines that the message names by their numbers; None when the whole request is meant.
    """

    case: Case
    sequences: Mapping[int, int] = field(default_factory=dict)
    named: frozenset[int] | None = None

    def means(self, sequence: int) -> bool:
        """Say whether the message speaks of this line of the case."""
        return self.named is None or sequence in self.named


def prior_of(
    *,
    request: IncomingRequest,
    member: Member | None,
    plan: Plan,
    client: ApiClient | None = None,
    organization: Organization | None = None,
) -> Prior | None:
    """Return the earlier request of the same member, plan and sender that a message speaks of, or None."""
    if member is None or not follows_up(request):
        return None
    rows = _own_requests(member, plan, client, organization)
    return _by_name(request, rows) or _by_number(request, rows)


def _own_requests(
    member: Member, plan: Plan, client: ApiClient | None, organization: Organization | None
) -> QuerySet[Request]:
    rows = Request.objects.select_related("case", "case__product", "case__plan", "case__member")
    rows = rows.filter(case__member=member, case__plan=plan)
    if client is not None:
        own = Q(client=client)
        if client.organization_id is not None:
            own |= Q(case__organization_id=client.organization_id)
        rows = rows.filter(own)
    elif organization is not None:
        rows = rows.filter(case__organization=organization)
    return rows.order_by("-received_at", "-pk")


def _by_name(request: IncomingRequest, rows: QuerySet[Request]) -> Prior | None:
    """Look among the newest requests of the sender; the first name that fits one decides."""
    if not request.related:
        return None
    known = [(row, _names_of(row)) for row in rows[:MOST_CASES]]
    for wanted in request.related:
        for row, names in known:
            if speaks_of(wanted, names):
                return Prior(case=row.case, sequences=_sequences(request, row.case, {}, _sequences_kept(row)))
    return None


def _names_of(row: Request) -> Names:
    first = {"system": row.identifier_system, "value": row.identifier_value}
    return Names(
        identifiers=tuple((one.get("system", ""), one.get("value", "")) for one in [first, *row.identifiers]),
        address=row.echo.get("claim", ""),
        own_id=row.echo.get("claim_id", ""),
        given=(str(row.public_id), row.administrative_number),
    )


def _by_number(request: IncomingRequest, rows: QuerySet[Request]) -> Prior | None:
    numbers = numbers_named(request)
    if not numbers:
        return None
    of_request = Q(administrative_number__in=numbers)
    of_line = Q(case__lines__administrative_number__in=numbers) | Q(
        case__lines__previous_authorization_number__in=numbers
    )
    row = rows.filter(of_request | of_line | Q(case__authorizations__number__in=numbers)).first()
    if row is None:
        return None
    by_number = sequences_of_numbers(row.case)
    of_whole = row.case.requests.filter(of_request).exists()
    named = frozenset(by_number[number] for number in numbers if number in by_number)
    return Prior(
        case=row.case,
        sequences=_sequences(request, row.case, by_number, {}),
        named=None if of_whole or not named else named,
    )


def _sequences(
    request: IncomingRequest, case: Case, by_number: Mapping[str, int], inherited: Mapping[int, int]
) -> dict[int, int]:
    held = frozenset(line.sequence for line in current_lines(case)) if by_number or inherited else frozenset()
    return lines_of_items(request.lines, by_number=by_number, inherited=inherited, held=held)


def in_terms_of(prior: Prior | None, request: IncomingRequest) -> IncomingRequest:
    """Return a request with the sequences of the case's lines; what its sender calls them is kept for the answers.

    A request whose earlier one is not on file says so in its answer.
    """
    if prior is None:
        return replace(request, faults=(*request.faults, NOT_ON_FILE)) if follows_up(request) else request
    if not prior.sequences:
        return request
    lines = tuple(replace(line, sequence=prior.sequences.get(line.sequence, line.sequence)) for line in request.lines)
    return replace(request, lines=lines, echo={**request.echo, "sequences": prior.sequences})


def _sequences_kept(row: Request) -> dict[int, int]:
    return {int(sent): line for sent, line in row.echo.get("sequences", {}).items()}  # JSON has no whole-number keys


def told_as(request: Request, lines: Iterable[ServiceLine]) -> dict[int, int]:
    """Return the sequence by which the sender of a request knows each line, where it is not the line's own."""
    sequences = _sequences_kept(request)
    return shown_sequences(sequences, [line.sequence for line in lines]) if sequences else {}
