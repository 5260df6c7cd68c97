"""ValueSet/$expand: the codes of a value set that came with a form, filtered and by the page."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from openum.adapters.fhir.dtr.parameters import first, resources
from openum.adapters.fhir.dtr.shelf import Shelf
from openum.adapters.fhir.outcome import Issue, MessageRefused
from openum.forms.logic import codes_of

Json = dict[str, Any]

MOST_CODES = 1_000
"""Codes of one answer where no count is asked for; `offset` gives the rest."""


def expand(asked: Json, shelf: Shelf, *, at: datetime) -> Json:
    """Return the value set with its expansion.

    Args:
        asked: Parameters with url or valueSet; filter, count, offset, valueSetVersion.
        shelf: the plan's shelf.
        at: the instant of the expansion.

    Raises:
        MessageRefused: 400, no value set is named or a number is none; 404, we hold no such value set.
    """
    offset, count = _whole(asked, "offset", 0), _whole(asked, "count", MOST_CODES)
    value_set = _value_set(asked, shelf)
    fitting = list(_filtered(codes_of(value_set), first(asked, "filter")))
    if not codes_of(value_set) and "compose" in value_set:
        raise MessageRefused(
            Issue(code="too-costly", path="ValueSet.compose", text="This value set names no codes one by one.",
                  cure="Expand it at a terminology server; we hold only lists of codes."), http_status=422,
        )  # fmt: skip
    shown = fitting[offset : offset + count]
    expansion: Json = {
        "timestamp": at.isoformat(timespec="seconds"),
        "total": len(fitting),
        "offset": offset,
        "parameter": [
            {"name": "offset", "valueInteger": offset},
            {"name": "count", "valueInteger": count},
        ],
    }
    if first(asked, "filter"):
        expansion["parameter"].append({"name": "filter", "valueString": first(asked, "filter")})
    if shown:
        expansion["contains"] = shown
    return {name: value for name, value in value_set.items() if name != "compose"} | {"expansion": expansion}


def _value_set(asked: Json, shelf: Shelf) -> Json:
    url, version = first(asked, "url"), first(asked, "valueSetVersion")
    if url:
        canonical = f"{url}|{version}" if version and "|" not in url else url
        found = shelf.find("ValueSet", canonical)
        if found is not None:
            return found.resource
        raise MessageRefused(
            Issue(code="not-found", path="Parameters.parameter(url)", text="We hold no value set of this address.",
                  cure="Use the address as the form names it; search ValueSet for what we hold."), http_status=404,
        )  # fmt: skip
    sent = next((one for one in resources(asked, "valueSet") if one["resourceType"] == "ValueSet"), None)
    if sent is not None:
        return sent
    raise MessageRefused(
        Issue(code="required", path="Parameters.parameter(url)", text="No value set is named.",
              cure="Add the parameter “url” with the canonical address.")
    )  # fmt: skip


def _filtered(codes: list[Json], words: str) -> Iterator[Json]:
    """Yield the codes whose code or text holds every word."""
    wanted = words.casefold().split()
    for code in codes:
        held = f"{code.get('code', '')} {code.get('display', '')}".casefold()
        if all(word in held for word in wanted):
            yield code


def _whole(asked: Json, name: str, otherwise: int) -> int:
    written = first(asked, name)
    if not written:
        return otherwise
    if not written.isdecimal() or len(written) > 9:
        raise MessageRefused(
            Issue(code="value", path=f"Parameters.parameter({name})", text=f"“{name}” is no whole number.",
                  cure="Send a number from 0 on as valueInteger.")
        )  # fmt: skip
    return int(written)
