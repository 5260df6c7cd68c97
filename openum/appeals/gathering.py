"""Reading what the file of an appeal holds, frozen as plain data; and finding the bytes of its documents again."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from openum.appeals.models import Appeal, AppealDecision, PanelVote
from openum.appeals.packet import instant
from openum.appeals.queries import experts_of
from openum.cases.models import Attachment, ContactAttempt, Note, ServiceLine
from openum.clocks.models import Clock
from openum.criteria.renderers.appeal import Packet as MapPacket
from openum.criteria.renderers.appeal import packet_of
from openum.criteria.snapshots import view_of
from openum.determination.models import Determination
from openum.determination.protections import Law
from openum.determination.queries import determinations_of
from openum.directory.models import Policy
from openum.notices.models import Notice, NoticeState
from openum.notices.services import ensure_pdf
from openum.vocabulary.canonical import json_bytes

_WORDS = {
    "denied": "denied",
    "partially_approved": "approved in part",
    "approved": "approved",
    "dismissed": "dismissed",
}


def gather(appeal: Appeal, *, at: datetime) -> dict[str, Any]:
    """Freeze everything that the file of an appeal says, as of an instant."""
    case, line = appeal.line.case, appeal.line
    decisions = determinations_of(line)
    appeals = list(
        AppealDecision.objects.select_related("appeal", "decided_by", "evidence_map")
        .filter(appeal__line=line)
        .order_by("decided_at", "pk")
    )
    files = list(_files(appeal, decisions, appeals))
    inputs: dict[str, Any] = {
        "sealed_at": instant(at),
        "appeal": {
            "number": appeal.number,
            "level": f"{appeal.level}, {appeal.body.replace('_', ' ')}",
            "filed_at": instant(appeal.filed_at),
            "filed_by": appeal.filer_name or "the member",
            "speed": "expedited" if appeal.speed == "granted" else "standard",
            "law": appeal.law,
            "issue": appeal.issue,
        },
        "plan": {"name": case.plan.name, "phone": case.plan.phone},
        "member": {
            "name": case.member.full_name, "number": case.member.member_number,
            "born": case.member.birth_date.isoformat() if case.member.birth_date else "",
        },
        "service": {"words": line.wording or line.code, "code": "-".join([line.code, *map(str, line.modifiers)])},
        "decisions": [*(_determination(row) for row in decisions), *(_appeal_decision(row) for row in appeals)],
        "experts": experts_of(line),
        "opinions": list(_opinions(line)),
        "maps": list(_maps(decisions, appeals)),
        "clocks": [
            {
                "title": clock.title, "law": clock.citation, "due": instant(clock.due_at) if clock.due_at else "",
                "state": clock.state,
            }
            for clock in Clock.objects.filter(case=case).order_by("started_at", "pk")
        ],
        "notes": list(_notes(appeal)),
        "files": files,
    }  # fmt: skip
    inputs["missing"] = _missing(inputs)
    return inputs


def _determination(row: Determination) -> dict[str, Any]:
    return {
        "title": f"Decision of {row.decided_at.date().isoformat()}: {_WORDS.get(row.outcome, row.outcome)}",
        "outcome": _WORDS.get(row.outcome, row.outcome),
        "at": instant(row.decided_at),
        "by": ", ".join(part for part in (row.decided_by.name, row.specialty, row.licence) if part),
        "ground": row.internal_criteria or row.cited_authority,
        "status": "superseded" if hasattr(row, "superseded_by") else "standing",
        "rationale": row.rationale,
        "answers": _answers({**row.node_answers, **row.statements}),
    }


def _answers(given: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the answers to criteria and to what the law asks about the person, the question named in words."""
    named = {law.value: law.value.replace("_", " ") for law in Law}
    return sorted((named.get(key, key), words) for key, words in given.items())


