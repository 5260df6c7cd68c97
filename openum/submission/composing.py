"""From the fields a person typed to the neutral request. Pure: no database, no clock.

Keys of the fields are those of the forms in `forms.py`; values are text as typed.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from openum.submission.incoming import (
    Identifier,
    IncomingDiagnosis,
    IncomingEvidence,
    IncomingLine,
    IncomingMember,
    IncomingProvider,
    IncomingRequest,
)
from openum.vocabulary.errors import Invalid
from openum.vocabulary.numbers import whole
from openum.vocabulary.terms import CertificationType, Channel, PartyRole, RequestKind, Standing, Urgency

RENEWS = "renews"
"""The field that holds the number of the authorization a draft renews."""
EARLIER = "earlier."
"""How the fields begin that hold what the renewed authorization said."""
ANSWER = "answer."
KIND = "kind."
MAX_LINES = 6
DIAGNOSIS_FIELDS = ("diagnosis1", "diagnosis2", "diagnosis3", "diagnosis4")
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
CPT = "http://www.ama-assn.org/go/cpt"


@dataclass(frozen=True, kw_only=True)
class Composed:
    """A draft, told in plain values."""

    reference: str
    purpose: str
    fields: Mapping[str, str]
    zone: str
    payer_name: str
    sent_at: datetime
    writer: str
    organization: Mapping[str, str] = field(default_factory=dict)


def compose(draft: Composed) -> IncomingRequest:
    """Return the neutral request.

    Raises:
        Invalid: a day, number or time cannot be read, or is missing where a request cannot do without.
    """
    fields = draft.fields
    raw = json.dumps(
        {"reference": draft.reference, "purpose": draft.purpose, "fields": dict(fields)},
        sort_keys=True,
        ensure_ascii=False,
    ).encode()
    urgency = Urgency.EXPEDITED if fields.get("urgency") == Urgency.EXPEDITED else Urgency.STANDARD
    providers = _providers(draft)
    diagnoses = _diagnoses(fields)
    answers = questionnaire_response(fields, on=draft.sent_at.astimezone(ZoneInfo(draft.zone)).date())
    return IncomingRequest(
        raw=raw,
        canonical_digest=hashlib.sha256(raw).hexdigest(),
        channel=channel_of(draft),
        standing=Standing(fields.get("standing") or Standing.PROVIDER),
        received_at=received_at(draft),
        received_proof=fields.get("proof", ""),
        certification=CertificationType.RENEWAL if fields.get(RENEWS) else CertificationType.INITIAL,
        authorization_number=fields.get(RENEWS, ""),
        kind=RequestKind.AUTHORIZATION,
        urgency=urgency,
        urgency_attested_by=_attested_by(draft) if urgency == Urgency.EXPEDITED else "",
        member=IncomingMember(
            member_id=fields.get("member_number", "").strip(),
            family=fields.get("family_name", "").strip(),
            given=fields.get("given_name", "").strip(),
            birth_date=_day(fields, "birth_date"),
            path="patient",
        ),
        payer_name=draft.payer_name,
        identifiers=(Identifier(system="urn:openum:draft", value=draft.reference),),
        providers=providers,
        diagnoses=diagnoses,
        lines=_lines(fields, keys=tuple(item.key for item in providers if item.key)),
        evidence=(
            IncomingEvidence(
                kind="fhir",
                title="Answers given with the request",
                content_type="application/fhir+json",
                resource=answers,
                source_key="QuestionnaireResponse/portal",
            ),
        )
        if answers
        else (),
        free_text=fields.get("message", ""),
    )


def channel_of(draft: Composed) -> Channel:
    """Return the channel: a capture names the one the request really came by."""
    return Channel(draft.fields.get("channel") or Channel.PORTAL) if draft.purpose == "capture" else Channel.PORTAL


def received_at(draft: Composed) -> datetime:
    """Return the receipt: for the portal the sending, for a capture the instant when the call or letter came in.

    Raises:
        Invalid: a capture without day and time, or with one that lies in the future.
    """
    if draft.purpose != "capture":
        return draft.sent_at
    text = f"{draft.fields.get('received_date', '')}T{draft.fields.get('received_time', '')}"
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(draft.zone))
    except ValueError:
        raise Invalid("Say on which day and at what time the request was received.") from None
    if moment > draft.sent_at:
        raise Invalid("A request cannot have been received in the future. Check day, time and zone.")
    return moment


def questionnaire_response(fields: Mapping[str, str], *, on: date) -> dict[str, Any] | None:
    """Return the clinical answers as one FHIR resource, or None when no question was answered.

    A field `answer.<link>` holds the answer, `kind.<link>` says how it is typed.
    """
    items: list[dict[str, Any]] = []
    for key in sorted(fields):
        if not key.startswith(ANSWER) or not fields[key].strip():
            continue
        link = key.removeprefix(ANSWER)
        answer = _answer(fields.get(KIND + link, "text"), fields[key].strip())
        if answer is not None:
            items.append({"linkId": link, "answer": [answer]})
    if not items:
        return None
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "portal",
        "status": "completed",
        "authored": on.isoformat(),
        "item": items,
    }


def _answer(kind: str, text: str) -> dict[str, Any] | None:
    """Return one typed answer. "Not known" is no answer: the criterion then stays open."""
    if kind == "yes-no":
        return {"valueBoolean": text == "yes"} if text in {"yes", "no"} else None
    if kind == "date":
        try:
            return {"valueDate": date.fromisoformat(text).isoformat()}
        except ValueError:
            return None
    if kind == "number":
        number = _decimal(text)
        return None if number is None else {"valueDecimal": float(number)}
    if kind == "choice":
        return {"valueCoding": {"code": text}}
    return {"valueString": text}


def _attested_by(draft: Composed) -> str:
    """Return who attests the urgency; who takes a request down attests nothing."""
    named = draft.fields.get("attested_by", "").strip()
    return named if named or draft.purpose == "capture" else draft.writer


def _providers(draft: Composed) -> tuple[IncomingProvider, ...]:
    fields, found = draft.fields, []
    if draft.organization:
        found.append(
            IncomingProvider(
                role=PartyRole.REQUESTER, npi=draft.organization["npi"], name=draft.organization["name"],
                organization_name=draft.organization["name"], phone=draft.organization["phone"],
                fax=draft.organization["fax"], is_organization=True, key="requester", path="requester",
            )
        )  # fmt: skip
    ordering = fields.get("ordering_npi", "").strip()
    if ordering:
        role = PartyRole.ORDERING if draft.organization else PartyRole.REQUESTER
        if fields.get("standing") in {Standing.MEMBER, Standing.REPRESENTATIVE}:
            role = PartyRole.ORDERING
        found.append(
            IncomingProvider(
                role=role, npi=ordering, name=fields.get("ordering_name", ""), key="ordering", path="ordering",
                phone=fields.get("ordering_phone", ""),
            )
        )  # fmt: skip
    facility = fields.get("facility_npi", "").strip()
    if facility:
        found.append(
            IncomingProvider(
                role=PartyRole.FACILITY, npi=facility, name=fields.get("facility_name", ""), is_organization=True,
                key="facility", path="facility",
            )
        )  # fmt: skip
    return tuple(found)


def _diagnoses(fields: Mapping[str, str]) -> tuple[IncomingDiagnosis, ...]:
    codes = [fields.get(name, "").strip().upper() for name in DIAGNOSIS_FIELDS]
    present = [code for code in codes if code]
    return tuple(
        IncomingDiagnosis(sequence=number, system=ICD_10_CM, code=code, kind="principal" if number == 1 else "")
        for number, code in enumerate(present, start=1)
    )


def line_count(fields: Mapping[str, str]) -> int:
    """Return how many services the person is filling in, at least one; a renewal is of one."""
    if fields.get(RENEWS):
        return 1
    return min(MAX_LINES, max(1, whole(fields.get("line_count", "1")) or 1))


def _lines(fields: Mapping[str, str], *, keys: tuple[str, ...]) -> tuple[IncomingLine, ...]:
    lines: list[IncomingLine] = []
    for number in range(1, line_count(fields) + 1):
        prefix = f"line{number}-"
        code = fields.get(f"{prefix}code", "").strip().upper()
        if not code:
            continue
        lines.append(
            IncomingLine(
                sequence=len(lines) + 1,
                code_system=fields.get(f"{prefix}code_system") or CPT,
                code=code,
                modifiers=tuple(fields.get(f"{prefix}modifiers", "").upper().replace(",", " ").split()),
                units=_decimal(fields.get(f"{prefix}units", "")),
                unit=fields.get(f"{prefix}unit", ""),
                first_day=_day(fields, f"{prefix}first_day"),
                last_day=_day(fields, f"{prefix}last_day"),
                place=fields.get("place", ""),
                provider_keys=keys,
                certification=CertificationType.RENEWAL if fields.get(RENEWS) else CertificationType.INITIAL,
                previous_authorization_number=fields.get(RENEWS, ""),
                path=f"line{number}",
            )
        )
    return tuple(lines)


def _day(fields: Mapping[str, str], name: str) -> date | None:
    text = fields.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("A date cannot be read. Write it as year-month-day, for example 2030-02-28.") from None


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
