"""Code systems by short name, and every spelling of them that records use. Pure."""

from collections.abc import Iterable

SYSTEMS: dict[str, tuple[str, ...]] = {
    "ICD10": (
        "http://hl7.org/fhir/sid/icd-10-cm",
        "http://hl7.org/fhir/sid/icd-10",
        "https://hl7.org/fhir/sid/icd-10-cm",
        "http://www.cms.gov/Medicare/Coding/ICD10",
        "urn:oid:2.16.840.1.113883.6.90",
        "urn:oid:2.16.840.1.113883.6.3",
    ),
    "SNOMED": ("http://snomed.info/sct", "https://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96"),
    "CPT": ("http://www.ama-assn.org/go/cpt", "https://www.ama-assn.org/go/cpt", "urn:oid:2.16.840.1.113883.6.12"),
    "HCPCS": (
        "https://bluebutton.cms.gov/resources/codesystem/hcpcs",
        "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "urn:oid:2.16.840.1.113883.6.285",
    ),
    "LOINC": ("http://loinc.org", "https://loinc.org", "urn:oid:2.16.840.1.113883.6.1"),
    "RXNORM": (
        "http://www.nlm.nih.gov/research/umls/rxnorm",
        "https://www.nlm.nih.gov/research/umls/rxnorm",
        "urn:oid:2.16.840.1.113883.6.88",
    ),
    "REVENUE": (
        "https://www.nubc.org/CodeSystem/RevenueCodes",
        "https://www.nubc.org/revenue-code",
        "urn:oid:2.16.840.1.113883.6.301.3",
    ),
    "SERVICE": ("http://terminology.hl7.org/CodeSystem/service-type",),
    "OPENUM": ("urn:openum:codes",),
}
"""Short name to addresses; the first is the one we write."""

_SHORT_NAMES = {
    spelling.casefold().rstrip("/"): short for short, spellings in SYSTEMS.items() for spelling in (short, *spellings)
}
_SHORT_NAMES |= {"icd-10-cm": "ICD10", "icd10cm": "ICD10", "icd-10": "ICD10", "snomed ct": "SNOMED", "hcpcs2": "HCPCS"}


def short_system(system: str) -> str:
    """Return the short name of a code system, or the text itself when it is not one of ours."""
    return _SHORT_NAMES.get(system.strip().casefold().rstrip("/"), system)


def address_of(system: str) -> str:
    """Return the address of a code system that rows may name shortly."""
    return SYSTEMS.get(short_system(system), (system,))[0]


def expand(pairs: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return every (address, code) under which a record may write the given (short name, code) pairs.

    ICD-10 codes are also written without their point, as claims do.
    """
    expanded: set[tuple[str, str]] = set()
    for short, code in pairs:
        spellings = {code, code.replace(".", "")} if short == "ICD10" else {code}
        expanded.update((system, spelling) for system in SYSTEMS[short] for spelling in spellings)
    return frozenset(expanded)


def side_of(modifiers: Iterable[str]) -> str | None:
    """Return right, left or both from procedure modifiers, or None when they do not say or disagree."""
    said = {modifier.strip().upper() for modifier in modifiers} & {"RT", "LT", "50"}
    if "50" in said or said == {"RT", "LT"}:
        return "both"
    return {"RT": "right", "LT": "left"}[said.pop()] if said else None
