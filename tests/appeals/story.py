"""A denied knee replacement, and people who may or may not decide its appeal. Made by the real services."""

import itertools
from datetime import date, datetime, timedelta

from openum.accounts.models import User
from openum.accounts.services import register_person
from openum.appeals.models import Appeal
from openum.appeals.rules.law import Body, Filer
from openum.appeals.rules.states import Outcome
from openum.appeals.services import (
    AppealAsked,
    Verdict,
    assign_reviewer,
    enter_review_organization,
    file_appeal,
)
from openum.cases.models import ServiceLine
from openum.cases.queries import current_lines
from openum.clocks.models import Clock
from openum.determination.models import Determination
from openum.determination.protecting import statement_guards
from openum.determination.queries import open_leaves
from openum.determination.rules import GuardAnswer
from openum.determination.services import deny_line
from openum.directory.queries import latest_coverage, product_of
from openum.jobs import run_due
from openum.notices.models import Notice
from openum.review.queries import documents_to_open
from openum.review.services import open_evidence, refer_to_physician
from openum.vocabulary.terms import Channel, LineOfBusiness, Role
from tests.world import knee_request, note, send

WHY = "The record shows seven weeks of therapy. The guideline asks for twelve weeks or a reason why not."
STILL = "The record still shows seven weeks of therapy and no reason why it stopped. Twelve weeks are asked for."
DAY = timedelta(days=1)
_numbers = itertools.count(1)


def letters(line, kind: str, audience: str = "member") -> list[Notice]:
    """The letters of a kind on the case of a line, oldest first."""
    return list(Notice.objects.filter(case=line.case, kind=kind, audience=audience).order_by("pk"))


def clock(appeal: Appeal, rule: str) -> Clock:
    """The clock of a rule that runs on an appeal."""
    return Clock.objects.get(request=appeal.request, rule=rule)


def work(at: datetime) -> None:
    """Let the worker do what is due."""
    run_due(at + timedelta(seconds=1), 200)


def coordinator(world) -> User:
    """The appeals coordinator of the plan."""
    return person(world, "coordinator", Role.APPEALS, ())


def person(
    world, name: str, role: Role, specialties, *, licence=("physician", "EX"), manager: User | None = None
) -> User:
    """Somebody of the plan with a licence."""
    number = next(_numbers)
    made = register_person(
        email=f"{name}.{number}@test.invalid", name=name.title(), password=None, roles=[(role, world.plan, None)],
        specialties=tuple(specialties), licences=((*licence, f"X{number}", date(2015, 1, 1)),) if licence else (),
    )  # fmt: skip
    if manager is not None:
        made.manager = manager
        made.save()
    return made


def surgeon(world, **facts) -> User:
    """A physician of the service's field who took no part."""
    return person(world, "second surgeon", Role.ORTHOPAEDIST, ("orthopaedics",), **facts)


def denied(world, at: datetime, *, of=None, authority: str = "", **changes) -> ServiceLine:
    """A knee replacement that the medical director denied; for another service `authority` says by which rule."""
    request = knee_request(world, of=of, at=at, evidence=(note("Visit", f"Knee pain {next(_numbers)}."),), **changes)
    line = current_lines(send(world, request, at=at).case)[0]
    refer_to_physician(line=line, summary="Seven weeks of therapy.", by=world.nurse, at=at + timedelta(hours=1))
    deny(world, line, at + timedelta(hours=2), cited_authority=authority)
    line.refresh_from_db()
    return line


def by_mail(member) -> None:
    """Let a member's letters wait for the mail house; the portal publishes at once."""
    member.notice_format = "print"
    member.save()


def denied_under(world, at: datetime, business: LineOfBusiness, **changes) -> ServiceLine:
    """A denied line of a member whose product is of another line of business."""
    product = product_of(latest_coverage(member=world.erisa_member, known_at=at), world.plan)
    product.line_of_business = business
    product.save()
    return denied(world, at, of=world.erisa_member, **changes)


def deny(world, line, at: datetime, **facts) -> Determination:
    """Deny a line as the medical director, with everything opened and answered."""
    open_all(line, world.physician, at)
    return deny_line(
        line=line, by=world.physician, at=at, rationale=WHY, node_answers=answers(line),
        conversation=GuardAnswer.NOT_APPLICABLE, conversation_reason="Tried by phone before; see the note.", **facts,
    )  # fmt: skip


def open_all(line, by: User, at: datetime) -> None:
    """Open every document of a case."""
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=by, at=at)


def answers(line) -> dict[str, str]:
    """An answer to every criterion that is open."""
    return dict.fromkeys(open_leaves(line), "Not shown in the record that was sent.")


def asked_by_law(line) -> dict[str, str]:
    """An answer to everything that the law asks about a person before a no."""
    on = line.request.received_at.date()
    guards = statement_guards(ServiceLine.objects.get(pk=line.pk), statements={}, on=on)
    return dict.fromkeys((guard.key for guard in guards), "Judged again on the whole record of this person.")


def asked(at: datetime, **changes) -> AppealAsked:
    """An appeal by the member, in words."""
    facts = {"filer": Filer.MEMBER, "issue": "Therapy made my knee swell.", "channel": Channel.PHONE, "received_at": at}
    return AppealAsked(**facts | changes)


def file(world, line, at: datetime, *, by: User | None = None, **changes) -> Appeal:
    """File an appeal and let the worker run."""
    appeal = file_appeal(line=line, asked=asked(at, **changes), by=by or world.intake, at=at)
    run_due(at + timedelta(seconds=1), 100)
    return appeal


def assigned(world, line, at: datetime, reviewer: User, desk: User, **changes) -> Appeal:
    """File an appeal and give it to a reviewer who opened everything."""
    appeal = file(world, line, at, **changes)
    assign_reviewer(appeal=appeal, reviewer=reviewer, by=desk, at=at)
    open_all(line, reviewer, at)
    return appeal


def no(line, **changes) -> Verdict:
    """A verdict that upholds."""
    facts = {
        "outcome": Outcome.UPHELD,
        "rationale": STILL,
        "node_answers": answers(line) | asked_by_law(line),
        "attests": True,
    }
    return Verdict(**facts | changes)


def yes(**changes) -> Verdict:
    """A verdict that overturns."""
    facts = {
        "outcome": Outcome.OVERTURNED, "rationale": "The therapist stopped for swelling; that meets the rule.",
        "cause_kind": "node", "cause_key": "3b", "cause_words": "Nobody asked the therapist why therapy stopped.",
        "attests": True,
    }  # fmt: skip
    return Verdict(**facts | changes)


def organizations(world, by: User, at: datetime, *, body: Body = Body.EXTERNAL, names=("Alder", "Birch", "Cedar")):
    """Independent review organizations under contract."""
    return [
        enter_review_organization(plan=world.plan, body=body, name=f"{name} Review", by=by, at=at) for name in names
    ]
