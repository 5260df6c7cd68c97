"""The papers that the lines of a case should carry, as they stand now."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from openum.accounts.models import Plan
from openum.cases.holdings import holds
from openum.cases.models import Attachment, Case, InformationItem, ServiceLine
from openum.cases.queries import current_lines, requests_of
from openum.cases.rules import OPEN_STATUSES
from openum.directory.models import Policy
from openum.directory.queries import policies_on
from openum.intake.checklist.rules import (
    DocumentFact,
    DocumentList,
    MarkFact,
    NeededPaper,
    PaperStanding,
    PaperState,
    papers_for,
    read_list,
    standing_of,
)
from openum.intake.models import PaperMark
from openum.work.queries.routing import facts_of
from openum.work.rules.facts import Facts

DOCUMENTS = "documents"
"""Kind of the policies that list the papers of a kind of request."""


@dataclass(frozen=True)
class ListInForce:
    """A published list and its row."""

    policy: Policy
    papers: DocumentList


@dataclass(frozen=True)
class ShownPaper:
    """One paper of a line: what it is, how it stands, by which document and on whose word."""

    line: ServiceLine
    paper: NeededPaper
    listed: ListInForce
    standing: PaperStanding
    document: Attachment | None
    mark: PaperMark | None
    asked: InformationItem | None
    """What was asked for and is still awaited; a question of a criterion asks for a fact, not for the paper."""

    @property
    def is_missing(self) -> bool:
        """Say whether it should be here and is not."""
        return self.standing.state in {PaperState.REQUIRED, PaperState.UNREADABLE}

    @property
    def is_to_be_asked(self) -> bool:
        """Say whether it is missing on an open line and nobody has asked for it."""
        return self.is_missing and self.asked is None and self.line.status in OPEN_STATUSES


def lists_for(plan: Plan, *, received_at: datetime) -> list[ListInForce]:
    """Return the lists of a plan in force on the day a request was received; a later list asks nothing of it."""
    day = received_at.astimezone(ZoneInfo(plan.time_zone)).date()
    return [ListInForce(row, read_list(row.body)) for row in policies_on(plan=plan, kind=DOCUMENTS, on=day)]


def papers_wanted(plan: Plan, facts: Facts, *, received_at: datetime) -> list[NeededPaper]:
    """Return the papers that a request with these facts should carry."""
    lists = [each.papers for each in lists_for(plan, received_at=received_at)]
    return [paper for paper, _ in papers_for(lists, facts)]


def papers_of(case: Case) -> list[ShownPaper]:
    """Return the papers of every current line of a case, in the order of lines and lists."""
    lines = [line for line in _lines(case) if lists_for(case.plan, received_at=line.request.received_at)]
    if not lines:
        return []
    documents = _documents(case) if holds(case, Attachment) else []
    facts = [DocumentFact(row.pk, row.document_kind, row.received_at) for row in documents]
    marks: dict[tuple[int, str], list[PaperMark]] = defaultdict(list)
    for mark in _marks(case) if holds(case, PaperMark) else ():
        marks[mark.line_id, mark.document_kind].append(mark)
    asked = _awaited(case) if holds(case, InformationItem) else ()
    awaited = {(item.line_id, item.document_kind): item for item in asked}
    by_document = {row.pk: row for row in documents}
    shown = []
    for line in lines:
        in_force = {each.papers.key: each for each in lists_for(case.plan, received_at=line.request.received_at)}
        on = line.request.received_at.astimezone(ZoneInfo(case.plan.time_zone)).date()
        wanted = papers_for([each.papers for each in in_force.values()], facts_of(line, lines=len(lines), on=on))
        for paper, papers in wanted:
            said = marks[line.pk, paper.kind]
            standing = standing_of(
                paper, facts, [MarkFact(mark.pk, PaperState(mark.state), mark.attachment_id) for mark in said]
            )
            shown.append(
                ShownPaper(
                    line=line, paper=paper, listed=in_force[papers.key], standing=standing,
                    document=by_document.get(standing.document) if standing.document is not None else None,
                    mark=next((mark for mark in said if mark.pk == standing.mark), None),
                    asked=awaited.get((line.pk, paper.kind)),
                )
            )  # fmt: skip
    return shown


def _documents(case: Case) -> list[Attachment]:
    rows = Attachment.objects.filter(case=case, moved_to__isnull=True).defer("content", "resource")
    return list(rows.select_related("received_from").order_by("received_at", "pk"))


def _marks(case: Case) -> list[PaperMark]:
    return list(PaperMark.objects.filter(line__case=case).select_related("said_by").order_by("pk"))


def _awaited(case: Case) -> list[InformationItem]:
    rows = InformationItem.objects.filter(line__case=case, state=InformationItem.REQUESTED, leaf="")
    return list(rows.exclude(document_kind="").select_related("information_request").order_by("pk"))


def _lines(case: Case) -> list[ServiceLine]:
    lines = current_lines(case)
    requests = {row.pk: row for row in requests_of(case)}
    for line in lines:
        line.request = requests[line.request_id]
    return lines


def paper_of(line: ServiceLine, kind: str) -> ShownPaper | None:
    """Return one paper of a line as it stands, or None where the line's lists do not name it."""
    return next((each for each in papers_of(line.case) if each.line.pk == line.pk and each.paper.kind == kind), None)
