"""Profiles of the table, compiled once each: what a profile asks beyond FHIR R4, as a tree along the elements."""

from functools import cache, lru_cache
from typing import Any, NamedTuple

from openum.adapters.fhir.validation.invariants import Invariant
from openum.adapters.fhir.validation.table import R4_PACKAGE, Codes, Entry, codes, table

Json = dict[str, Any]

R4_BASE = "http://hl7.org/fhir/StructureDefinition/"
URL_DISCRIMINATOR = (("value", "url"),)


class Edition(NamedTuple):
    """A set of guides that belong together; an address without a version means the first package that has it."""

    name: str
    packages: tuple[str, ...]


_SUBSCRIPTIONS, _ATTACHMENTS = "subscriptions-backport-r4-1.1.0", "cdex-2.1.0"
STU2 = Edition(
    "2.0",
    (
        "pas-2.0.1", "crd-2.0.1", "dtr-2.0.1", _SUBSCRIPTIONS, _ATTACHMENTS, "us-core-3.1.1", "us-core-6.1.0",
        "us-core-7.0.0", R4_PACKAGE,
    ),
)  # fmt: skip
STU2_2 = Edition(
    "2.2",
    (
        "pas-2.2.1", "crd-2.2.1", "dtr-2.2.0", _SUBSCRIPTIONS, _ATTACHMENTS, "hrex-1.2.0", "sdc-4.0.0", "us-core-7.0.0",
        "us-core-6.1.0", "us-core-3.1.1", R4_PACKAGE,
    ),
)  # fmt: skip
EDITIONS = {one.name: one for one in (STU2, STU2_2)}


class Allowed(NamedTuple):
    """What a type may be held to: profiles of the value itself, and targets of a reference."""

    profiles: tuple[str, ...]
    targets: tuple[str, ...]


class Node:
    """What a profile says of one element.

    Attributes:
        least, most: how many values; most is None when there is no limit beyond R4.
        types: the types that are allowed; empty when the profile says nothing.
        fixed, pattern: a value in a tuple of one, or an empty tuple.
        children: by name; a choice element is written value[x].
        may_be_absent: whether nothing is wrong where the element has no value.
    """

    __slots__ = (
        "children", "codes", "fixed", "invariants", "least", "may_be_absent", "most", "pattern", "slicing", "types",
    )  # fmt: skip

    def __init__(self, node: Json) -> None:
        self.least: int = node.get("min", 0)
        self.most: int | None = node.get("max")
        self.types = {
            code: Allowed(tuple(facts.get("p", ())), tuple(facts.get("g", ())))
            for code, facts in node.get("t", {}).items()
        }
        self.fixed: tuple[Any, ...] = (node["fx"],) if "fx" in node else ()
        self.pattern: tuple[Any, ...] = (node["pt"],) if "pt" in node else ()
        self.codes: Codes | None = codes(node["b"]) if "b" in node else None
        self.invariants = tuple(Invariant(*one) for one in node.get("i", ()))
        self.children = {name: Node(child) for name, child in node.get("e", {}).items()}
        self.slicing = Slicing(node["s"]) if "s" in node else None
        slices = self.slicing.slices.values() if self.slicing is not None else ()
        self.may_be_absent = self.least == 0 and all(one.least == 0 for one in slices)


class Slicing:
    """How the values of one element are told apart.

    Attributes:
        discriminators: (kind, path) of each.
        is_closed: whether a value of no slice is wrong.
        by_url: the slice of each address when extensions are told apart by it.
    """

    __slots__ = ("by_url", "discriminators", "is_closed", "slices")

    def __init__(self, slicing: Json) -> None:
        self.discriminators: tuple[tuple[str, str], ...] = tuple((kind, path) for kind, path in slicing.get("d", ()))
        self.is_closed = slicing.get("r") == "closed"
        self.slices: dict[str, Node] = {name: Node(one) for name, one in slicing["s"].items()}
        self.by_url: dict[str, str] = {}
        if self.discriminators == URL_DISCRIMINATOR:
            self.by_url = {_url_of(node): name for name, node in self.slices.items() if _url_of(node)}


def _url_of(node: Node) -> str:
    """Return the address of the extension that a slice holds: fixed in place, or the one of its profile."""
    url = node.children.get("url")
    if url is not None and url.fixed:
        return str(url.fixed[0])
    profiles = node.types["Extension"].profiles if "Extension" in node.types else ()
    return profiles[0].partition("|")[0] if profiles else ""


class Definition(NamedTuple):
    """A profile: where it is from, the type it is for, and what it asks."""

    canonical: str
    type: str
    root: Node


@cache
def _compiled(entry: Entry) -> Definition:
    content = entry.content()
    return Definition(f"{entry.url}|{entry.version}" if entry.version else entry.url, content["t"], Node(content["r"]))


@lru_cache(maxsize=4096)
def definition(canonical: str, edition: Edition) -> Definition | None:
    """Return a profile or extension by its address, with the version it names or else that of the edition."""
    url, _, version = canonical.partition("|")
    held = table().profiles.get(url if "/" in url else R4_BASE + url, ())
    exact = [one for one in held if one.version == version] if version else []
    if exact:
        return _compiled(exact[0])
    for package in edition.packages:
        for one in held:
            if one.package == package:
                return _compiled(one)
    return None


def profile_named(name: str, edition: Edition) -> str | None:
    """Return the address of a profile that a person names by its address or by the last part of it, else None."""
    if "/" in name:
        return name if definition(name, edition) is not None else None
    for package in edition.packages:
        for url, entries in table().profiles.items():
            if name_of(url) == name and any(one.package == package for one in entries):
                return url
    return None


def is_base_type(canonical: str) -> bool:
    """Say whether an address names a type of R4 itself, not a profile of one."""
    return canonical.removeprefix(R4_BASE).partition("|")[0] in table().types


def name_of(canonical: str) -> str:
    """Return the last part of an address."""
    return canonical.partition("|")[0].rpartition("/")[2]
