"""Records of one patient that fill in a form: read from the office's FHIR server, or from a file."""

import re
from collections.abc import Collection, Iterator
from typing import Any, ClassVar
from urllib.parse import quote

import orjson

from openum.adapters.fhir.crd.remote import Get, Remote
from openum.adapters.fhir.elements import rows, text
from openum.forms.logic import Logic
from openum.vocabulary.errors import Invalid

Json = dict[str, Any]

_RETRIEVE = re.compile(r"\[\s*\"?([A-Z][A-Za-z]+)\"?\s*[:\]]")
_ID = re.compile(r"^[A-Za-z0-9.-]{1,64}$")
_MOST_TYPES = 10
_NOT_ASKED = frozenset({"Patient", "Coverage", "QuestionnaireResponse", "Organization", "Practitioner", "Location"})


class RecordsNotRead(Invalid):
    """The records could not be read; the sentence says why."""

    code: ClassVar[str] = "records-not-read"


def types_wanted(logic: Logic) -> list[str]:
    """Return the types of records that the form's logic looks at, the first named first."""
    found = [name for source in logic.sources.values() for name in _RETRIEVE.findall(source)]
    return [one for one in dict.fromkeys(found) if one not in _NOT_ASKED][:_MOST_TYPES]


def from_server(
    logic: Logic, *, server: str, patient: str, token: str, servers: Collection[str], fetch: Get | None = None
) -> list[Json]:
    """Read one patient's records from a registered FHIR server.

    Args:
        logic: the form's logic, which decides what is read.
        server: one of `servers`.
        patient: the id of the Patient there.
        token: the office's access token, used once and not kept.
        servers: those that the office may read.
        fetch: what reads an address.

    Raises:
        RecordsNotRead: the server is not registered, does not answer, or knows no such patient.
    """
    identity = patient.strip().removeprefix("Patient/")
    base = server.rstrip("/")
    if base not in servers:
        raise RecordsNotRead("This FHIR server is not registered here. Ask the plan's integration desk to add it.")
    if not _ID.match(identity):
        raise RecordsNotRead(
            "Write the id of the patient as the FHIR server has it: letters, digits, points and hyphens."
        )
    access = {"access_token": token.strip(), "token_type": "Bearer"} if token.strip() else {}
    remote = Remote({"fhirServer": base, "fhirAuthorization": access}, fetch=fetch, own=base, fetch_own=fetch)
    person = remote(f"Patient/{quote(identity)}")
    if person is None or person.get("resourceType") != "Patient":
        why = remote.trouble.words if remote.trouble is not None else "It knows no such patient."
        raise RecordsNotRead(f"The FHIR server gave no patient. {why}")
    found = [person]
    for kind in ["Coverage", *types_wanted(logic)]:
        found += _unpacked(remote(f"{kind}?patient={quote(identity)}&_count=200"))
    return found


def from_file(content: bytes) -> list[Json]:
    """Read the resources of an uploaded Bundle, or one resource.

    Raises:
        RecordsNotRead: it is no FHIR JSON, or holds nothing.
    """
    try:
        data = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        raise RecordsNotRead("The file is not JSON. Export the records as a FHIR Bundle in JSON.") from None
    found = list(_unpacked(data))
    if not found:
        raise RecordsNotRead("The file holds no FHIR resources. Export the records as a FHIR Bundle in JSON.")
    return found


def _unpacked(value: object, depth: int = 0) -> Iterator[Json]:
    if not isinstance(value, dict) or not text(value.get("resourceType")) or depth > 3:
        return
    if value["resourceType"] in {"Bundle", "Parameters"}:
        for entry in [*rows(value.get("entry")), *rows(value.get("parameter"))]:
            yield from _unpacked(entry.get("resource"), depth + 1)
    elif value["resourceType"] not in {"OperationOutcome", "Binary"}:
        yield value
