"""What people say about a paper: a field kept or put right, and who is meant."""

from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.db.text import clean
from openum.directory.models import Member
from openum.intake.events import FieldSettled, PaperMemberChosen
from openum.intake.models import FieldReading, Paper
from openum.intake.papers.queries import best_readings
from openum.intake.papers.services.ordering import locked_paper
from openum.intake.papers.standing import SERVICES, is_field, services_of
from openum.submission.composing import MAX_LINES
from openum.vocabulary.errors import Invalid

MAX_FIELD = 4000


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def keep_field(*, paper: Paper, key: str, value: str, by: User, at: datetime) -> Paper:
    """Keep what was typed so far; the reading stays open until a person settles it.

    Raises:
        Invalid: no field of a request.
    """
    if not is_field(key):
        raise Invalid("This is no field of a request.")
    paper = locked_paper(paper)
    paper.fields = {**paper.fields, key: clean(value.strip())[:MAX_FIELD]}
    paper.version, paper.saved_at = paper.version + 1, at
    paper.save(update_fields=["fields", "version", "saved_at"])
    return paper


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def settle_field(*, paper: Paper, key: str, value: str, by: User, at: datetime) -> Paper:
    """Take a value as the field's: the one that was read, or another. What the software read stays beside it."""
    paper = keep_field(paper=paper, key=key, value=value, by=by, at=at)
    reading = best_readings(paper).get(key)
    if reading is not None:
        settled = FieldReading.KEPT if reading.value == paper.fields[key] else FieldReading.CHANGED
        reading.settled, reading.settled_by, reading.settled_at = settled, by, at
        reading.save(update_fields=["settled", "settled_by", "settled_at"])
        audit.record(FieldSettled(paper_id=paper.public_id, field=key, settled=settled), by=by, at=at)
    return paper


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def add_service(*, paper: Paper, by: User, at: datetime) -> int:
    """Give a paper one more service and return its number; one that was taken away comes back as it was.

    Raises:
        Invalid: a request holds no more.
    """
    paper = locked_paper(paper)
    services = services_of(paper, best_readings(paper))
    number = next((each for each in range(1, MAX_LINES + 1) if each not in services), None)
    if number is None:
        raise Invalid(
            f"One request holds at most {MAX_LINES} services. Split the paper and enter the rest as another one."
        )
    _keep_services(paper, [*services, number], at=at)
    return number


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def take_service_away(*, paper: Paper, number: int, by: User, at: datetime) -> None:
    """Leave a service out of the request; what was read and typed of it stays with the paper.

    Raises:
        Invalid: the paper has no such service, or no other.
    """
    paper = locked_paper(paper)
    services = services_of(paper, best_readings(paper))
    if number not in services:
        raise Invalid("This service is not on the list any more. Reload the page.")
    if len(services) == 1:
        raise Invalid("A request asks for at least one service. Change this one, or close the paper.")
    _keep_services(paper, [each for each in services if each != number], at=at)


def _keep_services(paper: Paper, services: list[int], *, at: datetime) -> None:
    paper.fields = {**paper.fields, SERVICES: " ".join(map(str, sorted(services)))}
    paper.version, paper.saved_at = paper.version + 1, at
    paper.save(update_fields=["fields", "version", "saved_at"])


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def choose_member(*, paper: Paper, member: Member, by: User, at: datetime) -> Paper:
    """Say who is meant.

    Raises:
        Invalid: a member of another plan.
    """
    paper = locked_paper(paper)
    if member.plan_id != paper.plan_id:
        raise Invalid("This person belongs to another plan. Choose a member of the plan the paper was sent to.")
    member = member.linked_to or member
    paper.member, paper.member_chosen_by = member, by
    paper.version, paper.saved_at = paper.version + 1, at
    paper.save(update_fields=["member", "member_chosen_by", "version", "saved_at"])
    audit.record(PaperMemberChosen(paper_id=paper.public_id, member_id=member.public_id), by=by, at=at)
    return paper
