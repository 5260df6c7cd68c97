"""ValueSet/$expand: the codes of a value set that came with a form, filtered and by the page."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from openum.adapters.fhir.dtr.parameters import first, resources
from openum.adapters.fhir.dtr.shelf import Shelf
from openum.adapters.fhir.elements import rows
from openum.adapters.fhir.outcome import Issue, MessageRefused
from openum.forms.logic import codes_of

Json = dict[str, Any]

MOST_CODES = 1_000
"""Codes of one answer where no count is asked for; `offset` gives the rest."""


def expand(asked: Json, shelf: Shelf, *, at: datetime) -> Json:
    """Return the value set with its expansion.

    Args:
        asked: Parameters with url, context or valueSet; filter, count, offset, valueSetVersion, contextDirection. A
            context names a question of a form of ours: the form's address, # and the linkId.
        shelf: the plan's shelf.
        at: the instant of the expansion.

    Raises:
        MessageRefused: 400, no value set is named or a number or direction is none; 404, we hold no such value set,
            form or question; 422, the context is of another kind, or its codes are not listed.
    """
    _check_direction(asked)
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


DIRECTIONS = frozenset({"incoming", "outgoing"})


def _check_direction(asked: Json) -> None:
    """Refuse a direction that is none, or that stands without a context; both directions have the same codes here."""
    direction = first(asked, "contextDirection")
    if direction and direction not in DIRECTIONS:
        raise MessageRefused(
            Issue(code="value", path="Parameters.parameter(contextDirection)", text="This is no direction.",
                  cure="Send incoming or outgoing.")
        )  # fmt: skip
    if direction and not first(asked, "context"):
        raise MessageRefused(
            Issue(code="required", path="Parameters.parameter(context)", text="A direction came without a context.",
                  cure="Send the context too, or leave the direction out.")
        )  # fmt: skip


def _of_context(context: str, shelf: Shelf) -> str:
    """Return the address of the value set that a question of a form chooses from."""
    path = "Parameters.parameter(context)"
    address, mark, link = context.partition("#")
    if not mark or not link or "/StructureDefinition/" in address:
        raise MessageRefused(
            Issue(code="not-supported", path=path, text="This context names no question of a form.",
                  cure="Send the address of the Questionnaire, # and the linkId, or send url."), http_status=422,
        )  # fmt: skip
    form = shelf.find("Questionnaire", address)
    item = next((one for one in _items(form.resource) if one.get("linkId") == link), None) if form else None
    if item is None:
        raise MessageRefused(
            Issue(code="not-found", path=path, text="We hold no form with this question.",
                  cure="Use the address and linkId of the form as it was handed out."), http_status=404,
        )  # fmt: skip
    named = item.get("answerValueSet")
    if not isinstance(named, str) or named.startswith("#"):
        raise MessageRefused(
            Issue(code="not-supported", path=path, text="This question chooses from no value set of its own address.",
                  cure="Its answers, if any, stand in the form itself."), http_status=422,
        )  # fmt: skip
    return named


def _items(resource: Json) -> Iterator[Json]:
    for item in rows(resource.get("item")):
        yield item
        yield from _items(item)


def _value_set(asked: Json, shelf: Shelf) -> Json:
    url, version = first(asked, "url"), first(asked, "valueSetVersion")
    if not url and first(asked, "context"):
        url = _of_context(first(asked, "context"), shelf)
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
              cure="Add “url” with the canonical address, or “context” with a question of a form.")
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
