"""A recorded message as rows: every element with its path, its value, and the name under which its rule is found. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

Json = dict[str, Any]

MOST_ELEMENTS = 5000
"""Beyond this many elements the rest of a message is not drawn; the raw form always is."""
_MOST_DEPTH = 60
_NAMELESS = ("hook", "cards", "services", "systemActions")


@dataclass(frozen=True, kw_only=True)
class Element:
    """One element of a message.

    Attributes:
        path: where it stands, such as `Bundle.entry[0].resource.item[0].sequence`.
        key: what it is, whatever its place: `Claim.item.sequence`; an extension is named by the end of its url.
        label: its own name, with a number when it repeats.
        depth: below its resource.
        value: as text; None for an element that has parts.
        item: `sequence` of the Claim item it belongs to.
        resource: type and place of the resource that holds it.
    """

    path: str
    key: str
    label: str
    depth: int
    value: str | None
    item: int | None
    resource: str


def parsed(raw: bytes | None) -> Any:
    """Return the content of a body; None when there is none, or it is not JSON."""
    if not raw:
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def elements_of(content: Any) -> list[Element]:
    """Return the elements of a message in reading order, at most MOST_ELEMENTS."""
    if not isinstance(content, dict):
        return []
    name = content.get("resourceType") or _nameless(content)
    found: list[Element] = []
    for element in _walk(content, str(name), str(name), 0, None, str(name)):
        found.append(element)
        if len(found) >= MOST_ELEMENTS:
            break
    return found


def _nameless(content: Json) -> str:
    """Name a message that is no resource: CDS Hooks call, answer, discovery, or other JSON."""
    words = {"hook": "HookCall", "cards": "HookAnswer", "systemActions": "HookAnswer", "services": "HookDiscovery"}
    return next((words[name] for name in _NAMELESS if name in content), "Message")


def _walk(node: Json, path: str, key: str, depth: int, item: int | None, resource: str) -> Iterator[Element]:
    for name, value in node.items():
        many = value if isinstance(value, list) else [value]
        for index, one in enumerate(many):
            place = f"{name}[{index}]" if isinstance(value, list) else name
            label, inner_key = _named(name, place, one, key)
            inner_path = f"{path}.{place}"
            within = _item(one, item, inner_key)
            if not isinstance(one, dict) or depth >= _MOST_DEPTH:
                shown = one if isinstance(one, str) else orjson.dumps(one, default=str).decode()
                yield Element(
                    path=inner_path, key=inner_key, label=label, depth=depth, value=shown, item=within,
                    resource=resource,
                )  # fmt: skip
                continue
            kind = one.get("resourceType")
            holder = f"{kind} ({inner_path})" if isinstance(kind, str) else resource
            yield Element(
                path=inner_path, key=inner_key, label=label, depth=depth, value=None, item=within, resource=resource
            )
            inner = (0, holder) if isinstance(kind, str) else (depth + 1, resource)
            start = kind if isinstance(kind, str) else inner_key
            yield from _walk(one, inner_path, start, inner[0], within, inner[1])


def _named(name: str, place: str, value: Any, key: str) -> tuple[str, str]:
    if name in {"extension", "modifierExtension"} and isinstance(value, dict) and isinstance(value.get("url"), str):
        tail = value["url"].rsplit("/", 1)[-1]
        return f"{place} {tail}", f"{key}.{name}({tail})"
    return place, f"{key}.{name}"


def _item(value: Any, item: int | None, key: str) -> int | None:
    if isinstance(value, dict) and key in {"Claim.item", "ClaimResponse.item"}:
        found = value.get("sequence", value.get("itemSequence"))
        return found if isinstance(found, int) else None
    return item
