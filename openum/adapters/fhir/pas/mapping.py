"""A PAS request Bundle in our words: the neutral request that every channel makes.

Pure: no database, no clock. Structure that cannot be used raises MessageRefused; business data that is missing
or contradictory becomes a problem; everything else one can live with becomes a fault (a warning).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from openum.adapters.fhir import codes
from openum.adapters.fhir.bundle import Bundle, Entry
from openum.adapters.fhir.crd.information import assertions_of
from openum.adapters.fhir.elements import Days, coding, days, extension, part, rows, text
from openum.adapters.fhir.outcome import Issue, MessageRefused
from openum.adapters.fhir.pas import words
from openum.adapters.fhir.pas.evidence import evidence_of
from openum.adapters.fhir.pas.lines import certification_of, check_extensions, diagnoses_of, in_order, lines_of
from openum.adapters.fhir.pas.notes import Notes
from openum.adapters.fhir.pas.people import Providers, identifiers_of, member_of
from openum.adapters.fhir.pas.related import is_subsetted, related_of
from openum.adapters.fhir.pas.versions import Version
from openum.submission.incoming import IncomingLine, IncomingRequest
from openum.vocabulary.terms import CertificationType, Channel, PartyRole, RequestKind, Standing, Urgency

Json = dict[str, Any]

_KNOWN_CLAIM_EXTENSIONS = frozenset(
    {
        codes.LEVEL_OF_SERVICE,
        codes.CERTIFICATION_TYPE,
        codes.CLAIM_ENCOUNTER,
        codes.TRANSMISSION_IDENTIFIERS,
        codes.AUTHORIZATION_NUMBER,
        codes.ADMINISTRATIVE_NUMBER,
        codes.PAS + "extension-conditionCode",
        codes.PAS + "extension-homeHealthCareInformation",
    }
)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The core of a PAS Bundle, resolved. A missing insurer or requester is None; an unresolvable one raises."""

    claim: Entry
    patient: Entry
    coverage: Entry | None
    insurer: Entry | None
    requester: Entry | None


def parts_of(bundle: Bundle) -> Parts:
    """Find the Claim and resolve what it stands on.

    Raises:
        MessageRefused: no Claim, no patient, or a core reference that the Bundle does not hold.
    """
    claim = _claim_of(bundle)
    patient = _core(bundle, claim, claim.resource.get("patient"), f"{claim.path}.patient", {"Patient"})
    if patient is None:
        raise MessageRefused(
            Issue(
                code="required",
                path=f"{claim.path}.patient",
                text="The Claim names no patient.",
                cure="Refer to the Patient and include that resource as an entry of the Bundle.",
            )
        )
    coverage = None
    insurances = list(enumerate(rows(claim.resource.get("insurance"))))
    focal = next((pair for pair in insurances if pair[1].get("focal") is True), insurances[0] if insurances else None)
    if focal is not None:
        path = f"{claim.path}.insurance[{focal[0]}].coverage"
        coverage = _core(bundle, claim, focal[1].get("coverage"), path, {"Coverage"})
    insurer = _core(bundle, claim, claim.resource.get("insurer"), f"{claim.path}.insurer", {"Organization"})
    if insurer is None and coverage is not None:
        insurer = bundle.resolve(next(rows(coverage.resource.get("payor")), None), within=coverage)
    requester = _core(
        bundle,
        claim,
        claim.resource.get("provider"),
        f"{claim.path}.provider",
        {"Organization", "PractitionerRole", "Practitioner"},
    )
    return Parts(claim=claim, patient=patient, coverage=coverage, insurer=insurer, requester=requester)


def _claim_of(bundle: Bundle) -> Entry:
    """Return the Claim that asks: the first one that no other Claim calls its prior."""
    claims = list(bundle.of_kind("Claim"))
    if not claims:
        raise MessageRefused(
            Issue(
                code="required",
                path="Bundle.entry[0].resource",
                text="The Bundle holds no Claim.",
                cure="Send the Claim (use preauthorization) as the first entry.",
            )
        )
    prior = {
        entry.url
        for claim in claims
        for row in rows(claim.resource.get("related"))
        if (entry := bundle.resolve(row.get("claim"), within=claim)) is not None and entry is not claim
    }
    return next((claim for claim in claims if claim.url not in prior), claims[0])


def _core(bundle: Bundle, claim: Entry, reference: object, path: str, kinds: set[str]) -> Entry | None:
    """Resolve a reference the decision cannot do without; an absent or merely logical one gives None."""
    entry = bundle.resolve(reference, within=claim)
    if entry is not None:
        if entry.kind in kinds:
            return entry
        raise MessageRefused(
            Issue(
                code="value",
                path=path,
                text=f"The reference leads to a resource that is not a {' or '.join(sorted(kinds))}.",
                cure="Correct the reference.",
            )
        )
    if isinstance(reference, dict) and text(reference.get("reference")):
        raise MessageRefused(
            Issue(
                code="not-found",
                path=f"{path}.reference",
                text="The resource this reference names is not in the Bundle.",
                cure="Include it as an entry whose fullUrl the reference resolves to (relative references start at "
                "the fullUrl of the Claim).",
            )
        )
    return None


