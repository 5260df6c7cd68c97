"""Appeals and a complaint of the present, on earlier cases that were denied; by the same services that people use."""

from datetime import datetime, timedelta

from django.db import transaction

from openum import audit, jobs
from openum.accounts.models import User
from openum.appeals.queries import reviewers_for
from openum.appeals.rules.filing import NothingToAppeal
from openum.appeals.rules.law import Body, Filer
from openum.appeals.services import AppealAsked, assign_reviewer, build_packet, enter_review_organization, file_appeal
from openum.cases.models import ServiceLine
from openum.grievances.rules import About
from openum.grievances.services import Complained, file_grievance
from openum.vocabulary.terms import Channel, LineStatus
from samples.acting import Stage

BODIES = (
    (Body.EXTERNAL, "Alder Independent Review"),
    (Body.EXTERNAL, "Birchwater Review"),
    (Body.EXTERNAL, "Cedar Point Medical Review"),
    (Body.REVIEW_ENTITY, "Maple Review Entity"),
    (Body.FAIR_HEARING, "State EX, Office of Hearings"),
)
_DENIED_AT_LEAST = timedelta(days=3)
"""Nobody appeals on the day of the letter."""
_AT_MOST = timedelta(days=50)


def build(stage: Stage, coordinator: User) -> int:
    """Enter the outside bodies and file a few appeals and a complaint; return how many appeals there are."""
    at = stage.until
    with transaction.atomic(), audit.batch():
        for body, name in BODIES:
            enter_review_organization(plan=stage.places.plan, body=body, name=name, by=coordinator, at=at)
    made = 0
    for line in _denied(stage):
        with transaction.atomic(), audit.batch():
            made += _appeal(line, number=made, coordinator=coordinator, stage=stage)
        if made == len(_WORDS):
            break
    jobs.run_due(at, limit=200)
    return made


def _denied(stage: Stage) -> list[ServiceLine]:
    """Return the latest denials that are old enough to be appealed and young enough to be in time."""
    rows = ServiceLine.objects.filter(
        case__plan=stage.places.plan, status=LineStatus.DENIED, replaced_by__isnull=True,
        status_since__range=(stage.until - _AT_MOST, stage.until - _DENIED_AT_LEAST),
    ).select_related("case__member", "case__plan", "case__product__plan", "request")  # fmt: skip
    return list(rows.order_by("-status_since", "-pk")[:20])


_WORDS = (
    "I did the exercises until my knee swelled. My therapist told me to stop. Please look again.",
    "My doctor says that waiting makes it worse.",
    "The record of the other hospital was not read.",
)


def _appeal(line: ServiceLine, *, number: int, coordinator: User, stage: Stage) -> int:
    """File one appeal: the first is with a reviewer, the second asks for speed, the third waits for a form."""
    filed_at: datetime = stage.until - timedelta(hours=30 - 8 * number)
    asked = AppealAsked(
        filer=Filer.REPRESENTATIVE if number == 2 else Filer.MEMBER, name="A daughter" if number == 2 else "",
        relationship="daughter" if number == 2 else "", issue=_WORDS[number], channel=Channel.PHONE,
        received_at=filed_at, wants_speed=number == 1, proof=f"call {filed_at:%H:%M}",
    )  # fmt: skip
    try:
        appeal = file_appeal(line=line, asked=asked, by=coordinator, at=filed_at)
    except NothingToAppeal:
        return 0
    if number == 0:
        fit = [user for user, _checks, is_fit in reviewers_for(appeal, on=stage.until.date()) if is_fit]
        if fit:
            assign_reviewer(appeal=appeal, reviewer=fit[0], by=coordinator, at=stage.until)
        build_packet(appeal=appeal, by=coordinator, at=stage.until)
        file_grievance(
            member=line.case.member, case=line.case, by=coordinator, at=stage.until,
            complained=Complained(
                about=About.SERVICE, issue="I waited half an hour on the telephone.", channel=Channel.PHONE,
                received_at=stage.until - timedelta(hours=2), proof="call",
            ),
        )  # fmt: skip
    return 1
