"""A letter to a provider as a Communication (FHIR R4): who wrote, when, about which patient, with the PDF inside.

The letter itself is the stored one, byte for byte; reading it is written down like every reading of a case.
"""

import base64
import hashlib
from typing import Any

from openum.notices.models import Notice, SendingChannel
from openum.notices.services import ensure_pdf

CATEGORY = "http://terminology.hl7.org/CodeSystem/communication-category"
MEDIUM = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
NPI = "http://hl7.org/fhir/sid/us-npi"
URI_IDENTIFIER = "urn:ietf:rfc:3986"
MEDIA = {
    SendingChannel.MAIL: "MAILWRIT",
    SendingChannel.FAX: "FAXWRIT",
    SendingChannel.PORTAL: "ELECWRIT",
    SendingChannel.FHIR: "ELECWRIT",
}


def communication_of(notice: Notice, *, patient: str) -> dict[str, Any]:
    """Return the resource.

    Args:
        patient: reference to the patient as the client knows it; empty where it never named one.
    """
    pdf = ensure_pdf(notice=notice)
    recipient = notice.recipient
    npi = recipient.npi if recipient else (notice.case.organization.npi if notice.case.organization else "")
    media = [MEDIA[SendingChannel(each.channel)] for each in notice.sendings.all() if each.channel in MEDIA]
    resource: dict[str, Any] = {
        "resourceType": "Communication",
        "id": str(notice.public_id),
        "identifier": [{"system": URI_IDENTIFIER, "value": f"urn:uuid:{notice.public_id}"}],
        "status": "completed",
        "category": [{"coding": [{"system": CATEGORY, "code": "notification"}]}],
        "medium": [{"coding": [{"system": MEDIUM, "code": code}]} for code in dict.fromkeys(media)],
        "topic": {"text": notice.title},
        "sender": {"display": notice.case.plan.name},
        "payload": [
            {
                "contentAttachment": {
                    "contentType": "application/pdf",
                    "language": notice.language,
                    "data": base64.b64encode(pdf).decode(),
                    "size": len(pdf),
                    "hash": base64.b64encode(hashlib.sha1(pdf).digest()).decode(),  # noqa: S324 - FHIR asks for SHA-1
                    "title": notice.number,
                    "creation": notice.prepared_at.isoformat(),
                }
            }
        ],
    }
    if npi:
        resource["recipient"] = [{"identifier": {"system": NPI, "value": npi}}]
    if notice.sent_at is not None:
        resource["sent"] = notice.sent_at.isoformat()
    if patient:
        resource["subject"] = {"reference": patient}
    return {name: value for name, value in resource.items() if value != []}
