"""The rows of a request at hand while the transaction that makes them runs.

What follows a submission (clocks, triage, criteria, an approval, the answer) needs the same rows that were just written.
Inside `at_hand` the steps get those instances instead of reading them again; outside, or for other rows, they are read.
Rows that are new in this transaction cannot be changed by anybody else, so no lock is needed for them.
"""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from openum.cases.models import Attachment, Case, Diagnosis, Party, Request, ServiceLine
from openum.db import plain


@dataclass
class Working:
    """The rows of one request that is being taken in."""

    case: Case
    request: Request
    is_new_case: bool
    parties: list[Party] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    lines: list[ServiceLine] = field(default_factory=list)
    diagnoses_of: dict[int, list[Diagnosis]] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)
    known: dict[Hashable, Any] = field(default_factory=dict)
    """Rows of other folders about these lines, by a key of their own, for example ("check", line primary key)."""


_current: ContextVar[Working | None] = ContextVar("openum_working", default=None)


@contextmanager
def at_hand(working: Working) -> Iterator[Working]:
    """Keep the rows of a request at hand for the steps that follow in this transaction."""
    token = _current.set(working)
    try:
        yield working
    finally:
        _current.reset(token)


def current() -> Working | None:
    """Return the rows at hand, or None."""
    return _current.get()


def new_line(pk: int) -> ServiceLine | None:
    """Return a line that this transaction made, or None."""
    working = _current.get()
    if working is not None:
        for line in working.lines:
            if line.pk == pk:
                return line
    return None


def request_by_public_id(public_id: UUID) -> Request:
    """Return a request with its case, product, plan and member."""
    working = _current.get()
    if working is not None and working.request.public_id == public_id:
        return working.request
    return Request.objects.select_related("case", "case__plan", "case__product", "case__member", "case__coverage").get(
        public_id=public_id
    )


def lines_by_public_id(public_ids: Sequence[UUID]) -> list[ServiceLine]:
    """Return lines in order, each with its request and case."""
    working = _current.get()
    if working is not None:
        by_id = {line.public_id: line for line in working.lines}
        if all(public_id in by_id for public_id in public_ids):
            return sorted((by_id[public_id] for public_id in public_ids), key=lambda line: (line.sequence, line.pk))
    return list(
        ServiceLine.objects.filter(public_id__in=public_ids)
        .select_related("request", "case", "case__plan", "case__product", "case__member", "case__coverage")
        .order_by("sequence", "pk")
    )


def lines_of_other_cases(case: Case) -> list[ServiceLine]:
    """Return all lines of the other cases of a case's member, oldest first, also those that a later line replaced."""
    known: list[ServiceLine] | None = recall(("lines of other cases", case.pk))
    if known is None:
        # the cases first: offered one statement, SQLite walks all lines of a status instead of the member's few cases
        others = plain.execute("SELECT id FROM cases_case WHERE member_id = %s AND id <> %s", [case.member_id, case.pk])
        known = plain.select_where(ServiceLine, "case_id IN (%s)", [[pk for (pk,) in others]], order="case_id, id")
        remember(("lines of other cases", case.pk), known)
    return known


def parties_of(request: Request) -> list[Party]:
    """Return the parties of a request."""
    working = _current.get()
    if working is not None and working.request.pk == request.pk:
        return working.parties
    return list(
        Party.objects.filter(request=request).select_related("practitioner", "facility", "organization").order_by("pk")
    )


def diagnoses_of(line: ServiceLine) -> list[Diagnosis]:
    """Return the diagnoses of a line."""
    working = _current.get()
    if working is not None and new_line(line.pk) is not None:
        return working.diagnoses_of.get(line.pk, [])
    return list(line.diagnoses.order_by("sequence", "pk"))


def remember(key: Hashable, value: Any) -> None:
    """Keep something another folder knows of these lines at hand."""
    working = _current.get()
    if working is not None:
        working.known[key] = value


def recall(key: Hashable) -> Any:
    """Return what was kept at hand under a key, or None."""
    working = _current.get()
    return working.known.get(key) if working is not None else None