def _appeal_decision(row: AppealDecision) -> dict[str, Any]:
    policy = row.evidence_map.policy if row.evidence_map else None
    return {
        "title": f"Decision on appeal {row.appeal.number}: {row.outcome}",
        "outcome": f"{row.outcome} ({row.counted_as.replace('_', ' ')})",
        "at": instant(row.decided_at),
        "by": ", ".join(part for part in (row.decided_by.name, row.specialty, row.licence) if part),
        "ground": f"{policy.key} {policy.version}" if policy else row.cited_authority,
        "status": "decision on appeal",
        "rationale": row.rationale,
        "answers": _answers(row.node_answers),
    }


def _opinions(line: ServiceLine) -> Iterator[dict[str, str]]:
    """Give the opinions of panels that are complete; one that still forms stays unread."""
    votes = PanelVote.objects.filter(appeal__line=line).select_related("appeal", "physician").order_by("voted_at", "pk")
    rows = list(votes)
    waiting = {row.appeal_id for row in rows if row.voted_at is None}
    for row in rows:
        if row.appeal_id not in waiting and row.voted_at is not None:
            yield {
                "appeal": row.appeal.number,
                "at": instant(row.voted_at),
                "by": ", ".join(part for part in (row.physician.name, row.specialty, row.licence) if part),
                "opinion": "for the member" if row.for_member else "for the decision",
                "rationale": row.rationale,
            }


def _maps(decisions: list[Determination], appeals: list[AppealDecision]) -> Iterator[dict[str, Any]]:
    seen: set[int] = set()
    rows: list[Determination | AppealDecision] = [*decisions, *appeals]
    for row in rows:
        if row.evidence_map is None or row.evidence_map_id in seen:
            continue
        seen.add(row.evidence_map_id or 0)
        made = packet_of(view_of(row.evidence_map.snapshot))
        yield _map(f"Evidence map, version {row.evidence_map.version}", made)


def _map(title: str, packet: MapPacket) -> dict[str, Any]:
    return {
        "title": title,
        "guideline": packet.guideline,
        "value": packet.value,
        "authorities": list(packet.authorities),
        "entries": [
            {
                "key": entry.key,
                "question": entry.question,
                "value": entry.value,
                "counts": entry.counts,
                "answered": "; ".join(
                    f"{given.value.replace('_', ' ')}, {'rule engine' if given.is_machine else given.by}, {given.at}"
                    + (f": {given.note}" if given.note else "")
                    for given in entry.answers
                ),
                "places": ", ".join(str(number) for number in entry.places),
            }
            for entry in packet.entries
        ],
        "places": [
            [
                str(place.number),
                place.title + (f", page {place.page}" if place.page else ""),
                " · ".join(part for part in (place.quote, place.region) if part),
            ]
            for place in packet.index
        ],
    }


def _notes(appeal: Appeal) -> Iterator[dict[str, str]]:
    case = appeal.line.case
    notes = Note.objects.filter(case=case, is_part_of_record=True).select_related("written_by")
    for note in notes.order_by("written_at", "pk"):
        yield {
            "at": instant(note.written_at), "by": note.written_by.name, "purpose": note.purpose, "text": note.text,
        }  # fmt: skip
    for attempt in ContactAttempt.objects.filter(case=case).select_related("recorded_by").order_by("at", "pk"):
        text = " ".join(part for part in (attempt.outcome, attempt.person, attempt.note) if part)
        yield {
            "at": instant(attempt.at), "by": attempt.recorded_by.name, "purpose": attempt.purpose, "text": text,
        }  # fmt: skip