def to_request(
    bundle: Bundle, *, parts: Parts, version: Version, raw: bytes, canonical_digest: str, received_at: datetime
) -> IncomingRequest:
    """Turn a PAS request Bundle into the neutral request.

    Args:
        bundle: the indexed Bundle.
        parts: its core, as `parts_of` found it.
        version: the guide version of the door it came through.
        raw: the bytes as received.
        canonical_digest: digest of the content, indifferent to white space and order of members.
        received_at: aware instant of receipt.
    """
    notes = Notes()
    _check_frame(bundle, parts.claim, version, notes)
    claim, resource, path = parts.claim, parts.claim.resource, parts.claim.path
    certification = certification_of(resource, path, notes)
    providers = Providers(bundle, notes)
    if parts.requester is not None:
        providers.add(parts.requester, PartyRole.REQUESTER)
    else:
        notes.problem("missing-data", f"{path}.provider", "The Claim names no requesting provider.")
    lines = lines_of(claim, bundle, providers, certification, notes)
    whole_cancellation = certification is CertificationType.CANCEL
    if certification is None:
        certification = next(
            (line.certification for line in lines if line.certification is not CertificationType.CANCEL),
            CertificationType.INITIAL,
        )
    levels, periods = _levels(resource, path, notes)
    identifiers = identifiers_of(resource, f"{path}.identifier", notes)
    related, relationship = related_of(bundle, claim, identifiers, lines, notes)
    urgency = _urgency(resource, certification)
    return IncomingRequest(
        raw=raw,
        canonical_digest=canonical_digest,
        channel=Channel.FHIR,
        standing=Standing.PROVIDER,
        received_at=received_at,
        received_proof=notes.shown(_proof(bundle), "Bundle.identifier"),
        certification=certification,
        kind=_kind(resource, certification, lines, path, notes),
        urgency=urgency,
        urgency_attested_by=_attested_by(urgency, providers),
        member=member_of(parts.patient, parts.coverage, bundle, notes),
        lines=_with_event_dates(lines, periods),
        identifiers=identifiers,
        payer_name=notes.shown(text(parts.insurer.resource.get("name")) if parts.insurer else "", f"{path}.insurer"),
        providers=providers.all(),
        diagnoses=diagnoses_of(claim, bundle, notes),
        evidence=evidence_of(bundle, notes),
        related=related,
        relationship=relationship,
        authorization_number=_number(resource, codes.AUTHORIZATION_NUMBER, path, notes),
        administrative_number=_number(resource, codes.ADMINISTRATIVE_NUMBER, path, notes),
        is_whole_cancellation=whole_cancellation,
        is_differential=is_subsetted(resource),
        free_text=_free_text(resource),
        levels=levels,
        echo=_echo(parts, bundle, notes),
        cited_assertions=tuple(dict.fromkeys(name for one in bundle.entries for name in assertions_of(one.resource))),
        faults=notes.faults,
        problems=notes.problems,
    )


def _check_frame(bundle: Bundle, claim: Entry, version: Version, notes: Notes) -> None:
    """Note what the profile of the Bundle and the Claim asks for and one can live without."""
    frame, resource, path = bundle.resource, claim.resource, claim.path
    if claim.place != 0:
        notes.fault("Bundle.entry[0]", "The Claim should be the first entry.")
    if frame.get("type") != "collection":
        notes.fault("Bundle.type", "The Bundle should be of type collection.")
    for name in ("identifier", "timestamp"):
        if not frame.get(name):
            notes.fault(f"Bundle.{name}", f"The Bundle should carry its {name}.")
    for index in bundle.without_url:
        notes.fault(f"Bundle.entry[{index}].fullUrl", "The entry should carry its fullUrl.")
    if resource.get("status") != "active":
        notes.fault(f"{path}.status", "The Claim should have status active.")
    if not list(rows(resource.get("identifier"))):
        notes.fault(
            f"{path}.identifier", "The Claim should carry an identifier; without it a retry is known by content only."
        )
    for index, item in enumerate(rows(resource.get("item"))):
        if "category" not in item:
            notes.fault(f"{path}.item[{index}].category", "The item should carry its service type.")
        if version.requires_item_types:
            for url, what in ((codes.REQUEST_TYPE, "request type"), (codes.CERTIFICATION_TYPE, "certification type")):
                if not extension(item, url):
                    notes.fault(f"{path}.item[{index}].extension", f"The item should carry its {what}.")
    check_extensions(resource, path, _KNOWN_CLAIM_EXTENSIONS, notes)


def _kind(
    resource: Json, certification: CertificationType, lines: tuple[IncomingLine, ...], path: str, notes: Notes
) -> RequestKind:
    use = resource.get("use")
    if use == "predetermination":
        return RequestKind.PRE_DETERMINATION
    if use != "preauthorization":
        notes.problem("input-error", f"{path}.use", "Only preauthorization and predetermination are answered here.")
    if certification in words.KIND_OF_CERTIFICATION:
        return words.KIND_OF_CERTIFICATION[certification]
    for index, item in enumerate(rows(resource.get("item"))):
        code = coding(extension(item, codes.REQUEST_TYPE).get("valueCodeableConcept")).code
        kind = words.KIND.get(code, RequestKind.AUTHORIZATION)
        if kind is not RequestKind.REFERRAL or _is_ordered_service(lines, index):
            return kind
    return RequestKind.AUTHORIZATION


