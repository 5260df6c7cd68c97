"""The answer to a request as it stands now, for those who did not just ask: notifications, reads and searches."""

from datetime import datetime
from typing import Any

import orjson

from openum.adapters.fhir import codes
from openum.adapters.fhir.bundle import Bundle
from openum.adapters.fhir.outcome import MessageRefused
from openum.adapters.fhir.pas.alone import standing_alone
from openum.adapters.fhir.pas.answers import answer_of_case, insurer_part
from openum.adapters.fhir.pas.mapping import Parts, parts_of
from openum.adapters.fhir.pas.view import AnswerView, unknown
from openum.cases.models import Case, Party, Request
from openum.vocabulary.terms import PartyRole

Json = dict[str, Any]


def received_bundle(request: Request) -> Bundle | None:
    """Return the message a request came in, or None when it came by another road."""
    raw = request.submission.raw
    if request.channel != "fhir" or raw is None:
        return None
    try:
        return Bundle(orjson.loads(bytes(raw).removeprefix(b"\xef\xbb\xbf")))
    except (orjson.JSONDecodeError, MessageRefused):
        return None


def answer_standing(case: Case, request: Request, *, base_url: str, at: datetime) -> AnswerView:
    """Return the present state of a case as the answer to one of its requests, in the words the request came in.

    A request of another road has no message to repeat; member and requester are then written from the file.

    Args:
        case: with plan, product and member loaded.
        request: with its submission loaded.
        base_url: absolute base of the FHIR service it is told at.
        at: instant of the answer.
    """
    bundle = received_bundle(request) or _written_bundle(case, request)
    return answer_of_case(case, request, parts=_parts(bundle), bundles=[bundle], base_url=base_url, at=at)


def claim_as_received(request: Request) -> Json:
    """Return the Claim of a message under our own id: what it refers to stays at its sender's address, or is contained.

    Raises:
        MessageRefused: the message holds no Claim; requests of this channel always do.
    """
    bundle = Bundle(orjson.loads(bytes(request.submission.raw or b"null").removeprefix(b"\xef\xbb\xbf")))
    return standing_alone(bundle, parts_of(bundle).claim, readable={}) | {"id": str(request.public_id)}


def _parts(bundle: Bundle) -> Parts:
    if next(bundle.of_kind("Claim"), None) is not None:
        return parts_of(bundle)
    patient, insurer, *asker = bundle.entries
    return Parts(claim=patient, patient=patient, coverage=None, insurer=insurer, requester=asker[0] if asker else None)


def _written_bundle(case: Case, request: Request) -> Bundle:
    member = case.member
    patient: Json = {
        "resourceType": "Patient",
        "id": str(member.public_id),
        "identifier": [
            {
                "type": {"coding": [{"system": codes.V2_IDENTIFIER_TYPE, "code": "MB"}]},
                "system": f"{codes.OPENUM_NUMBERS}:{case.plan.key}:member",
                "value": member.member_number,
            }
        ],
        "name": [
            ({"family": member.family_name} if member.family_name else {"_family": unknown()})
            | ({"given": [member.given_name]} if member.given_name else {})
        ],
        "gender": member.sex if member.sex in {"male", "female", "other"} else "unknown",
    }
    if member.birth_date is not None:
        patient["birthDate"] = member.birth_date.isoformat()
    insurer = insurer_part(case.plan)
    entries = [_entry(patient), {"fullUrl": insurer.url, "resource": insurer.resource}]
    asker = _asker(request)
    return Bundle({"resourceType": "Bundle", "type": "collection", "entry": entries + ([asker] if asker else [])})


def _asker(request: Request) -> Json | None:
    party = Party.objects.filter(request=request, role=PartyRole.REQUESTER).order_by("pk").first()
    if party is None:
        return None
    resource: Json = {
        "resourceType": "Organization",
        "id": str(party.public_id),
        "active": True,
    }
    resource |= {"name": party.name or party.npi} if party.name or party.npi else {"_name": unknown()}
    if party.npi:
        resource["identifier"] = [{"system": codes.NPI, "value": party.npi}]
    return _entry(resource)


def _entry(resource: Json) -> Json:
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
