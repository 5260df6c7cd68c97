"""Which earlier Claim a PAS Claim says that it follows: every name it gives it, the surest first."""

from typing import Any

from openum.adapters.fhir import codes
from openum.adapters.fhir.bundle import Bundle, Entry
from openum.adapters.fhir.elements import coding, part, rows, text
from openum.adapters.fhir.pas.notes import Notes
from openum.adapters.fhir.pas.people import identifiers_of
from openum.submission.incoming import Identifier, IncomingLine

Json = dict[str, Any]
_RELATIONSHIPS = frozenset({"prior", "replaces"})


def related_of(
    bundle: Bundle, claim: Entry, own: tuple[Identifier, ...], lines: tuple[IncomingLine, ...], notes: Notes
) -> tuple[tuple[Identifier, ...], str]:
    """Return the identifiers of the prior request and the relationship; empty for a new request.

    PAS 2.0.1 updates may keep the identifier and name no prior Claim; they are known by what they mark as
    changed, by their profile, or by being a subset.
    """
    resource = claim.resource
    found: list[Identifier] = []
    relationship = ""
    for index, row in enumerate(rows(resource.get("related"))):
        code = coding(row.get("relationship")).code
        if code and code not in _RELATIONSHIPS:
            continue
        relationship = relationship or code or "prior"
        path = f"{claim.path}.related[{index}]"
        named, is_unresolved = _names_of_prior(bundle, claim, row, path, notes)
        found.extend(named)
        if is_unresolved:
            found.extend(own)
            notes.fault(path, "The prior Claim is not in the Bundle; it was looked for by address and identifier.")
    profiles = part(resource, "meta").get("profile")
    says_so = (
        any(line.change for line in lines)
        or is_subsetted(resource)
        or (isinstance(profiles, list) and any(text(one).startswith(codes.PROFILE_CLAIM_UPDATE) for one in profiles))
    )
    if not found and (says_so or relationship):
        found.extend(own)
    return tuple(dict.fromkeys(found)), relationship or ("prior" if found else "")


def _names_of_prior(
    bundle: Bundle, claim: Entry, related: Json, path: str, notes: Notes
) -> tuple[list[Identifier], bool]:
    """Return every name that a relation gives the prior Claim, and whether an address is all it has."""
    reference = part(related, "claim")
    prior = bundle.resolve(reference, within=claim)
    if prior is not None and prior.url != claim.url:  # a Claim that keeps its id does not name itself
        identifiers = identifiers_of(prior.resource, path, notes)
        own_id = text(prior.resource.get("id"))  # senders give many Claims one id: it stands where no identifier does
        addresses = [prior.url, *([f"Claim/{own_id}"] if own_id and not identifiers else [])]
        known = [Identifier(system=codes.URI_IDENTIFIER, value=notes.short(one, path)) for one in addresses]
        return [*identifiers, *known], False
    stated = [part(reference, "identifier"), part(related, "reference")]
    logical = [
        Identifier(system=notes.short(text(one.get("system")), path), value=notes.short(text(one["value"]), path))
        for one in stated
        if text(one.get("value"))
    ]
    if not text(reference.get("reference")):
        return logical, False
    address = Identifier(
        system=codes.URI_IDENTIFIER,
        value=notes.short(bundle.absolute(text(reference["reference"]), within=claim), path),
    )
    return [address, *logical], not logical


def is_subsetted(resource: Json) -> bool:
    """Say whether a Claim holds only what an update touches (differential)."""
    meta = part(resource, "meta")
    return any(one.get("code") == "SUBSETTED" for name in ("security", "tag") for one in rows(meta.get(name)))
