"""One world with a row of every kind, and every persona twice: at the plan of the rows, and at another one."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from openum.accounts.models import Organization, Plan, User
from openum.accounts.services import register_person
from openum.appeals.services import build_packet
from openum.callers.rules import Fact
from openum.callers.services import Said, begin_call
from openum.cases.models import Attachment, Case
from openum.cases.services import ItemAsked
from openum.clocks.models import Breach, Clock, Escalation
from openum.criteria.models import GuidelineDraft
from openum.criteria.simulation.models import Simulation
from openum.directory.models import Policy, Product
from openum.forms.models import Filling
from openum.grievances.models import ProviderDispute
from openum.grievances.rules import About
from openum.grievances.services import Complained, file_dispute, file_grievance
from openum.intake.correcting.services import propose_receipt
from openum.intake.forwarding.services import Outside, forward_outside
from openum.intake.models import DuplicateHint
from openum.intake.papers.services import receive_paper
from openum.intake.provisional.services import take_unknown
from openum.needs.models import Assertion
from openum.needs.queries import Question
from openum.needs.services import Asker, answer_person
from openum.notices.models import Notice
from openum.retrospective.models import Lead
from openum.review.services import add_slot, ask_for_information, offer_conversation
from openum.sampling.queries import Wanted
from openum.sampling.rules import Universe
from openum.sampling.services import draw_sample
from openum.submission import drafts
from openum.submission.incoming import IncomingDiagnosis, IncomingMember
from openum.submission.models import Submission
from openum.vocabulary.terms import Channel, LineOfBusiness, Role
from tests.appeals import story
from tests.intake.papers import pdf, read_all
from tests.retrospective import story as claims
from tests.world import ICD10, World, knee_request, member, note, npi, send

HOME, ABROAD = "own", "other"


@dataclass
class Town:
    """The rows by name, and the personas by role and place."""

    world: World
    rows: dict[str, object]
    people: dict[tuple[Role, str], User]

    def id_of(self, name: str) -> UUID:
        """The public id of a row."""
        return self.rows[name].public_id


def make(world: World, at) -> Town:
    """Make it."""
    other = Plan.objects.create(tenant=world.plan.tenant, key="elsewhere", name="Elsewhere Plan", phone="555-0199")
    product = Product.objects.create(
        plan=other, key="e", name="Elsewhere PPO", line_of_business=LineOfBusiness.COMMERCIAL_STATE, languages=["en"]
    )
    stranger = member(product, "X-1", "Oak", "Otto")
    offices = {
        HOME: world.practice,
        ABROAD: Organization.objects.create(
            tenant=world.plan.tenant, kind=Organization.PROVIDER, name="Other Practice", npi=npi(900000777)
        ),
    }
    people = {}
    for role in Role:
        for place, plan in ((HOME, world.plan), (ABROAD, other)):
            at_office = role == Role.PROVIDER_STAFF
            people[role, place] = register_person(
                email=f"{role}.{place}@test.invalid", name=f"{role} {place}".title(), password=None,
                roles=[(role, None if at_office else plan, offices[place] if at_office else None)],
            )  # fmt: skip
    world.commercial_member.user, stranger.user = people[Role.MEMBER, HOME], people[Role.MEMBER, ABROAD]
    world.commercial_member.save()
    stranger.save()
    rows = _rows(world, at)
    said = Said(facts={Fact.MEMBER_NUMBER: "C-1", Fact.NAME: "Rose Alder"})
    paper = receive_paper(
        plan=world.plan, content=pdf(), name="fax.pdf", channel=Channel.FAX, received_at=at, by=world.intake, at=at
    )
    read_all(paper, at)
    rows["receipt proposal"] = propose_receipt(
        request=rows["request"], received_at=at - timedelta(hours=1), reason="date stamp", by=world.intake, at=at
    )
    rows |= {"paper": paper, "page": paper.pages.get()}
    stray = receive_paper(
        plan=world.plan, content=pdf(), name="stray.pdf", channel=Channel.FAX, received_at=at - timedelta(hours=1),
        by=world.intake, at=at,
    )  # fmt: skip
    rows["provisional"] = take_unknown(
        plan=world.plan, product=world.commercial, family="Unknown", given="", birth_date=None, by=world.intake, at=at
    )
    rows["forwarding"] = forward_outside(
        submission=stray.submission, to=Outside(name="Far Plan", channel=Channel.FAX, address="555-0180"),
        reason="Covered there.", by=world.intake, at=at,
    )  # fmt: skip
    rows["claim line"] = claims.taken(world, "K-1", at=at)
    rows["lead"] = Lead.objects.get(claim_id="K-1")
    rows["call"] = begin_call(plan=world.plan, said=said, by=people[Role.SERVICE_REPRESENTATIVE, HOME], at=at)
    today = at.date()
    wanted = Wanted(universe=Universe.DECISIONS, first_day=today - timedelta(days=9), last_day=today)
    rows["sample"] = draw_sample(
        plan=world.plan, wanted=wanted, size=1, purpose="Examination.", by=people[Role.AUDITOR, HOME], at=at
    )
    rows["policy"] = Policy.objects.create(
        plan=world.plan,
        kind="routing",
        key="own",
        version="1",
        effective_from=today,
        digest="d",
        body="",
        published_at=at,
    )
    return Town(world, rows, people)


def _rows(world: World, at) -> dict[str, object]:
    denied = story.denied(world, at - timedelta(days=2))
    desk = story.coordinator(world)
    appeal = story.file(world, denied, at)
    open_case = send(world, knee_request(world, at=at, evidence=(note("Visit", "Knee pain."),)), at=at).case
    line = open_case.lines.get()
    request = open_case.requests.get()
    send(world, knee_request(world, at=at, member=IncomingMember(member_id="C-9", family="Nobody")), at=at)
    question = Question(
        plan=world.plan, product=world.medicare, member=world.member, services=(("CPT", "95806"),), on=at.date(),
        organization=world.practice,
    )  # fmt: skip
    answer_person(
        question=question, asker=Asker(user=world.provider, plan=world.plan, organization=world.practice), at=at
    )
    clock = Clock.objects.filter(case=open_case).first()
    complained = Complained(about=About.SERVICE, issue="Nobody called.", channel=Channel.PHONE, received_at=at)
    file_dispute(
        line=denied, organization=world.practice, issue="Paid wrongly.", channel=Channel.PORTAL, received_at=at,
        by=world.provider, at=at,
    )  # fmt: skip
    return {
        "case": open_case,
        "line": line,
        "request": request,
        "denied line": denied,
        "sealed case": _sealed(world, at),
        "document": Attachment.objects.filter(case=open_case, kind=Attachment.DOCUMENT).first(),
        "question": _asked(world, open_case, request, line, at),
        "talk": offer_conversation(
            line=line, how="before the decision", open_until=None, by=world.orthopaedist, at=at
        ),
        "slot": add_slot(
            physician=world.orthopaedist, starts_at=at + timedelta(days=1), by=world.orthopaedist, at=at
        ),
        "appeal": appeal,
        "packet": build_packet(appeal=appeal, by=desk, at=at),
        "letter": Notice.objects.filter(case=denied.case, audience="member").first(),
        "grievance": file_grievance(
            member=world.commercial_member, case=open_case, complained=complained, by=world.intake, at=at
        ),
        "dispute": ProviderDispute.objects.get(),
        "breach": Breach.objects.create(
            case=open_case, clock=clock, rule="x", rule_version=1, due_at=at, missed="late", ball="payer", citation="c",
            noticed_at=at,
        ),
        "escalation": Escalation.objects.create(case=open_case, clock=clock, rung="r", due_at=at, raised_at=at),
        "waiting": Submission.objects.get(case__isnull=True),
        "submission": open_case.submissions.first(),
        "hint": DuplicateHint.objects.create(
            request=request, looks_like=denied.case, why="same service", noticed_at=at
        ),
        "answer": Assertion.objects.get(),
        "client": world.client,
        "portal draft": drafts.start(plan=world.plan, organization=world.practice, by=world.provider, at=at),
        "guideline draft": GuidelineDraft.objects.create(
            plan=world.plan, key="k", version="1", started_by=world.nurse, started_at=at, changed_at=at
        ),
        "simulation": Simulation.objects.create(
            plan=world.plan, key="k", version="1", draft_body="", draft_digest="d", requests_from=at, requests_to=at,
            asked_by=world.physician, asked_at=at,
        ),
        "filling": Filling.objects.create(
            plan=world.plan, organization=world.practice, started_by=world.provider, form="urn:f|1", title="Form",
            started_at=at, saved_at=at,
        ),
    }  # fmt: skip


def _sealed(world: World, at) -> Case:
    drinks = (IncomingDiagnosis(sequence=1, system=ICD10, code="F10.20"),)
    return send(world, knee_request(world, at=at, diagnoses=drinks), at=at).case


def _asked(world: World, case: Case, request, line, at):
    return ask_for_information(
        case=case,
        request=request,
        items=[ItemAsked(line=line, text="The X-ray report, please.")],
        by=world.nurse,
        at=at,
    )
