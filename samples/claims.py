"""Claims that rules found in the demo world, and three of them under review; by the same services that people use."""

import csv
import io
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from openum import audit, jobs
from openum.accounts.models import User
from openum.cases.models import Attachment, ServiceLine
from openum.cases.services import ItemAsked, NewDocument
from openum.retrospective.models import ClaimFinding, ClaimLine, Lead
from openum.retrospective.rules.findings import Answer, Issue, Question
from openum.retrospective.rules.leads import NEEDED
from openum.retrospective.services import (
    hold_claim,
    load_leads,
    make_finding,
    receive_reply,
    send_finding,
    take_up,
)
from openum.retrospective.services.findings import Found, PageLink
from openum.review.services import ask_for_information, receive_information
from openum.vocabulary.terms import Channel
from samples import named
from samples.acting import Stage

HEADS = (*NEEDED, "quantity", "modifiers", "place", "diagnosis", "drg", "charge")
_OKORO = "KT-3000088"
_OFFICE, _HOSPITAL, _PRIMARY = "bayline-ortho", "bayline-surgery", "harbor-primary"
_THERAPY, _STAY, _VISIT, _TWIN = "C-77260", "C-77301", "C-77103", "C-77188"


def build(stage: Stage, nurse: User) -> int:
    """Load leads and take three claims up: one waits for records, one for the practice, one was rebutted; return the leads."""
    with transaction.atomic(), audit.batch():
        loaded = load_leads(
            plan=stage.places.plan, content=_file(stage), by=nurse, at=stage.until - timedelta(days=9)
        ).new  # fmt: skip
        _waits_for_records(stage, nurse)
        _waits_for_the_practice(stage, nurse)
        _rebutted(stage, nurse)
    jobs.run_due(stage.until, limit=50)
    return loaded


def _file(stage: Stage) -> bytes:
    """Return the file that `openum claims leads` would write."""
    day = stage.until.date() - timedelta(days=40)
    npi = {key: stage.places.organizations[key].npi for key in (_OFFICE, _HOSPITAL, _PRIMARY)}
    members = [each.number for each in named.MEMBERS]
    visits = [
        _row(f"C-771{10 + number}", "upcoding", members[number % len(members)], npi[_PRIMARY], day - timedelta(days=number),
             "99215", "110.00", "11 of 40 visits, others of the specialty 6 %", diagnosis="J06.9")
        for number in range(6)
    ]  # fmt: skip
    rows = [
        _row(_VISIT, "upcoding", _OKORO, npi[_PRIMARY], day, "99215", "110.00",
             "11 of 40 visits, others of the specialty 6 %", diagnosis="J06.9"),
        _row(_TWIN, "duplicate", _OKORO, npi[_PRIMARY], day, "99215", "180.00", f"claim {_VISIT}", diagnosis="J06.9"),
        _row(_THERAPY, "no_authorization", _OKORO, npi[_OFFICE], day + timedelta(days=6), "97110", "260.00",
             "units 14 of 12", quantity="8", diagnosis="M54.50"),
        _row(_STAY, "drg_validation", _OKORO, npi[_HOSPITAL], day + timedelta(days=2), "", "6100.00",
             "severity of DRG 871 rests on J9601 alone", drg="871", place="21", diagnosis="A41.9"),
        *visits,
        _row("C-77402", "sex_age", members[1], npi[_PRIMARY], day, "90460", "42.00", "age 61"),
        _row("C-77418", "after_death", "KT-3999999", npi[_PRIMARY], day, "E1390", "95.00",
             f"died {day - timedelta(days=3)}, rented equipment", modifiers="RR", place="12"),
    ]  # fmt: skip
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _row(
    claim: str, rule: str, person: str, npi: str, day: date, code: str, amount: str, evidence: str, **more: str
) -> dict[str, str]:
    return {
        "rule": rule, "version": "1", "person_id": person, "payer": "lumen", "data_source": "lumen-claims", "claim_id": claim,
        "claim_line_number": "1", "provider": npi, "day": day.isoformat(), "procedure": code, "amount": amount,
        "evidence": evidence, "quantity": "1", "place": "11", "charge": amount,
    } | more  # fmt: skip


