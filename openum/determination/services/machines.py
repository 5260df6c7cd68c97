"""Writes the ledger of machines: each suggestion as it is made, and what a person then did."""

from typing import Any

from openum import __version__
from openum.audit import Recorded
from openum.cases import working
from openum.cases.events import DocumentReceived, InformationRequested
from openum.cases.models import AttachmentPage, Case, InformationItem, ServiceLine
from openum.cases.services.documents import RECOGNIZED
from openum.criteria.events import CriteriaEvaluated, EvidenceLinked, EvidenceUnlinked, FindingRecorded
from openum.criteria.models import EvidenceLink, EvidenceMap, Finding
from openum.criteria.queries import current_map, map_key
from openum.db import plain
from openum.determination.events import ApprovalLookedAt, LineDecided
from openum.determination.models import Determination, MachineEntry, MachineReply
from openum.intake.events import ReadingUsed
from openum.intake.models import FieldReading, PaperPage
from openum.vocabulary.terms import FindingValue, LineStatus


def note_evaluation(event: CriteriaEvaluated, recorded: Recorded) -> None:
    """Write down what the rule engine answered for a line, and on what. Without a guideline it has answered nothing."""
    line = working.lines_by_public_id(event.line_ids[:1])[0]
    picture = current_map(line)
    if not picture.has_guideline:
        return
    name = f"{picture.guideline_id} {picture.guideline_version}"
    at_hand = working.recall(map_key(line))
    frozen = at_hand.frozen if at_hand is not None else EvidenceMap.objects.get(public_id=event.map_id)
    _write(
        line.case, line, recorded, kind=MachineEntry.RULE, name=name,
        given={"evidence_map": str(event.map_id), "digest": frozen.digest}, said={"finding": event.value},
    )  # fmt: skip


def note_question(event: InformationRequested, recorded: Recorded) -> None:
    """Write down what software asked the provider for."""
    if not recorded.by.is_machine:
        return
    line = working.lines_by_public_id(event.line_ids[:1])[0]
    items = InformationItem.objects.filter(information_request__public_id=event.information_request_id).order_by("pk")
    _write(
        line.case, line, recorded, kind=MachineEntry.RULE, name="question to the provider",
        given={"information_request": str(event.information_request_id)},
        said={"asked": [{"criterion": item.leaf, "document": item.document_kind} for item in items]},
    )  # fmt: skip


def note_recognition(event: DocumentReceived, recorded: Recorded) -> None:
    """Write down which pages were read by text recognition, and by what."""
    if not event.has_recognized_text:
        return
    pages = list(
        AttachmentPage.objects.filter(attachment__public_id__in=event.attachment_ids, origin__startswith=RECOGNIZED)
        .select_related("attachment__case")
        .order_by("attachment_id", "number")
    )
    _write(
        pages[0].attachment.case, None, recorded, kind=MachineEntry.READING, name=pages[0].origin,
        given={"documents": sorted({str(page.attachment.public_id) for page in pages})},
        said={"pages": [{"page": page.number, "characters": len(page.text)} for page in pages]},
    )  # fmt: skip


def note_reading(event: ReadingUsed, recorded: Recorded) -> None:
    """Write down what text recognition read on a page of a paper that went into a case, and what people did with it."""
    assert event.case_id is not None
    case = Case.objects.get(public_id=event.case_id)
    page = PaperPage.objects.get(public_id=event.page_id)
    readings = list(page.readings.order_by("pk"))
    _write(
        case, None, recorded, kind=MachineEntry.READING, name=page.reader,
        given={"page": str(page.public_id), "digest": page.input_digest},
        said={"fields": {one.key: {"value": one.value, "confidence": one.confidence} for one in readings}},
    )  # fmt: skip
    settled = [one for one in readings if one.settled]
    if not settled:
        return
    changed = [one.key for one in settled if one.settled == FieldReading.CHANGED]
    entry = MachineEntry.objects.get(event_id=recorded.event_id)
    did = f"kept {len(settled) - len(changed)} fields, changed {len(changed)}"
    _reply(entry, recorded, did=f"{did}: {', '.join(changed)}" if changed else did, is_followed=not changed)