def _is_ordered_service(lines: tuple[IncomingLine, ...], index: int) -> bool:
    """Say whether an order for a service stands behind an item: a device or drug is no referral, whatever its type."""
    order = lines[index].source.get("requested_service", {}) if index < len(lines) else {}
    return bool(order.get("type") == "ServiceRequest")


def _urgency(resource: Json, certification: CertificationType) -> Urgency:
    holders = [resource, *rows(resource.get("item"))]
    levels = {coding(extension(one, codes.LEVEL_OF_SERVICE).get("valueCodeableConcept")).code for one in holders}
    if (
        levels & words.EXPEDITED_LEVELS
        or coding(resource.get("priority")).code in words.EXPEDITED_PRIORITIES
        or certification is CertificationType.APPEAL_IMMEDIATE
    ):
        return Urgency.EXPEDITED
    return Urgency.STANDARD


def _attested_by(urgency: Urgency, providers: Providers) -> str:
    """Name who says it is urgent: the requester, by name or number (42 CFR 422.570(c)(2)(ii))."""
    if urgency is not Urgency.EXPEDITED:
        return ""
    asker = next(iter(providers.all()), None)
    return (asker.name or asker.organization_name or asker.npi if asker else "") or "the requesting provider"


def _levels(resource: Json, path: str, notes: Notes) -> tuple[dict[str, str], list[Days]]:
    """Read admission, discharge and event dates. Returns them as ISO texts, and the periods lines may fall back on."""
    levels: dict[str, str] = {}
    periods: list[Days] = []
    for name, category in (("event", "patientEvent"), ("admission", "admissionDates"), ("discharge", "dischargeDates")):
        for index, row in enumerate(rows(resource.get("supportingInfo"))):
            if coding(row.get("category"), codes.PAS_TEMP).code != category or name in levels:
                continue
            period = in_order(days(row, "timing"), f"{path}.supportingInfo[{index}]", notes)
            if name != "discharge" and period[0] is not None:
                periods.append(period)
            for key, value in zip((name, f"{name}_to"), period, strict=True):
                if value is not None:
                    levels[key] = value.isoformat()
    return levels, periods


def _with_event_dates(lines: tuple[IncomingLine, ...], periods: list[Days]) -> tuple[IncomingLine, ...]:
    """Give lines without dates those of the event, or else of the admission (X12: patient event level applies)."""
    if not periods:
        return lines
    first, last = periods[0]
    return tuple(
        line if line.first_day or line.last_day else replace(line, first_day=first, last_day=last) for line in lines
    )


def _number(resource: Json, url: str, path: str, notes: Notes) -> str:
    return notes.short(text(extension(resource, url).get("valueString")).strip(), f"{path}.extension")


def _free_text(resource: Json) -> str:
    return "\n\n".join(
        text(row.get("valueString"))
        for row in rows(resource.get("supportingInfo"))
        if coding(row.get("category"), codes.PAS_TEMP).code == "freeFormMessage" and text(row.get("valueString"))
    )


def _proof(bundle: Bundle) -> str:
    number = text(part(bundle.resource, "identifier").get("value"))
    return f"Bundle {number}" if number else "Bundle without identifier"


def _echo(parts: Parts, bundle: Bundle, notes: Notes) -> Json:
    """Return the small parts of the message that every later answer repeats; resources stay in the raw message."""
    resource = parts.claim.resource
    echo: Json = {
        "claim": parts.claim.url,
        "claim_id": notes.short(text(resource.get("id")), f"{parts.claim.path}.id"),
        "patient": parts.patient.url,
        "identifier": [one for one in rows(resource.get("identifier")) if text(one.get("value"))],
    }
    if parts.insurer is not None:
        echo["insurer"] = parts.insurer.url
    if parts.requester is not None:
        echo["requestor"] = parts.requester.url
        behind = bundle.resolve(parts.requester.resource.get("organization"), within=parts.requester)
        askers = [one for one in (parts.requester, behind) if one is not None]
        found = [one.value for asker in askers for one in identifiers_of(asker.resource, asker.path, notes)]
        if found:
            echo["requestor_identifiers"] = list(dict.fromkeys(found))
    numbers = [
        notes.short(text(extension(info, "controlNumber").get("valueString")), f"{parts.claim.path}.supportingInfo")
        for row in rows(resource.get("supportingInfo"))
        if (info := extension(row, codes.DOCUMENT_INFORMATION))
    ]
    if any(numbers):
        echo["control_numbers"] = [one for one in dict.fromkeys(numbers) if one]
    if resource.get("use") == "predetermination":
        echo["use"] = resource["use"]
    if isinstance(resource.get("type"), dict):
        echo["type"] = resource["type"]
    transmission = extension(resource, codes.TRANSMISSION_IDENTIFIERS)
    if transmission:
        echo["transmission"] = transmission
    return echo
