"""$submit-attachment: records sent apart from a request (CDex, OperationDefinition submit-attachment)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from openum import audit
from openum.accounts.models import ApiClient
from openum.adapters.fhir import codes
from openum.adapters.fhir.bundle import Bundle
from openum.adapters.fhir.checks import warnings_about
from openum.adapters.fhir.door import Message, parse
from openum.adapters.fhir.elements import coding, day, part, rows, text
from openum.adapters.fhir.outcome import Issue, MessageRefused, operation_outcome
from openum.adapters.fhir.pas import signatures, words
from openum.adapters.fhir.pas.asks import MEDICAL_RECORDS
from openum.adapters.fhir.pas.evidence import evidence_of
from openum.adapters.fhir.pas.notes import Notes
from openum.adapters.fhir.pas.response import to_bytes
from openum.adapters.fhir.pas.versions import Version
from openum.db.transactions import whole
from openum.submission.incoming import Identifier, IncomingAttachment, SentDocument
from openum.submission.models import Submission
from openum.submission.services import AcceptedAttachment, Door, accept_attachment, store_answer
from openum.vocabulary.identifiers import new_uuid7
from openum.vocabulary.terms import Channel

Json = dict[str, Any]

OPERATION = "$submit-attachment"
MOST_ATTACHMENTS = 200
_PURPOSES = frozenset({"claim", "preauthorization", "predetermination"})
_ANY = frozenset({"", MEDICAL_RECORDS, codes.PAYER_QUESTIONNAIRE})
"""Attachment codes that say nothing about the kind of record."""


def submit_attachment(
    message: Message, *, client: ApiClient, version: Version, door: Door, at: datetime
) -> tuple[bytes, int]:
    """Take records in and say what became of them; the same content again gets the bytes it got before.

    Raises:
        MessageRefused: the parameters do not say whose records they are, or hold none.
    """
    sent = attachment_of(message, received_at=at)
    with whole(), audit.batch():
        accepted = accept_attachment(
            sent=sent,
            by=client.user,
            plan=client.plan,
            client=client,
            organization=client.organization,
            door=door,
            at=at,
        )
        if accepted.replayed is not None:
            return accepted.replayed, accepted.replayed_status or 200
        issues = [
            *_told(accepted, sent), *signatures.told(_signatures_in(message.data)),
            *warnings_about(message.data, version=version),
        ]  # fmt: skip
        body = to_bytes(operation_outcome(issues))
        store_answer(submission=accepted.submission, body=body, status=200, by=client.user, at=at)
    return body, 200


def _told(accepted: AcceptedAttachment, sent: IncomingAttachment) -> Iterator[Issue]:
    count = len(sent.documents)
    receipt = str(accepted.submission.public_id)
    if accepted.case is None:
        yield Issue(
            severity="information",
            code="informational",
            path="Parameters.parameter.where(name = 'TrackingId')",
            text=f"Attachments received: {count}. They are held: no request of yours has this tracking number yet.",
            cure=f"They are put with the request when it comes, or by our intake. Receipt {receipt}.",
        )
    else:
        more = (
            f"{accepted.open_items} things asked for are still open."
            if accepted.open_items
            else "Nothing asked for is open."
        )
        yield Issue(
            severity="information",
            code="informational",
            text=f"Attachments received: {count}. They were put with the request. {more}",
            cure=f"Ask for the present state with Claim/$inquire. Receipt {receipt}.",
        )
    for fault in sent.faults:
        yield Issue(severity="warning", code="value", path=fault.path, text=fault.text, cure="Send it again, mended.")


def read_attachment_again(submission: Submission) -> IncomingAttachment:
    """Return the records of a kept message; its receipt stays the first one."""
    return attachment_of(parse(bytes(submission.raw or b"")), received_at=submission.received_at)


def attachment_of(message: Message, *, received_at: datetime) -> IncomingAttachment:
    """Read the parameters of the operation.

    Raises:
        MessageRefused: see `submit_attachment`.
    """
    data = message.data
    if not isinstance(data, dict) or data.get("resourceType") != "Parameters":
        raise MessageRefused(
            Issue(
                code="structure",
                path="Parameters",
                text="The body is not a Parameters resource.",
                cure="Post Parameters with TrackingId, AttachTo, MemberId, OrganizationId and Attachment.",
            )
        )
    named = [(text(one.get("name")), index, one) for index, one in enumerate(rows(data.get("parameter")))]
    first = {name: one for name, _, one in reversed(named)}
    _check_purpose(first)
    if not (_value(first, "OrganizationId") or _value(first, "ProviderId")):
        raise _missing("OrganizationId", "Name the organization or the provider that sends the records.")
    attachments = [(index, one) for name, index, one in named if name == "Attachment"]
    if not attachments:
        raise _missing("Attachment", "Send at least one Attachment with its Content.")
    if len(attachments) > MOST_ATTACHMENTS:
        raise MessageRefused(
            Issue(
                code="too-costly",
                path="Parameters.parameter",
                text=f"There are more than {MOST_ATTACHMENTS} attachments.",
                cure="Send them in several messages with Final = false, and the last one with Final = true.",
            )
        )
    notes = Notes()
    tracking = part(first.get("TrackingId"), "valueIdentifier")
    final = first.get("Final", {}).get("valueBoolean")
    return IncomingAttachment(
        raw=message.raw,
        canonical_digest=message.canonical_digest,
        channel=Channel.FHIR,
        received_at=received_at,
        tracking=Identifier(system=text(tracking.get("system"))[:200], value=_needed(first, "TrackingId")),
        administrative_number=_value(first, "AdminRefNumber"),
        member_number=_needed(first, "MemberId"),
        documents=tuple(_document(index, one, notes) for index, one in attachments),
        is_final=final is not False,
        code_of_kind=dict(words.DOCUMENT_LOINC),
        faults=notes.faults,
    )


def _check_purpose(first: dict[str, Json]) -> None:
    written = next((value for name, value in first.get("AttachTo", {}).items() if name.startswith("value")), "")
    purpose = text(written)
    if isinstance(written, dict):  # a Coding or a CodeableConcept, where the guide has a code
        purpose = text(written.get("code")) or coding(written).code
    if not purpose:
        raise _missing("AttachTo", "Send AttachTo with the code preauthorization.")
    if purpose not in _PURPOSES:
        raise MessageRefused(
            Issue(
                code="value",
                path=_place("AttachTo"),
                text="This is no use of a claim.",
                cure="Send claim, preauthorization or predetermination, as a code.",
            )
        )
    if purpose != "preauthorization":
        raise MessageRefused(
            Issue(
                code="not-supported",
                path=_place("AttachTo"),
                text="Records are taken for prior authorization requests only.",
                cure="Send attachments to claims to the claims system of the plan.",
            ),
            http_status=422,
        )
    said = first.get("ServiceDate", {})
    date = next((text(value) for name, value in said.items() if name.startswith("value")), "")
    if said and day(date) is None:
        raise MessageRefused(
            Issue(
                code="value",
                path=_place("ServiceDate"),
                text="The date of service is not a full calendar date.",
                cure="Write it as YYYY-MM-DD, or leave it out.",
            )
        )


def _place(name: str) -> str:
    return f"Parameters.parameter.where(name = '{name}')"


def _missing(name: str, cure: str) -> MessageRefused:
    return MessageRefused(
        Issue(code="required", path=_place(name), text="A parameter is missing or has no value.", cure=cure)
    )


def _value(first: dict[str, Json], name: str) -> str:
    one = first.get(name, {})
    held = part(one, "valueIdentifier")
    said = text(held.get("value")) or next(
        (text(value) for key, value in one.items() if key.startswith("value") and isinstance(value, str)), ""
    )
    said = said.strip()
    if len(said) > 200:
        raise MessageRefused(
            Issue(
                code="too-long",
                path=_place(name),
                text="The number is longer than 200 characters.",
                cure="Send the number itself.",
            )
        )
    return said


def _needed(first: dict[str, Json], name: str) -> str:
    found = _value(first, name)
    if not found:
        raise _missing(name, f"Send {name} with its value.")
    return found


def _document(index: int, one: Json, notes: Notes) -> SentDocument:
    path = f"Parameters.parameter[{index}]"
    parts = list(rows(one.get("part")))
    contents = [part(row, "resource") for row in parts if row.get("name") == "Content" and part(row, "resource")]
    if not contents or any(not isinstance(row.get("resourceType"), str) for row in contents):
        raise MessageRefused(
            Issue(
                code="required",
                path=f"{path}.part",
                text="An attachment holds no content.",
                cure="Send a DocumentReference with its data, or a QuestionnaireResponse, as the resource of Content.",
            )
        )
    code = next((coding(row.get("valueCodeableConcept")).code for row in parts if row.get("name") == "Code"), "")
    lines = [text(row.get("valueString")).strip() for row in parts if row.get("name") == "LineItem"]
    found = evidence_of(Bundle({"resourceType": "Bundle", "entry": list(_entries(contents))}), notes)
    evidence = tuple(signatures.marked(one) for one in found)
    evidence += tuple(one for content in contents for one in signatures.kept(content))
    if not evidence:
        notes.fault(f"{path}.part", "The content is no record that can be kept beside a request.")
    return SentDocument(
        evidence=evidence,
        lines=tuple(int(one) for one in lines if one.isascii() and one.isdecimal() and len(one) < 6),
        code="" if code in _ANY else code[:200],
    )


def _signatures_in(data: Json) -> int:
    """Return how many signatures a message brings."""
    held = [part(row, "resource") for one in rows(data.get("parameter")) for row in rows(one.get("part"))]
    inner = [part(entry, "resource") for one in held for entry in rows(one.get("entry"))]
    return sum(1 for one in (*held, *inner) for _ in signatures.signatures_of(one))


def _entries(contents: list[Json]) -> Iterator[Json]:
    """Yield the resources as entries of a Bundle; a Bundle among them gives its own entries."""
    for resource in contents:
        if resource.get("resourceType") == "Bundle":
            yield from (
                entry
                for entry in rows(resource.get("entry"))
                if isinstance(part(entry, "resource").get("resourceType"), str)
            )
        else:
            yield {"fullUrl": f"urn:uuid:{new_uuid7()}", "resource": resource}