def _files(
    appeal: Appeal, decisions: Iterable[Determination], appeals: Iterable[AppealDecision]
) -> Iterator[dict[str, Any]]:
    case = appeal.line.case
    policies = {row.guideline_id for row in decisions if row.guideline_id}
    policies |= {row.evidence_map.policy_id for row in appeals if row.evidence_map and row.evidence_map.policy_id}
    for policy in Policy.objects.filter(pk__in=policies).order_by("key", "version"):
        yield _item(
            f"criteria/{policy.key}-{policy.version}.md", "text/markdown; charset=utf-8", "Criteria", "guideline",
            f"{policy.key} {policy.version}", policy.effective_from.isoformat(), content=policy.body.encode(),
            source=("policy", str(policy.public_id)),
        )  # fmt: skip
    letters = Notice.objects.filter(case=case, state=NoticeState.SENT).exclude(kind__startswith="grievance")
    for notice in letters.order_by("number", "language"):
        pdf = ensure_pdf(notice=notice)
        yield _item(
            f"letters/{notice.number}.pdf", "application/pdf", "Letters", f"letter to the {notice.audience}",
            notice.title, instant(notice.prepared_at), content=pdf, source=("notice", str(notice.public_id)),
        )  # fmt: skip
    rows = Attachment.objects.filter(case=case, moved_to__isnull=True).order_by("received_at", "pk")
    for number, row in enumerate(rows, start=1):
        ending = _ENDINGS.get(row.content_type.partition(";")[0], ".bin")
        if row.kind == Attachment.FHIR:
            ending = ".json"
        digest = hashlib.sha256(_bytes_of(row)).hexdigest() if row.kind == Attachment.FHIR else row.digest
        yield {
            "path": f"record/{number:03d}-{digest[:12]}{ending}",
            "content_type": "application/fhir+json" if row.kind == Attachment.FHIR else row.content_type,
            "section": "Medical record", "kind": row.document_kind or row.kind, "title": row.title,
            "date": instant(row.received_at), "digest": digest, "source": ["attachment", str(row.public_id)],
        }  # fmt: skip


def _bytes_of(row: Attachment) -> bytes:
    """Return a document's bytes; of a resource, as the database gives it back: PostgreSQL keeps no order of members."""
    return json_bytes(row.resource or {}) if row.kind == Attachment.FHIR else bytes(row.content or b"")


_ENDINGS = {"application/pdf": ".pdf", "text/plain": ".txt", "image/png": ".png", "image/jpeg": ".jpg"}


def _item(
    path: str, content_type: str, section: str, kind: str, title: str, date: str, *, content: bytes,
    source: tuple[str, str],
) -> dict[str, Any]:  # fmt: skip
    return {
        "path": path, "content_type": content_type, "section": section, "kind": kind, "title": title, "date": date,
        "digest": hashlib.sha256(content).hexdigest(), "source": list(source),
    }  # fmt: skip


def _missing(inputs: Mapping[str, Any]) -> list[str]:
    sections = {item["section"] for item in inputs["files"]}
    found = []
    if "Letters" not in sections:
        found.append("No letter has been sent yet.")
    if "Medical record" not in sections:
        found.append("No medical record was sent with the request or the appeal.")
    if "Criteria" not in sections:
        found.append("No guideline of ours was used; the authority cited stands with the decision.")
    if not inputs["appeal"]["issue"]:
        found.append("The appeal gives no written reasons.")
    return found


def missing_in(inputs: Mapping[str, Any]) -> list[str]:
    """Return what a complete file would hold and this one does not."""
    return list(inputs["missing"])


def contents_of(inputs: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the bytes of every document of a packet by digest, from the rows that hold them."""
    by_kind: dict[str, list[str]] = {}
    for item in inputs["files"]:
        kind, public_id = item["source"]
        by_kind.setdefault(kind, []).append(public_id)
    found: dict[str, bytes] = {}
    digests = {item["source"][1]: item["digest"] for item in inputs["files"]}
    for policy in Policy.objects.filter(public_id__in=by_kind.get("policy", [])):
        found[digests[str(policy.public_id)]] = policy.body.encode()
    for notice in Notice.objects.filter(public_id__in=by_kind.get("notice", [])):
        found[digests[str(notice.public_id)]] = ensure_pdf(notice=notice)
    for row in Attachment.objects.filter(public_id__in=by_kind.get("attachment", [])):
        found[digests[str(row.public_id)]] = _bytes_of(row)
    return found
