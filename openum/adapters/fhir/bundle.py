"""A FHIR Bundle as received: its entries, and how one resource refers to another.

Resolution follows FHIR R4 §2.36.4.1 and PAS: `#id` within the resource, `urn:` and absolute addresses against
fullUrl, a relative `Type/id` against the fullUrl base of the entry that holds the reference, and as a last
resort the only `Type/id` anywhere in the Bundle.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from openum.adapters.fhir.outcome import Issue, Json, MessageRefused

_RESTFUL = re.compile(r"^(?P<base>https?://.*?)/(?P<local>[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?$")
_VERSION = "/_history/"


class Entry(NamedTuple):
    """One entry: its place, its address (never empty) and its resource.

    A contained resource has place -1 and names the entry that holds it.
    """

    place: int
    url: str
    resource: Json
    holder: "Entry | None" = None

    @property
    def kind(self) -> str:
        """The resource type."""
        return str(self.resource["resourceType"])

    @property
    def path(self) -> str:
        """Where the resource stands, as FHIRPath."""
        return f"Bundle.entry[{self.place}].resource"


class Bundle:
    """The entries of one received Bundle, indexed once for look-ups by reference."""

    __slots__ = ("_by_local", "_by_url", "entries", "resource", "without_url")

    def __init__(self, resource: Json) -> None:
        """Index a Bundle.

        Raises:
            MessageRefused: not a Bundle, no entries, or an entry without a typed resource.
        """
        self.resource = _a_bundle(resource)
        self.entries: list[Entry] = []
        self.without_url: list[int] = []
        self._by_url: dict[str, Entry] = {}
        self._by_local: dict[str, list[Entry]] = {}
        for index, raw in enumerate(self.resource["entry"]):
            entry = self._entry(index, raw)
            self.entries.append(entry)
            self._by_url.setdefault(entry.url, entry)
            identity = entry.resource.get("id")
            if isinstance(identity, str):
                self._by_local.setdefault(f"{entry.kind}/{identity}", []).append(entry)

    def _entry(self, index: int, raw: object) -> Entry:
        resource = raw.get("resource") if isinstance(raw, dict) else None
        if not (isinstance(raw, dict) and isinstance(resource, dict) and isinstance(resource.get("resourceType"), str)):
            raise MessageRefused(
                Issue(
                    code="structure",
                    path=f"Bundle.entry[{index}].resource",
                    text="An entry of the Bundle holds no resource.",
                    cure="Send every entry with a fullUrl and a resource that names its resourceType.",
                )
            )
        url = raw.get("fullUrl")
        if not isinstance(url, str) or not url:
            self.without_url.append(index)
            local = f"{resource['resourceType']}/{resource.get('id') or index}"
            url = f"urn:uuid:{uuid5(NAMESPACE_URL, local)}"
        return Entry(index, url, resource)

    def of_kind(self, kind: str) -> Iterator[Entry]:
        """Yield the entries of one resource type, in order."""
        return (entry for entry in self.entries if entry.resource["resourceType"] == kind)

    def at(self, url: str) -> Entry | None:
        """Return the entry with this fullUrl."""
        return self._by_url.get(url)

    def resolve(self, reference: object, *, within: Entry) -> Entry | None:
        """Return the entry a Reference points at, or None when it is not in the Bundle.

        Args:
            reference: a Reference element; `reference` is used first, then `identifier` (a logical reference).
            within: the entry that holds the reference; relative references start from its fullUrl.
        """
        if not isinstance(reference, Mapping):
            return None
        text = reference.get("reference")
        if isinstance(text, str) and text:
            return self._resolve_text(text, within)
        identifier = reference.get("identifier")
        if isinstance(identifier, Mapping) and identifier.get("value"):
            return self._by_identifier(identifier, reference.get("type"))
        return None

    def _resolve_text(self, text: str, within: Entry) -> Entry | None:
        within = within.holder or within
        if text.startswith("#"):
            return _contained(text[1:], within)
        text = text.split(_VERSION, 1)[0]
        found = self._by_url.get(text)
        if found is not None or ":" in text.split("/", 1)[0]:
            return found
        restful = _RESTFUL.match(within.url)
        if restful:
            found = self._by_url.get(f"{restful['base']}/{text}")
            if found is not None:
                return found
        candidates = self._by_local.get(text, [])
        return candidates[0] if len({entry.url for entry in candidates}) == 1 else None

    def absolute(self, text: str, *, within: Entry) -> str:
        """Return the address a reference stands for, whether or not the Bundle holds it."""
        restful = _RESTFUL.match((within.holder or within).url)
        if restful and ":" not in text.split("/", 1)[0] and not text.startswith("#"):
            return f"{restful['base']}/{text}"
        return text

    def _by_identifier(self, identifier: Mapping[str, Any], kind: object) -> Entry | None:
        for entry in self.entries:
            if isinstance(kind, str) and entry.kind != kind:
                continue
            held = entry.resource.get("identifier")
            for one in held if isinstance(held, list) else ():
                if (
                    isinstance(one, dict)
                    and one.get("value") == identifier.get("value")
                    and one.get("system") == identifier.get("system")
                ):
                    return entry
        return None

    def reached_from(self, start: Entry, *, leave_out: frozenset[str] = frozenset()) -> list[Entry]:
        """Return the entries a resource refers to, directly or through others, each once, without itself.

        Args:
            start: the entry to start from.
            leave_out: resource types to neither list nor follow.
        """
        found: dict[str, Entry] = {start.url: start}
        waiting = [start]
        while waiting:
            holder = waiting.pop()
            for reference in references_in(holder.resource):
                entry = self.resolve(reference, within=holder)
                if entry is None or entry.place < 0 or entry.url in found or entry.kind in leave_out:
                    continue
                found[entry.url] = entry
                waiting.append(entry)
        del found[start.url]
        return list(found.values())


def references_in(resource: Json) -> Iterator[Json]:
    """Yield every Reference element inside a resource, depth first, without recursion."""
    waiting: list[object] = [resource]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("reference"), str):
                yield node
            waiting.extend(value for value in node.values() if isinstance(value, (dict, list)))
        elif isinstance(node, list):
            waiting.extend(value for value in node if isinstance(value, (dict, list)))


def _contained(identity: str, within: Entry) -> Entry | None:
    contained = within.resource.get("contained")
    for resource in contained if isinstance(contained, list) else ():
        if (
            isinstance(resource, dict)
            and resource.get("id") == identity
            and isinstance(resource.get("resourceType"), str)
        ):
            return Entry(-1, f"{within.url}#{identity}", resource, within)
    return None


def _a_bundle(resource: object) -> Json:
    resource = _unwrapped(resource)
    if not isinstance(resource, dict) or resource.get("resourceType") != "Bundle":
        raise MessageRefused(
            Issue(
                code="structure",
                path="Bundle",
                text="The body is not a FHIR Bundle.",
                cure="Post the Bundle itself (resourceType Bundle, type collection), or Parameters with it as the one "
                "parameter `resource`.",
            )
        )
    if not isinstance(resource.get("entry"), list) or not resource["entry"]:
        raise MessageRefused(
            Issue(
                code="required",
                path="Bundle.entry",
                text="The Bundle has no entries.",
                cure="Send the Claim as the first entry, followed by everything it refers to.",
            )
        )
    return resource


def _unwrapped(resource: object) -> object:
    """Return the resource inside Parameters, as operations may be called (FHIR R4 §3.2.0.1.1); others as they are."""
    if not isinstance(resource, dict) or resource.get("resourceType") != "Parameters":
        return resource
    given = resource.get("parameter")
    held = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    wanted = [one["resource"] for one in held if one.get("name") == "resource" and "resource" in one]
    if len(wanted) != 1:
        raise MessageRefused(
            Issue(
                code="structure",
                path="Parameters.parameter",
                text=f"The Parameters hold {len(wanted) or 'no'} parameters named `resource`; one is read.",
                cure="Send one parameter with name `resource` and the Bundle as its resource, or the Bundle itself.",
            )
        )
    return wanted[0]
