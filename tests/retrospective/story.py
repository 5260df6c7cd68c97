"""Claims that rules found, and the people who review them. Made by the real services; everybody is invented."""

from datetime import date, datetime

from openum.accounts.services import register_person
from openum.cases.services import NewDocument
from openum.retrospective.models import ClaimLine, Lead
from openum.retrospective.rules.findings import Answer, Issue, Question
from openum.retrospective.rules.leads import NEEDED
from openum.retrospective.services import load_leads, make_finding, take_up
from openum.retrospective.services.findings import Found, PageLink
from openum.vocabulary.terms import Role

EXTRA = ("quantity", "modifiers", "place", "diagnosis", "drg", "charge")
FINE = dict.fromkeys(Question, Answer.YES)


def row(claim, rule="duplicate", **changes) -> dict[str, str]:
    """One row of a file of leads."""
    facts = {
        "rule": rule, "version": "1", "person_id": "E-1", "payer": "tpa", "data_source": "s", "claim_id": claim,
        "claim_line_number": "1", "provider": "", "day": "2026-10-14", "procedure": "99215", "amount": "180.00",
        "evidence": "claim 1", "quantity": "1", "modifiers": "", "place": "11", "diagnosis": "J06.9", "drg": "",
        "charge": "240.00",
    }  # fmt: skip
    return facts | changes


def file(*rows, heads=(*NEEDED, *EXTRA)) -> bytes:
    """A file of leads."""
    return "\n".join([",".join(heads), *(",".join(each.get(head, "") for head in heads) for each in rows)]).encode()


def load(world, *rows, at: datetime):
    """Load leads as the nurse."""
    return load_leads(plan=world.plan, content=file(*rows), by=world.nurse, at=at)


def taken(world, claim, *, at: datetime, received_at: datetime | None = None, **changes) -> ClaimLine:
    """The claim line of a lead that was taken up."""
    load(world, row(claim, provider=world.practice.npi, **changes), at=at)
    lead = Lead.objects.get(claim_id=claim)
    case = take_up(lead=lead, received_at=received_at or at, by=world.nurse, at=at)
    return ClaimLine.objects.select_related("line__case", "line__request").get(line__case=case)


def found(issue: Issue, words: str = "The visit note supports a lower level of service.", **changes) -> Found:
    """A finding with the four questions answered."""
    return Found(**{"issue": issue, "answers": FINE, "words": words} | changes)


def finding(world, claim_line, issue: Issue, *, at: datetime, **changes):
    """A finding by the nurse."""
    return make_finding(claim_line=claim_line, found=found(issue, **changes), by=world.nurse, at=at)


def paper(title="Visit note", text="Cough for two days.") -> NewDocument:
    """A record of one page."""
    return NewDocument(title=title, content_type="text/plain", content=text.encode(), document_kind="clinical-note")


def link(document, page=1) -> PageLink:
    """Where it stands."""
    return PageLink(document=str(document.public_id), page=page)


def internist(world, name="claims physician"):
    """A physician without a field of service."""
    return register_person(
        email=f"{name.replace(' ', '.')}@test.invalid", name=name.title(), password=None,
        roles=[(Role.MEDICAL_DIRECTOR, world.plan, None)], specialties=("internal medicine",),
        licences=(("physician", "EX", f"X-{name}", date(2015, 1, 1)),),
    )  # fmt: skip
