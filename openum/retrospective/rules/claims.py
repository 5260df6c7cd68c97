"""From the leads of one claim to the request that comes through the one door. Pure."""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime

from openum.retrospective.rules.leads import LeadRow
from openum.submission.incoming import (
    Identifier,
    IncomingDiagnosis,
    IncomingLine,
    IncomingMember,
    IncomingProvider,
    IncomingRequest,
)
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import CertificationType, Channel, PartyRole, RequestKind, Standing, Urgency

CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
MS_DRG = (
    "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/"
    "MS-DRG-Classifications-and-Software"
)
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
NDC = "http://hl7.org/fhir/sid/ndc"
CLAIM = "urn:openum:claim"
_CPT = re.compile(r"\d{4}[\dFTU]")
_NDC = re.compile(r"\d{11}")


def system_of(code: str, *, is_drg: bool = False) -> str:
    """Return the code system of a billed code by its shape."""
    if is_drg:
        return MS_DRG
    if _NDC.fullmatch(code):
        return NDC
    return CPT if _CPT.fullmatch(code) else HCPCS


def claim_request(
    leads: Sequence[LeadRow], *, member: IncomingMember, received_at: datetime, diagnosis: str = ""
) -> IncomingRequest:
    """Return the request of a claim: one line per claim line that a rule found, in the order of the claim.

    Args:
        leads: of one claim and person; several rules may have found the same line.
        diagnosis: given by a person where the file has none.

    Raises:
        Invalid: a line bills neither a procedure nor a DRG.
    """
    by_line = {lead.claim_line: lead for lead in reversed(leads)}
    first = leads[0]
    codes = dict.fromkeys(code for lead in leads for code in (lead.diagnosis,) if code) or dict.fromkeys(
        [diagnosis.strip().upper()] if diagnosis.strip() else []
    )
    told = {
        "claim": [first.data_source, first.claim_id],
        "lines": [[number, lead.procedure or lead.drg, str(lead.units)] for number, lead in sorted(by_line.items())],
        "received": received_at.isoformat(),
    }
    raw = json.dumps(told, sort_keys=True).encode()
    return IncomingRequest(
        raw=raw, canonical_digest=hashlib.sha256(raw).hexdigest(), channel=Channel.PORTAL, standing=Standing.PROVIDER,
        received_at=received_at, received_proof=f"claim {first.claim_id}", certification=CertificationType.INITIAL,
        kind=RequestKind.POST_SERVICE_PAYMENT, urgency=Urgency.STANDARD, member=member,
        identifiers=(Identifier(system=CLAIM, value=f"{first.data_source}:{first.claim_id}"),),
        providers=(
            (IncomingProvider(role=PartyRole.REQUESTER, npi=first.provider, key="billing", path="provider"),)
            if first.provider
            else ()
        ),
        diagnoses=tuple(
            IncomingDiagnosis(sequence=number, system=ICD_10_CM, code=code) for number, code in enumerate(codes, start=1)
        ),
        lines=tuple(_line(number, lead) for number, lead in sorted(by_line.items())),
    )  # fmt: skip


def _line(number: int, lead: LeadRow) -> IncomingLine:
    code, is_drg = (lead.procedure, False) if lead.procedure else (lead.drg, True)
    if not code:
        raise Invalid(f"Line {number} of the claim bills neither a procedure nor a DRG. Review it by hand.")
    return IncomingLine(
        sequence=number, code_system=system_of(code, is_drg=is_drg), code=code, modifiers=lead.modifiers,
        units=lead.units, unit="UN" if lead.units is not None else "", first_day=lead.day, last_day=lead.day,
        place=lead.place, provider_keys=("billing",) if lead.provider else (), path=f"line{number}",
    )  # fmt: skip
