"""What triage makes of the plan's own files: is everything in order for a published rule? Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from openum.vocabulary.terms import Benefit, NetworkStatus, RequestKind, ServiceClass


class Triage(StrEnum):
    """Where a line goes after its checks."""

    IN_ORDER = "in_order"
    TO_PERSON = "to_person"
    TO_INTAKE = "to_intake"


@dataclass(frozen=True)
class ProviderFact:
    """One provider of a line as the directory knows it."""

    role: str
    is_known: bool
    is_practitioner: bool
    is_licensed: bool
    excluded_by: str


@dataclass(frozen=True)
class CodeSpan:
    """A loaded validity period of a code, half-open."""

    valid_from: date | None
    valid_to: date | None


def code_is_valid(*, is_list_loaded: bool, spans: Sequence[CodeSpan], day: date) -> bool | None:
    """Say whether a code is valid on a day; None where no dated list is loaded (settled point 13)."""
    if not is_list_loaded:
        return None
    return any(
        (span.valid_from is None or span.valid_from <= day) and (span.valid_to is None or day < span.valid_to)
        for span in spans
    )


def provider_reasons(providers: Sequence[ProviderFact]) -> list[str]:
    """Say, a sentence each, why the providers do not allow an automatic approval (42 CFR 422.222, 1001.1901)."""
    reasons = []
    for provider in providers:
        if provider.excluded_by:
            reasons.append(
                f"The {provider.role} provider is on the {provider.excluded_by} list on the date of service."
            )
        elif not provider.is_known:
            reasons.append(f"The {provider.role} provider is not on file with this plan.")
        elif provider.is_practitioner and not provider.is_licensed:
            reasons.append(f"The {provider.role} provider has no active licence on file for the date of service.")
    return reasons


def triage(
    *, is_covered: bool, provider_problems: Sequence[str], code_valid: bool | None, is_members_own: bool
) -> Triage:
    """Decide where a line goes. Nothing here can end a request."""
    if code_valid is False:
        return Triage.TO_INTAKE
    if not is_covered or provider_problems or is_members_own:
        return Triage.TO_PERSON
    return Triage.IN_ORDER


_INPATIENT_PLACES = frozenset({"21", "31", "51", "55", "56", "61"})
"""Place-of-service codes of hospitals, skilled nursing, psychiatric and residential treatment facilities."""
_EMERGENCY_ROOM = "23"
_IN_OR_OUT = {NetworkStatus.IN_NETWORK: "in_network", NetworkStatus.OUT_OF_NETWORK: "out_of_network"}


def service_class_of(diagnosis: str) -> ServiceClass:
    """Return the parity class that the first diagnosis (ICD-10-CM) of a line gives it (45 CFR 146.136(a)).

    F10 to F19 are substance use, the rest of the chapter is mental health, everything else is medical.
    """
    code = diagnosis.strip().upper()
    if not code.startswith("F"):
        return ServiceClass.MEDICAL_SURGICAL
    return ServiceClass.SUBSTANCE_USE if code.startswith("F1") else ServiceClass.MENTAL_HEALTH


_DRUG_LISTS = frozenset({"http://hl7.org/fhir/sid/ndc", "NDC", "http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm"})
"""Code systems that number drugs of the pharmacy benefit. A drug that a clinic gives is asked for by its HCPCS code."""


def benefit_of(code_system: str) -> Benefit:
    """Return which benefit pays for a service, by the list that numbers it."""
    return Benefit.PHARMACY if code_system in _DRUG_LISTS else Benefit.MEDICAL


def benefit_class_of(*, benefit: str, kind: str, place: str, network: str) -> str:
    """Return the class of benefits within which parity is compared (45 CFR 146.136(c)(2)(ii))."""
    if benefit == Benefit.PHARMACY:
        return "prescription_drugs"
    if place == _EMERGENCY_ROOM:
        return "emergency"
    setting = "inpatient" if kind == RequestKind.ADMISSION or place in _INPATIENT_PLACES else "outpatient"
    return f"{setting}_{_IN_OR_OUT.get(NetworkStatus(network), 'network_not_checked')}"