def note_decision(event: LineDecided, recorded: Recorded) -> None:
    """Write down an approval by rule, or what a person decided after what the machine had suggested."""
    line = working.lines_by_public_id(event.line_ids[:1])[0]
    if recorded.by.is_machine:
        at_hand = working.recall(("determination", line.pk))
        decision = at_hand or Determination.objects.select_related("approval_rule").get(
            public_id=event.determination_id
        )
        rule = decision.approval_rule
        _write(
            line.case, line, recorded, kind=MachineEntry.RULE,
            name=f"{rule.key} {rule.version}" if rule else "approval",
            given={"determination": str(event.determination_id)}, said={"outcome": event.outcome},
        )  # fmt: skip
        return
    entry = _newest(line)
    if entry is not None:
        met = entry.output.get("finding") == FindingValue.MET
        is_followed = met == (event.outcome == LineStatus.APPROVED) if "finding" in entry.output else None
        _reply(entry, recorded, did=event.outcome, is_followed=is_followed)


def note_finding(event: FindingRecorded, recorded: Recorded) -> None:
    """Write down a person's answer to a criterion beside the machine's."""
    line = working.lines_by_public_id(event.line_ids[:1])[0]
    entry = _newest(line)
    if entry is None or recorded.by.is_machine:
        return
    machine = Finding.objects.filter(line=line, leaf=event.leaf, is_machine=True).order_by("-made_at", "-pk").first()
    _reply(
        entry, recorded, did=f"{event.leaf}: {event.value}",
        is_followed=machine.value == event.value if machine else None,
    )  # fmt: skip


def note_link(event: EvidenceLinked | EvidenceUnlinked, recorded: Recorded) -> None:
    """Write down whether a person confirmed or closed a place in the record that the machine had proposed."""
    link = EvidenceLink.objects.filter(public_id=event.link_id, is_machine=True).select_related("line").first()
    entry = _newest(link.line) if link is not None and not recorded.by.is_machine else None
    if entry is None:
        return
    is_kept = isinstance(event, EvidenceLinked)
    did = f"{event.leaf}: {'confirmed' if is_kept else 'closed'} the place that was proposed"
    _reply(entry, recorded, did=did, is_followed=is_kept)


def note_look(event: ApprovalLookedAt, recorded: Recorded) -> None:
    """Write down beside an approval by rule what the clinician found who looked at it again."""
    rows = MachineEntry.objects.filter(line__public_id__in=event.line_ids)
    entry = rows.filter(input__determination=str(event.determination_id)).first()
    if entry is not None:
        did = "looked again: agrees" if event.agrees else "looked again: would not have approved"
        _reply(entry, recorded, did=did, is_followed=event.agrees)


def _newest(line: ServiceLine) -> MachineEntry | None:
    """Return the last suggestion about the criteria of a line."""
    rows = MachineEntry.objects.filter(case_id=line.case_id, line=line, output__has_key="finding")
    return rows.order_by("-at", "-pk").first()


def _write(
    case: Case, line: ServiceLine | None, recorded: Recorded, *, kind: str, name: str, given: dict[str, Any],
    said: dict[str, Any],
) -> None:  # fmt: skip
    entry = plain.new(
        MachineEntry, case=case, line=line, kind=kind, name=name, version=__version__, input=given, output=said,
        event_id=recorded.event_id, at=recorded.at,
    )  # fmt: skip
    plain.insert([entry])


def _reply(entry: MachineEntry, recorded: Recorded, *, did: str, is_followed: bool | None) -> None:
    reply = plain.new(
        MachineReply, entry=entry, by=recorded.by, did=did, is_followed=is_followed, event_id=recorded.event_id,
        at=recorded.at,
    )  # fmt: skip
    plain.insert([reply])
