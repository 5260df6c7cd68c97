"""One resource by itself, as REST hands it out: whatever it refers to can be read, or is contained in it.

Messages refer inside their Bundle by urn:uuid; outside of it such an address leads nowhere.
"""

import copy
import re
from collections.abc import Mapping

from openum.adapters.fhir.bundle import Bundle, Entry, references_in
from openum.adapters.fhir.elements import Json, part, rows, text

_ID = re.compile(r"^[A-Za-z0-9\-.]{1,64}$")
_NOT_OF_CONTAINED = ("versionId", "lastUpdated", "security")


def standing_alone(bundle: Bundle, start: Entry, *, readable: Mapping[str, str]) -> Json:
    """Return a resource with references that lead to something.

    Args:
        bundle: holds what the resource refers to.
        start: the resource.
        readable: the address at which an entry can be read, by its fullUrl; one with a web address is left there.
    """
    return _Containing(bundle, start, readable).resource


class _Containing:
    """A copy of one resource, and what had to be put inside."""

    def __init__(self, bundle: Bundle, start: Entry, readable: Mapping[str, str]) -> None:
        self._bundle, self._start, self._readable = bundle, start, readable
        self._names: dict[str, str] = {}
        self.resource: Json = copy.deepcopy(start.resource)
        own = [one for one in rows(self.resource.get("contained")) if text(one.get("id"))]
        self._taken = {text(one["id"]) for one in own}
        self._contained: list[Json] = []
        self._lead(self.resource, start)
        if self._contained:
            self.resource["contained"] = [*own, *self._contained]

    def _lead(self, resource: Json, holder: Entry) -> None:
        for reference in list(references_in(resource)):
            address = reference["reference"]
            if address.startswith("#"):
                continue
            entry = self._bundle.resolve({"reference": address}, within=holder)
            url = entry.url if entry is not None else self._bundle.absolute(address, within=holder)
            if url in self._readable:
                reference["reference"] = self._readable[url]
            elif entry is None or url.startswith(("http://", "https://")):
                reference["reference"] = url
            elif entry.url != self._start.url:
                reference["reference"] = f"#{self._name_of(entry)}"

    def _name_of(self, entry: Entry) -> str:
        """Return the id of an entry inside the resource; put it there first."""
        if entry.url not in self._names:
            inner = copy.deepcopy(entry.resource)
            self._names[entry.url] = inner["id"] = self._free(text(inner.get("id")))
            self._flatten(inner)
            meta = {name: value for name, value in part(inner, "meta").items() if name not in _NOT_OF_CONTAINED}
            inner = {name: value for name, value in inner.items() if name != "meta"} | ({"meta": meta} if meta else {})
            self._contained.append(inner)
            self._lead(inner, entry)
        return self._names[entry.url]

    def _free(self, wanted: str) -> str:
        name = wanted if _ID.match(wanted) and wanted not in self._taken else f"part-{len(self._taken) + 1}"
        while name in self._taken:
            name = f"{name}-1"
        self._taken.add(name)
        return name

    def _flatten(self, inner: Json) -> None:
        """Put what a resource itself contains beside it: containing does not nest (FHIR dom-2)."""
        nested = list(rows(inner.pop("contained", None)))
        names = {text(one.get("id")): self._free(text(one.get("id"))) for one in nested}
        for one in nested:
            one["id"] = names[text(one.get("id"))]
        for holder in (inner, *nested):
            for reference in references_in(holder):
                if reference["reference"][1:] in names and reference["reference"].startswith("#"):
                    reference["reference"] = f"#{names[reference['reference'][1:]]}"
        self._contained += nested
