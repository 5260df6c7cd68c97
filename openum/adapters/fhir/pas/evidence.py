"""What came with a PAS request and bears on the decision: documents, forms and clinical resources."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from openum.adapters.fhir.bundle import Bundle, Entry
from openum.adapters.fhir.elements import coding, part, rows, text
from openum.adapters.fhir.pas.notes import Notes
from openum.db.text import clean
from openum.submission.incoming import IncomingEvidence

Json = dict[str, Any]

FHIR_JSON = "application/fhir+json"
NOT_EVIDENCE = frozenset(
    {
        "Claim",
        "Coverage",
        "Endpoint",
        "Location",
        "Organization",
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "RelatedPerson",
    }
)
"""Resources that say who and under which coverage; they are read into the request itself."""


def evidence_of(bundle: Bundle, notes: Notes) -> tuple[IncomingEvidence, ...]:
    """Read every other resource of the Bundle; attached files become documents."""
    found: list[IncomingEvidence] = []
    files_used: set[str] = set()
    for entry in bundle.entries:
        if entry.kind == "DocumentReference":
            found.extend(_documents(entry, bundle, files_used, notes))
    for entry in bundle.entries:
        if entry.kind in NOT_EVIDENCE or entry.url in files_used:
            continue
        if entry.kind == "Binary":
            content = _content(entry.resource.get("data"), f"{entry.path}.data", notes)
            if content:
                kind = text(entry.resource.get("contentType"))
                found.append(_document(entry, title="", content_type=kind, content=content, notes=notes))
        elif entry.kind != "DocumentReference":
            found.append(_resource(entry))
    return tuple(found)


def _key(entry: Entry) -> str:
    identity = entry.resource.get("id")
    return f"{entry.kind}/{identity}" if isinstance(identity, str) else entry.url


def _resource(entry: Entry) -> IncomingEvidence:
    concept = entry.resource.get("code") or entry.resource.get("type")
    label = coding(next(rows(concept), None) if isinstance(concept, list) else concept)
    return IncomingEvidence(
        kind="fhir",
        title=(label.display or label.code or entry.kind)[:200],
        content_type=FHIR_JSON,
        resource=entry.resource,
        source_key=_key(entry)[:200],
        document_kind=entry.kind[:64],
    )


def _documents(entry: Entry, bundle: Bundle, files_used: set[str], notes: Notes) -> Iterator[IncomingEvidence]:
    """Yield the files of a DocumentReference, inline or as a Binary of the Bundle, and the reference without them."""
    for index, row in enumerate(rows(entry.resource.get("content"))):
        path = f"{entry.path}.content[{index}].attachment"
        attachment = part(row, "attachment")
        title, kind = text(attachment.get("title")), text(attachment.get("contentType"))
        content = _content(attachment.get("data"), f"{path}.data", notes)
        if not content and text(attachment.get("url")):
            binary = bundle.resolve({"reference": attachment["url"].lstrip("/")}, within=entry)
            if binary is not None and binary.kind == "Binary":
                files_used.add(binary.url)
                content = _content(binary.resource.get("data"), f"{binary.path}.data", notes)
                kind = kind or text(binary.resource.get("contentType"))
            else:
                notes.fault(f"{path}.url", "The file it refers to is not in the Bundle; we fetch nothing from outside.")
        if content:
            yield _document(entry, title=title, content_type=kind, content=content, notes=notes)
    yield _resource(entry._replace(resource=_without_data(entry.resource)))


def _document(entry: Entry, *, title: str, content_type: str, content: bytes, notes: Notes) -> IncomingEvidence:
    label = coding(entry.resource.get("type"))
    shown = title or text(entry.resource.get("description")) or label.display or "Document"
    is_text = content_type.partition(";")[0].strip() == "text/plain"
    return IncomingEvidence(
        kind="document",
        title=notes.shown(shown, entry.path),
        content_type=content_type[:100] or "application/octet-stream",
        data=content,
        source_key=_key(entry)[:200],
        document_kind=(label.display or label.code)[:200],
        page_texts=(clean(content.decode("utf-8", "replace")),) if is_text else (),
    )


def _content(data: object, path: str, notes: Notes) -> bytes:
    if not isinstance(data, str) or not data:
        return b""
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        notes.fault(path, "The data is not base64 and could not be read.")
        return b""


def _without_data(resource: Json) -> Json:
    """Return the DocumentReference without the files; those are kept as documents."""
    content = []
    for row in rows(resource.get("content")):
        attachment = {name: value for name, value in part(row, "attachment").items() if name != "data"}
        content.append({**row, "attachment": attachment})
    return {**resource, "content": content}
