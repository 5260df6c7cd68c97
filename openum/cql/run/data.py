"""The records of one case, indexed by type and code on first use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from openum.cql.fhir import model
from openum.cql.values.codes import ALL_CODES

Resource = dict[str, Any]
Pair = tuple[str | None, str | None]


_FEW: Final = 8  # a list of whole code systems is never longer


class CaseData:
    """FHIR resources of one person, ready to be asked by type and code."""

    def __init__(self, resources: Iterable[tuple[str, Any]]) -> None:
        self.by_type: dict[str, list[Resource]] = {}
        self._all: list[tuple[str, Resource]] = []
        self._own: set[int] | None = None
        self._keys: dict[int, str] | None = None  # of resources without an id
        self._by_reference: dict[str, Resource] | None = None
        self._parts: dict[int, Resource] | None = None
        self._codes: dict[tuple[str, str], dict[Pair, list[int]]] = {}
        by_type, append = self.by_type, self._all.append
        for entry in resources:
            resource = entry[1]
            kind = resource.get("resourceType") if isinstance(resource, dict) else None
            if isinstance(kind, str):
                append(entry)
                if kind in by_type:
                    by_type[kind].append(resource)
                else:
                    by_type[kind] = [resource]

    @classmethod
    def from_resources(cls, resources: Iterable[Any]) -> CaseData:
        """Build from resources as parsed JSON; what is no resource is passed over."""
        return cls([("", r) for r in resources])

    @classmethod
    def from_bundle(cls, bundle: Mapping[str, Any]) -> CaseData:
        """Build from a parsed Bundle; entries without a resource are passed over."""
        entries = [e for e in bundle.get("entry") or () if isinstance(e, dict)]
        return cls([(str(e.get("fullUrl") or ""), e.get("resource")) for e in entries])

    def key_of(self, value: Resource, kinds: frozenset[str] = frozenset()) -> str | None:
        """Return "Type/id" of a resource of this case, its full address when it has no id.

        A part of a resource has the key of its resource, if the resource is of one of the kinds.
        """
        if "resourceType" in value:
            return self._key_of_resource(value)
        if self._parts is None:
            self._parts = {}
            for kind in kinds:
                for resource in self.of_type(kind):
                    self._add_parts(resource, resource)
        owner = self._parts.get(id(value))
        return None if owner is None else self._key_of_resource(owner)

    def _add_parts(self, value: Any, owner: Resource) -> None:
        parts = self._parts
        if isinstance(value, dict) and parts is not None:
            parts[id(value)] = owner
            for inner in value.values():
                if isinstance(inner, dict | list):
                    self._add_parts(inner, owner)
        elif isinstance(value, list):
            for inner in value:
                self._add_parts(inner, owner)

    def _key_of_resource(self, resource: Resource) -> str | None:
        name = resource.get("id")
        if type(name) is str and name:
            if self._own is None:
                self._own = {id(each) for _, each in self._all}
            return f"{resource['resourceType']}/{name}" if id(resource) in self._own else None
        if self._keys is None:
            counts: dict[str, int] = {}
            self._keys = {}
            for full_url, each in self._all:
                kind = each["resourceType"]
                counts[kind] = counts.get(kind, 0) + 1
                self._keys[id(each)] = full_url or f"{kind}/#{counts[kind]}"
        return self._keys.get(id(resource))

    def resolve(self, reference: str) -> Resource | None:
        """Return the resource a reference points to."""
        if self._by_reference is None:
            self._by_reference = {}
            for full_url, each in self._all:
                for key in (full_url, self._key_of_resource(each)):
                    if key:
                        self._by_reference.setdefault(key, each)
        found = self._by_reference.get(reference)
        if found is None and "/" in reference:
            found = self._by_reference.get("/".join(reference.split("/")[-2:]))
        return found

    def of_type(self, kind: str) -> list[Resource]:
        """Return all resources of a type, in the order given."""
        return self.by_type.get(kind, [])

    def with_codes(self, kind: str, path: str, pairs: frozenset[Pair]) -> list[Resource]:
        """Return the resources of a type with one of the codes at a path, in the order given."""
        index = self.code_index(kind, path)
        if len(pairs) <= len(index):
            found = {p for pair in pairs if pair in index for p in index[pair]}
        else:
            found = {p for pair in pairs.intersection(index) for p in index[pair]}
        if len(pairs) <= _FEW:
            for system, code in pairs:
                if code == ALL_CODES:
                    found |= {p for (s, _), places in index.items() if s == system for p in places}
        group = self.of_type(kind)
        return [group[p] for p in sorted(found)]

    def code_index(self, kind: str, path: str) -> dict[Pair, list[int]]:
        """Return the places of the resources of a type by the codes they have at a path."""
        index = self._codes.get((kind, path))
        if index is None:
            index = self._codes[kind, path] = self._index(kind, path)
        return index

    def _index(self, kind: str, path: str) -> dict[Pair, list[int]]:
        keys = _concept_keys(kind, path)
        if keys is None:
            return self._index_by_path(kind, path)
        index: dict[Pair, list[int]] = {}
        for position, resource in enumerate(self.of_type(kind)):
            for key in keys:
                value = resource.get(key)
                if value is None:
                    continue
                for concept in value if type(value) is list else (value,):
                    codings = concept.get("coding") if type(concept) is dict else None
                    if type(codings) is list:
                        self._add_codings(index, codings, position)
                    else:
                        for pair in self._codings(concept):
                            index.setdefault(pair, []).append(position)
        return index

    @staticmethod
    def _add_codings(index: dict[Pair, list[int]], codings: list[Any], position: int) -> None:
        for coding in codings:
            if type(coding) is dict:
                pair = (coding.get("system"), coding.get("code"))
                try:
                    index[pair].append(position)
                except KeyError:
                    index[pair] = [position]
                except TypeError:  # a system or code that is no text
                    continue

    def _index_by_path(self, kind: str, path: str) -> dict[Pair, list[int]]:
        index: dict[Pair, list[int]] = {}
        for position, resource in enumerate(self.of_type(kind)):
            for pair in self._pairs(kind, resource, path):
                index.setdefault(pair, []).append(position)
        return index

    def _pairs(self, kind: str, resource: Resource, path: str) -> list[Pair]:
        values: list[Any] = [resource]
        current = kind
        for name in path.split("."):
            element = model.element(current, name)
            keys = element.alternatives() if element else ((name, ""),)
            following: list[Any] = []
            for value in values:
                for key, _ in keys:
                    raw = value.get(key) if isinstance(value, dict) else None
                    following.extend(raw if isinstance(raw, list) else [] if raw is None else [raw])
            values = following
            current = element.types[0] if element else ""
        return [pair for value in values for pair in self._codings(value)]

    def _codings(self, value: Any) -> list[Pair]:
        if isinstance(value, str):
            return [(None, value)]
        if not isinstance(value, dict):
            return []
        codings = value.get("coding")
        if isinstance(codings, list):
            return [_pair(c) for c in codings if isinstance(c, dict)]
        if isinstance(value.get("reference"), str):
            target = self.resolve(value["reference"])
            code = target.get("code") if target is not None else None
            return self._codings(code) if isinstance(code, dict) else []
        return [_pair(value)] if "code" in value else []


@lru_cache(maxsize=256)
def _concept_keys(kind: str, path: str) -> tuple[str, ...] | None:
    """Return the JSON keys of a coded element of a resource, or None for a path of several steps."""
    if "." in path:
        return None
    element = model.element(kind, path)
    return (path,) if element is None else tuple(key for key, _ in element.alternatives())


def _pair(coding: dict[str, Any]) -> Pair:
    """Return (system, code), with anything that is no text read as absent."""
    system, code = coding.get("system"), coding.get("code")
    return system if isinstance(system, str) else None, code if isinstance(code, str) else None
