"""Signatures on attachments (CDex 2.1.0, "Signatures"): kept as received, and said to be unverified.

Whose certificate a signature names, and whether that person may sign, is nothing that we can prove; the bytes as they
came stay with the message, so that anybody can verify them later.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from openum.adapters.fhir.elements import part, rows, text
from openum.adapters.fhir.outcome import Issue
from openum.submission.incoming import IncomingEvidence

Json = dict[str, Any]

UNVERIFIED = "signed, signature not verified"
_ON_FORMS = "http://hl7.org/fhir/StructureDefinition/questionnaireresponse-signature"


def signatures_of(resource: Json) -> Iterator[Json]:
    """Yield the signatures on a resource: of a Bundle, of a Provenance, of a filled form."""
    held = resource.get("signature")
    if resource.get("resourceType") == "Bundle" and isinstance(held, dict):
        yield held
    elif resource.get("resourceType") == "Provenance":
        yield from rows(held)
    for extension in rows(resource.get("extension")):
        if extension.get("url") == _ON_FORMS and part(extension, "valueSignature"):
            yield extension["valueSignature"]


def kept(content: Json) -> Iterator[IncomingEvidence]:
    """Yield the signature of a Bundle, which no resource inside it holds, as evidence of its own."""
    if content.get("resourceType") != "Bundle":
        return
    for one in signatures_of(content):
        resource = {name: content[name] for name in ("resourceType", "id", "identifier", "type") if name in content}
        yield IncomingEvidence(
            kind="fhir", title=f"{_signer(one)}: {UNVERIFIED}"[:200], content_type="application/fhir+json",
            resource=resource | {"signature": one}, source_key=f"Bundle/{text(content.get('id'))}"[:200],
            document_kind="Signature",
        )  # fmt: skip


def marked(evidence: IncomingEvidence) -> IncomingEvidence:
    """Return a piece of evidence whose title says that it is signed, where it is."""
    if evidence.resource is None or not any(signatures_of(evidence.resource)):
        return evidence
    return replace(evidence, title=f"{evidence.title[:160]} ({UNVERIFIED})")


def told(count: int) -> Iterator[Issue]:
    """Yield what the sender is told of its signatures."""
    if count:
        yield Issue(
            severity="information", code="informational",
            text=f"Signatures received: {count}. They are kept as they came, and were not verified.",
        )  # fmt: skip


def _signer(signature: Json) -> str:
    who = part(signature, "who")
    return text(who.get("display")) or text(part(who, "identifier").get("value")) or "Somebody"
