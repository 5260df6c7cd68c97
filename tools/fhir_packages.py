"""FHIR packages as the makers of shipped tables read them: definitions, value sets and the codes these list."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]

LICENSED = (
    "http://snomed.info/sct", "http://loinc.org", "http://www.ama-assn.org/", "https://codesystem.x12.org/",
    "https://valueset.x12.org/", "https://www.nubc.org/", "http://nucc.org/", "http://hl7.org/fhir/sid/icd",
)  # fmt: skip
"""Code systems that are not ours to list; a value set that needs one of them is not checked."""

FIRST_GENERATION = frozenset({"pas-2.0.1", "crd-2.0.1", "dtr-2.0.1", "us-core-3.1.1"})
"""Guides that were published together, before the others; a name means what it meant then."""

MOST_CODES = 1500
"""A longer list than this is an index of the world, not a choice; it is left out."""


class Package(NamedTuple):
    """One package: its definitions, value sets and code systems by address."""

    name: str
    definitions: list[Json]
    value_sets: dict[str, Json]
    code_systems: dict[str, Json]


class Found(NamedTuple):
    """A value set with the package it was found in."""

    url: str
    version: str
    package: str
    resource: Json


def read_package(path: Path) -> Package:
    """Read one package, without its examples."""
    name = path.name.removesuffix(".tgz").removesuffix("-compiled").removesuffix("-source")
    package = Package(name, [], {}, {})
    with tarfile.open(path) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() and "/example/" not in member.name else None
            if stream is None or not member.name.endswith(".json"):
                continue
            resource = json.load(stream)
            kind = resource.get("resourceType")
            if kind == "StructureDefinition":
                package.definitions.append(resource)
            elif kind == "ValueSet" and resource.get("url"):
                package.value_sets[resource["url"]] = resource
            elif kind == "CodeSystem" and resource.get("url"):
                package.code_systems[resource["url"]] = resource
    package.definitions.sort(key=lambda one: str(one["url"]))
    return package


class Packages:
    """All packages; a look-up starts in one of them and goes on through those of its generation, the newest first."""

    def __init__(self, packages: Sequence[Package]) -> None:
        """Keep them in their order."""
        self._packages = {one.name: one for one in packages}

    def __getitem__(self, name: str) -> Package:
        return self._packages[name]

    def __iter__(self) -> Iterator[Package]:
        return iter(self._packages.values())

    def _order(self, first: Package) -> list[Package]:
        others = [one for one in reversed(self._packages.values()) if one is not first]
        return [
            first,
            *sorted(others, key=lambda one: (one.name in FIRST_GENERATION) != (first.name in FIRST_GENERATION)),
        ]

    def definition(self, address: str, first: Package) -> tuple[Json, Package] | None:
        """Return a definition with its package; a version in the address is taken into account."""
        url, _, version = address.partition("|")
        for package in self._order(first):
            for one in package.definitions:
                if one["url"] == url and (not version or one.get("version") == version):
                    return one, package
        return None

    def value_set(self, address: str, first: Package) -> Found | None:
        """Return a value set."""
        url = address.partition("|")[0]
        for package in self._order(first):
            held = package.value_sets.get(url)
            if held is not None:
                return Found(url, held.get("version", ""), package.name, held)
        return None

    def expand(self, address: str, first: Package) -> Json | None:
        """Return the codes of a value set by system, or None when they cannot all be listed."""
        codes = self._codes(address, first, frozenset())
        if not codes or len(codes) > MOST_CODES:
            return None
        found: dict[str, list[str]] = {}
        for system, code in sorted(codes):
            found.setdefault(system, []).append(code)
        return found

    def _codes(self, address: str, first: Package, open_sets: frozenset[str]) -> set[tuple[str, str]] | None:
        held = self.value_set(address, first)
        if held is None or held.url in open_sets:
            return None
        composed = held.resource.get("compose", {})
        found: set[tuple[str, str]] = set()
        for include in composed.get("include", ()):
            part = self._included(include, first, open_sets | {held.url})
            if part is None:
                return None
            found |= part
        for exclude in composed.get("exclude", ()):
            part = self._included(exclude, first, open_sets | {held.url})
            if part is None:
                return None
            found -= part
        return found

    def _included(self, include: Json, first: Package, open_sets: frozenset[str]) -> set[tuple[str, str]] | None:
        parts = [self._codes(one, first, open_sets) for one in include.get("valueSet", ())]
        system = include.get("system", "")
        if system.startswith(LICENSED) or any(part is None for part in parts):
            return None
        if include.get("concept"):
            parts.append({(system, one["code"]) for one in include["concept"]})
        elif system:
            parts.append(self._of_system(system, include.get("filter", []), first))
        if not parts or any(part is None for part in parts):
            return None
        return set.intersection(*[part for part in parts if part is not None])

    def _of_system(self, system: str, filters: list[Json], first: Package) -> set[tuple[str, str]] | None:
        for package in self._order(first):
            held = package.code_systems.get(system)
            if held is not None and held.get("content") == "complete" and held.get("concept"):
                break
        else:
            return None
        ancestors: dict[str, set[str]] = {}
        _note_ancestors(held["concept"], set(), ancestors)
        chosen = set(ancestors)
        for one in filters:
            if one.get("op") not in {"is-a", "descendent-of"} or one.get("property") != "concept":
                return None
            kept = {code for code in chosen if one["value"] in ancestors[code]}
            chosen = kept | ({one["value"]} & chosen if one["op"] == "is-a" else set())
        return {(system, code) for code in chosen}


def _note_ancestors(concepts: list[Json], above: set[str], found: dict[str, set[str]]) -> None:
    for one in concepts:
        parents = {
            p["valueCode"] for p in one.get("property", ()) if p.get("code") == "subsumedBy" and "valueCode" in p
        }
        held = found.setdefault(one["code"], set())
        held |= above | parents | set().union(*(found.get(parent, set()) for parent in parents))
        _note_ancestors(one.get("concept", []), above | {one["code"]}, found)
