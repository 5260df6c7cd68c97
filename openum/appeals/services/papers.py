"""An appeal that came as a paper to the intake desk: it keeps the receipt of the paper, and the paper goes with it."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.appeals.models import Appeal
from openum.appeals.services.filing import AppealAsked
from openum.appeals.services.first import file_appeal
from openum.cases.models import ServiceLine
from openum.intake.models import Paper
from openum.intake.papers.queries import pages_of
from openum.intake.papers.services import document_of_paper, locked_paper, settle_paper
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def file_from_paper(*, paper: Paper, line: ServiceLine, asked: AppealAsked, by: User, at: datetime) -> Appeal:
    """Take an appeal in as a paper brought it: received when and how the paper was, with its pages as a document.

    Args:
        asked: what the paper says; its channel, receipt and proof are taken from the paper.

    Raises:
        AlreadyAdmitted: somebody dealt with the paper meanwhile.
        Invalid: the decision is another plan's.
        NothingToAppeal, FilerNotNamed, NoAppealLaw: as file_appeal.
    """
    paper = locked_paper(paper)
    if line.case.plan_id != paper.plan_id:
        raise Invalid("The decision is another plan's. Forward the paper to that plan; it keeps its receipt.")
    pages, receipt = pages_of(paper), paper.submission
    appeal = file_appeal(
        line=line, by=by, at=at,
        asked=replace(
            asked, channel=Channel(receipt.channel), received_at=receipt.received_at,
            proof=f"SHA-256 {receipt.raw_digest}", documents=(*asked.documents, document_of_paper(paper, pages)),
        ),
    )  # fmt: skip
    settle_paper(paper, line.case, pages, note="paper taken in as an appeal", by=by, at=at)
    return appeal
