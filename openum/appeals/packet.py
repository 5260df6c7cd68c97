"""The file of an appeal from its frozen inputs: index, evidence map, criteria, letters, record; PDF, FHIR, manifest. Pure.

The same inputs and the same documents give the same bytes, whenever and wherever they are made again.
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final
from uuid import UUID, uuid5

from openum.design.typeset import pdf_of
from openum.vocabulary.canonical import json_bytes
from openum.vocabulary.errors import Conflict

SOURCE: Final = Path(__file__).with_name("packet.typ")
_ZIP_DAY: Final = (1980, 1, 1, 0, 0, 0)
_NAMESPACE: Final = UUID("5b0b7e0a-7b1e-5c1f-9a55-6a2b0f1f9a10")
_VALUES: Final = {"met": "met", "not_met": "not met", "unknown": "unknown"}


class DocumentChanged(Conflict):
    """A document no longer has the digest under which it was sealed."""

    code: ClassVar[str] = "document-changed"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the packet."""

    path: str
    content_type: str
    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the content, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def parts_of(inputs: Mapping[str, Any], contents: Mapping[str, bytes]) -> list[Part]:
    """Make every part.

    Args:
        inputs: what was frozen when the packet was sealed.
        contents: bytes of documents, letters and criteria by their digest.

    Raises:
        DocumentChanged: a document is not what was sealed.
    """
    files = [_file(item, contents) for item in inputs["files"]]
    pdf, _ = pdf_of(SOURCE, document_of(inputs))
    bundle = json_bytes(bundle_of(inputs, files))
    return [
        Part("packet.pdf", "application/pdf", pdf),
        Part("bundle.json", "application/fhir+json", bundle),
        *files,
    ]


def _file(item: Mapping[str, Any], contents: Mapping[str, bytes]) -> Part:
    content = contents.get(item["digest"])
    if content is None or hashlib.sha256(content).hexdigest() != item["digest"]:
        raise DocumentChanged(f"{item['path']} is not what was sealed. Build the file again and say why it changed.")
    return Part(item["path"], item["content_type"], content)


def manifest_of(inputs: Mapping[str, Any], parts: Iterable[Part]) -> dict[str, Any]:
    """Name every part with its size and digest."""
    return {
        "appeal": inputs["appeal"]["number"],
        "sealed_at": inputs["sealed_at"],
        "inputs_sha256": hashlib.sha256(json_bytes(dict(inputs))).hexdigest(),
        "parts": [
            {"path": part.path, "type": part.content_type, "size": len(part.content), "sha256": part.digest}
            for part in parts
        ],
    }


def archive(parts: Iterable[Part]) -> bytes:
    """Return one archive; order, times and modes never change, so its bytes do not either."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as file:
        for part in sorted(parts, key=lambda each: each.path):
            info = zipfile.ZipInfo(part.path, _ZIP_DAY)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            file.writestr(info, part.content)
    return out.getvalue()


# -- the document ----------------------------------------------------------------------------------------------------


def document_of(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that `packet.typ` prints."""
    appeal = inputs["appeal"]
    return {
        "title": f"File of appeal {appeal['number']}",
        "plan": inputs["plan"]["name"],
        "number": appeal["number"],
        "sealed": f"sealed {inputs['sealed_at']}",
        "facts": [
            ["Plan", inputs["plan"]["name"]],
            ["Member", f"{inputs['member']['name']}, {inputs['member']['number']}"],
            ["Service", f"{inputs['service']['words']} ({inputs['service']['code']})"],
            ["Level", appeal["level"]],
            ["Filed", f"{appeal['filed_at']} by {appeal['filed_by']}"],
            ["Speed", appeal["speed"]],
            ["Law", appeal["law"]],
        ],
        "sections": [
            _index(inputs),
            _issue(inputs),
            *(_decision(each) for each in inputs["decisions"]),
            *_experts(inputs),
            *(_map(each) for each in inputs["maps"]),
            _time(inputs),
            _notes(inputs),
            _missing(inputs),
        ],
    }


def _text(text: str) -> dict[str, Any]:
    return {"kind": "text", "text": text or "None."}


def _index(inputs: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        [str(number), item["title"], item["kind"], item["date"], item["digest"][:16]]
        for number, item in enumerate(inputs["files"], start=1)
    ]
    table = {
        "kind": "table", "caption": "Documents in this file", "widths": [1, 6, 4, 4, 4],
        "heads": ["No.", "Document", "Kind", "Date", "SHA-256 begins"], "rows": rows,
    }  # fmt: skip
    return {"title": "Index", "blocks": [table if rows else _text("No document.")]}


def _issue(inputs: Mapping[str, Any]) -> dict[str, Any]:
    appeal = inputs["appeal"]
    return {"title": "What the appeal says", "blocks": [_text(appeal["issue"])]}


def _decision(each: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        ["Outcome", each["outcome"]],
        ["Decided", each["at"]],
        ["By", each["by"]],
        ["Ground", each["ground"] or "no guideline of ours"],
        ["Kept as", each["status"]],
    ]
    blocks: list[dict[str, Any]] = [{"kind": "facts", "rows": rows}, _text(each["rationale"])]
    if each["answers"]:
        blocks.append(
            {
                "kind": "table", "caption": "The reviewer's answer to each open criterion", "widths": [1, 8],
                "heads": ["Criterion", "Answer"], "rows": [[key, value] for key, value in each["answers"]],
            }
        )  # fmt: skip
    return {"title": each["title"], "blocks": blocks}


