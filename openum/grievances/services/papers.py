"""A complaint that came as a paper to the intake desk: it keeps the receipt of the paper, and the paper goes with it."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.services import attach
from openum.directory.models import Member
from openum.grievances.models import Grievance
from openum.grievances.services.complaints import Complained, file_grievance
from openum.intake.models import Paper
from openum.intake.papers.queries import pages_of
from openum.intake.papers.services import document_of_paper, locked_paper, settle_paper
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def complain_by_paper(*, paper: Paper, member: Member, complained: Complained, by: User, at: datetime) -> Grievance:
    """Take a complaint in as a paper brought it: received when and how the paper was, with its pages as a document.

    Args:
        complained: what the paper says; its channel, receipt and proof are taken from the paper.

    Raises:
        AlreadyAdmitted: somebody dealt with the paper meanwhile.
        Invalid: the member is another plan's, or as file_grievance.
    """
    paper = locked_paper(paper)
    if member.plan_id != paper.plan_id:
        raise Invalid("The member is another plan's. Forward the paper to that plan; it keeps its receipt.")
    pages, receipt = pages_of(paper), paper.submission
    channel = Channel(receipt.channel)
    grievance = file_grievance(
        member=member, case=None, by=by, at=at,
        complained=replace(
            complained, channel=channel, received_at=receipt.received_at, proof=f"SHA-256 {receipt.raw_digest}"
        ),
    )  # fmt: skip
    case = grievance.request.case
    attach(
        case=case, request=grievance.request, documents=[document_of_paper(paper, pages)], channel=channel, by=by, at=at
    )
    settle_paper(paper, case, pages, note="paper taken in as a complaint", by=by, at=at)
    return grievance