def _taken(claim: str, stage: Stage, nurse: User) -> ClaimLine:
    lead = Lead.objects.select_related("plan").get(plan=stage.places.plan, claim_id=claim)
    take_up(
        lead=lead, received_at=stage.until - timedelta(days=10), by=nurse, at=stage.until - timedelta(days=8)
    )  # fmt: skip
    return ClaimLine.objects.select_related("line__case__product", "line__case__plan", "line__request").get(
        claim_id=claim, line__case__plan=stage.places.plan
    )


def _record(row: ClaimLine, title: str, text: str, stage: Stage, nurse: User) -> Attachment:
    """Ask for a record and receive it three days later."""
    line = ServiceLine.objects.get(pk=row.line_id)
    question = ask_for_information(
        case=line.case, request=line.request, by=nurse, at=stage.until - timedelta(days=7),
        items=[ItemAsked(line=line, text="The record of this service.")],
    )  # fmt: skip
    paper = NewDocument(title=title, content_type="text/plain", content=text.encode(), document_kind="clinical-note")
    received: list[Attachment] = receive_information(
        question=question, documents=[paper], answered=list(question.items.all()), channel=Channel.MAIL, by=nurse,
        at=stage.until - timedelta(days=4),
    )  # fmt: skip
    return received[0]


def _sent(
    row: ClaimLine, record: Attachment, issue: Issue, words: str, stage: Stage, nurse: User, *, code: str = "",
    units: Decimal | None = None, cents: int, offers: bool = False,
) -> ClaimFinding:  # fmt: skip
    at: datetime = stage.until - timedelta(days=3)
    found = Found(
        issue=issue, answers=dict.fromkeys(Question, Answer.YES), words=words, documented_code=code, documented_units=units,
        pages=(PageLink(document=str(record.public_id), page=1),), amount_cents=cents, offers_late_request=offers,
    )  # fmt: skip
    return send_finding(finding=make_finding(claim_line=row, found=found, by=nurse, at=at), by=nurse, at=at)


def _waits_for_records(stage: Stage, nurse: User) -> None:
    """Ask for the note of a visit and hold its payment."""
    row = _taken(_VISIT, stage, nurse)
    line = ServiceLine.objects.get(pk=row.line_id)
    at = stage.until - timedelta(days=1)
    ask_for_information(
        case=line.case, request=line.request, by=nurse, at=at,
        items=[ItemAsked(line=line, text="The note of this visit.")],
    )  # fmt: skip
    hold_claim(claim_line=row, because="The same visit is on another claim.", by=nurse, at=at)


def _waits_for_the_practice(stage: Stage, nurse: User) -> None:
    """Send the office a finding that it may answer in the portal."""
    row = _taken(_THERAPY, stage, nurse)
    record = _record(row, "Therapy record", "Visit 14. 38 timed minutes of exercise.", stage, nurse)
    _sent(
        row, record, Issue.UNITS,
        "The therapist documents 38 timed minutes, which are 3 units. Visits 13 and 14 have no authorization.", stage, nurse,
        units=Decimal(3), cents=16_250, offers=True,
    )  # fmt: skip


def _rebutted(stage: Stage, nurse: User) -> None:
    """A hospital answers a finding about its DRG; a physician has to say what it comes to."""
    row = _taken(_STAY, stage, nurse)
    record = _record(
        row, "Hospital record", "Lactate 1.4, respirations 18, cultures negative. PaO2 58 on room air.", stage, nurse
    )
    finding = _sent(
        row, record, Issue.GROUPING,
        "No organ failed: lactate 1.4, 18 breaths a minute, cultures negative. Neither A41.9 nor J96.01 stands.", stage, nurse,
        code="194", cents=610_000,
    )  # fmt: skip
    at = stage.until - timedelta(hours=20)
    receive_reply(
        finding=finding, agrees=False, said_by="Hospital coder", words="Arterial PaO2 was 58 on room air.",
        channel=Channel.MAIL, received_at=at, by=nurse, at=at, document=record,
    )  # fmt: skip
