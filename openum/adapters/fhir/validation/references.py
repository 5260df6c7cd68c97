"""Where the references of a message lead: contained resources and the entries of the Bundle around them.

FHIR R4 §2.36.4.1: `#id` within the resource, `urn:` and absolute addresses against fullUrl, relative ones against
the base of the fullUrl they stand in, and without one against type and id.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from openum.adapters.fhir.validation.violations import Step

Json = dict[str, Any]

_RESTFUL = re.compile(r"(?P<base>https?://.+)/[A-Za-z]+/[A-Za-z0-9\-.]{1,64}(/_history/.*)?")
_LOCAL = re.compile(r"(https?://.+/)?(?P<type>[A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}")


class Holder(NamedTuple):
    """A resource of the message: its content, place, address, and the resource that contains it."""

    resource: Json
    place: Step
    url: str
    container: "Holder | None"

    @property
    def outermost(self) -> Json:
        """The resource that contains this one, or the resource itself: %rootResource of FHIRPath."""
        return self.container.resource if self.container is not None else self.resource


class Directory:
    """The resources of one message by address."""

    def __init__(self, root: Json) -> None:
        """Index the entries of a Bundle; another resource stands alone."""
        self.is_bundle = root.get("resourceType") == "Bundle"
        self._by_url: dict[str, Holder] = {}
        self._by_local: dict[str, list[Holder]] = {}
        self._holders: dict[int, Holder] = {}

    def add(self, resource: Json, place: Step, url: str, container: Holder | None) -> Holder:
        """Note a resource; return it with its surroundings."""
        holder = Holder(resource, place, url, container)
        self._holders[id(resource)] = holder
        if container is None:
            if url:
                self._by_url.setdefault(url, holder)
            self._by_local.setdefault(f"{resource.get('resourceType')}/{resource.get('id')}", []).append(holder)
        return holder

    def __iter__(self) -> Iterator[Holder]:
        return iter(self._holders.values())

    def resolve(self, text: str, holder: Holder) -> Holder | None:
        """Return the resource that a reference names, None when the message does not hold it."""
        around = holder.container or holder
        if text.startswith("#"):
            return around if text == "#" else self._contained(text[1:], around)
        text = text.split("/_history/", 1)[0]
        found = self._by_url.get(text)
        if found is not None or ":" in text.split("/", 1)[0]:
            return found
        restful = _RESTFUL.fullmatch(around.url)
        if restful:
            found = self._by_url.get(f"{restful['base']}/{text}")
            if found is not None:
                return found
        candidates = self._by_local.get(text, [])
        return candidates[0] if len(candidates) == 1 else None

    def _contained(self, identity: str, around: Holder) -> Holder | None:
        contained = around.resource.get("contained")
        for one in contained if isinstance(contained, list) else ():
            if isinstance(one, dict) and one.get("id") == identity:
                return self._holders.get(id(one))
        return None


def type_named(text: str) -> str:
    """Return the resource type that a literal reference names, empty when it names none."""
    local = _LOCAL.fullmatch(text.split("/_history/", 1)[0])
    return local["type"] if local else ""


def must_be_here(text: str) -> bool:
    """Say whether a reference can only lead to a resource of the same message."""
    return text.startswith(("#", "urn:"))
