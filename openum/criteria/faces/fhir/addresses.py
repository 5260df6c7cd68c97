"""The canonical addresses, names and ids of the FHIR faces of one guideline version. Pure."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from openum.criteria.guideline import Guideline
from openum.criteria.tree import Text

Resource = dict[str, Any]
_LIBRARY = re.compile(r'^\s*library\s+"?([\w.]+)"?', re.MULTILINE)
_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the faces of one guideline version live."""

    base: str
    """The address of the installation, without a slash at the end."""
    guideline: Guideline

    def url(self, kind: str, name: str = "") -> str:
        """Return the canonical address of a resource, without its version."""
        place = f"{self.base}/policies/{self.guideline.id}/fhir/{kind}"
        return f"{place}/{name}" if name else place

    def canonical(self, kind: str, name: str = "") -> str:
        """Return the canonical address with the version."""
        return f"{self.url(kind, name)}|{self.guideline.version}"

    def served(self, kind: str, name: str = "") -> str:
        """Return the address at which this very version is served."""
        place = f"{self.base}/policies/{self.guideline.id}/{self.guideline.version}/fhir/{kind}"
        return f"{place}/{name}" if name else place

    def id(self, name: str = "") -> str:
        """Return a resource id: letters, digits, points and hyphens, at most 64 of them."""
        text = re.sub(r"[^A-Za-z0-9.-]+", "-", f"{self.guideline.id}-{self.guideline.version}-{name}".strip("-"))
        if len(text) <= 64:
            return text
        return f"{text[:53]}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"

    @property
    def logic(self) -> str:
        """The name of the guideline's own CQL library."""
        found = _LIBRARY.search(self.guideline.cql)
        return found.group(1) if found else machine_name(self.guideline.id)

    @property
    def faces(self) -> str:
        """The name of the library that is generated for the form and the tree."""
        return f"{self.logic}_Faces"


def slug(name: str) -> str:
    """Return a name as part of an address."""
    return re.sub(r"[^a-z0-9.]+", "-", name.casefold()).strip("-")


def machine_name(name: str) -> str:
    """Return a name that programs can use: letters, digits and underscores, a capital letter first."""
    text = re.sub(r"\W+", "_", name).strip("_")
    return text if text[:1].isupper() else f"N_{text}"


def told(resource: Resource, element: str, text: Text) -> Resource:
    """Put a sentence into an element, with its Spanish translation beside it."""
    if text.en:
        resource[element] = text.en
        if text.es:
            resource[f"_{element}"] = {
                "extension": [
                    {
                        "url": _TRANSLATION,
                        "extension": [
                            {"url": "lang", "valueCode": "es"},
                            {"url": "content", "valueString": text.es},
                        ],
                    }
                ]
            }
    return resource


def header(places: Addresses, kind: str, name: str = "") -> Resource:
    """Return what every face begins with: identity, version, status, dates, publisher."""
    g = places.guideline
    label = machine_name(f"{places.logic}_{name}") if name else machine_name(f"{places.logic}_{kind}")
    head: Resource = {
        "resourceType": kind,
        "id": places.id(f"{kind}-{name}" if name else kind),
        "language": "en",
        "url": places.url(kind, name),
        "version": g.version,
        "name": label,
        "status": "retired" if g.status == "retired" else "active" if g.status == "published" else "draft",
        "experimental": False,
        "date": g.effective_from.isoformat(),
        "publisher": g.owner,
    }
    return head


def effective(places: Addresses) -> Resource:
    """Return the period in which the version holds; FHIR counts the last day in."""
    g = places.guideline
    period: Resource = {"start": g.effective_from.isoformat()}
    if g.effective_to:
        period["end"] = g.effective_to.fromordinal(g.effective_to.toordinal() - 1).isoformat()
    return period