def _experts(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Name whose advice was obtained, with the opinions of a panel; a file sealed before this was kept has no such part."""
    if not inputs.get("experts"):
        return []
    blocks = [
        _text(
            f"Advice was obtained from: {'; '.join(inputs['experts'])}. They are named whether or not it was followed "
            "(29 CFR 2560.503-1(h)(3)(iv))."
        )
    ]
    for each in inputs.get("opinions", ()):
        blocks.append(
            {
                "kind": "facts",
                "rows": [
                    ["Opinion", each["opinion"]],
                    ["By", each["by"]],
                    ["Given", each["at"]],
                    ["On", each["appeal"]],
                ],
            }
        )
        blocks.append(_text(each["rationale"]))
    return [{"title": "Experts and second opinions", "blocks": blocks}]


def _map(each: Mapping[str, Any]) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [
        _text(f"Guideline {each['guideline'] or 'none of ours'}; outcome: {_VALUES.get(each['value'], each['value'])}.")
    ]
    blocks += [_text(f"In its place: {authority}") for authority in each["authorities"]]
    if each["entries"]:
        blocks.append(
            {
                "kind": "table", "caption": "Criteria and where they stand in the record", "widths": [1, 6, 2, 5, 2],
                "heads": ["No.", "Criterion", "Answer", "By whom, and note", "Places"],
                "rows": [
                    [entry["key"], entry["question"], _VALUES.get(entry["value"], entry["value"]) if entry["counts"] else "not needed",
                     entry["answered"], entry["places"]]
                    for entry in each["entries"]
                ],
            }
        )  # fmt: skip
    if each["places"]:
        blocks.append(
            {
                "kind": "table", "caption": "Places in the record", "widths": [1, 4, 6],
                "heads": ["No.", "Document", "Words"], "rows": each["places"],
            }
        )  # fmt: skip
    return {"title": each["title"], "blocks": blocks}


def _time(inputs: Mapping[str, Any]) -> dict[str, Any]:
    rows = [[row["title"], row["law"], row["due"], row["state"]] for row in inputs["clocks"]]
    table = {
        "kind": "table", "caption": "Duties and their times", "widths": [5, 4, 3, 2],
        "heads": ["Duty", "Law", "Due", "State"], "rows": rows,
    }  # fmt: skip
    return {"title": "Times", "blocks": [table if rows else _text("No time runs yet.")]}


def _notes(inputs: Mapping[str, Any]) -> dict[str, Any]:
    blocks = [_text(f"{note['at']}, {note['by']} ({note['purpose']}): {note['text']}") for note in inputs["notes"]]
    return {"title": "Notes and contacts on the record", "blocks": blocks or [_text("None.")]}


def _missing(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"title": "What this file does not hold", "blocks": [_text(" ".join(inputs["missing"]))]}


# -- FHIR ------------------------------------------------------------------------------------------------------------


def bundle_of(inputs: Mapping[str, Any], files: Iterable[Part]) -> dict[str, Any]:
    """Return a FHIR R4 document Bundle: a Composition as index, the patient, each document with its bytes."""
    number = inputs["appeal"]["number"]
    patient = _entry(
        number, "patient",
        {
            "resourceType": "Patient",
            "identifier": [{"value": inputs["member"]["number"]}],
            "name": [{"text": inputs["member"]["name"]}],
            **({"birthDate": inputs["member"]["born"]} if inputs["member"]["born"] else {}),
        },
    )  # fmt: skip
    author = _entry(number, "plan", {"resourceType": "Organization", "name": inputs["plan"]["name"]})
    entries = []
    sections: dict[str, list[dict[str, str]]] = {}
    for item, part in zip(inputs["files"], files, strict=True):
        document = _entry(number, item["path"], _document_reference(item, part, patient["fullUrl"]))
        entries.append(document)
        sections.setdefault(item["section"], []).append({"reference": document["fullUrl"]})
    composition = _entry(
        number, "composition",
        {
            "resourceType": "Composition",
            "identifier": {"value": number},
            "status": "final",
            "type": {"text": "Appeal file"},
            "subject": {"reference": patient["fullUrl"]},
            "date": inputs["sealed_at"],
            "author": [{"reference": author["fullUrl"]}],
            "title": f"File of appeal {number}",
            "section": [
                {"title": title, "entry": references} for title, references in sorted(sections.items())
            ]
            or [{"title": "No document", "text": {"status": "generated", "div": _DIV}}],
        },
    )  # fmt: skip
    return {
        "resourceType": "Bundle",
        "identifier": {
            "system": "urn:ietf:rfc:3986",
            "value": f"urn:uuid:{uuid5(_NAMESPACE, number + inputs['sealed_at'])}",
        },
        "type": "document",
        "timestamp": inputs["sealed_at"],
        "entry": [composition, patient, author, *entries],
    }


_DIV: Final = '<div xmlns="http://www.w3.org/1999/xhtml">No document was sent.</div>'


def _entry(number: str, path: str, resource: dict[str, Any]) -> dict[str, Any]:
    key = uuid5(_NAMESPACE, f"{number}/{path}")
    return {"fullUrl": f"urn:uuid:{key}", "resource": {**resource, "id": str(key)}}


def _document_reference(item: Mapping[str, Any], part: Part, patient: str) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"text": item["kind"]},
        "subject": {"reference": patient},
        "description": item["title"],
        "date": item["date"],
        "content": [
            {
                "attachment": {
                    "contentType": part.content_type,
                    "title": item["title"],
                    "size": len(part.content),
                    "hash": base64.b64encode(hashlib.sha1(part.content, usedforsecurity=False).digest()).decode(),
                    "data": base64.b64encode(part.content).decode(),
                }
            }
        ],
    }


def instant(moment: datetime) -> str:
    """Write an instant as the packet does: UTC, to the second."""
    return moment.isoformat(timespec="seconds")
