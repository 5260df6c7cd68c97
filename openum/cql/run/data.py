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

    def __init__(self, resources: Iterable[Any], urls: Mapping[int, str] | None = None) -> None:
        """Hold resources; `urls` are their full addresses by the identity of the resource."""
        self.by_type: dict[str, list[Resource]] = {}
        self._urls = urls or {}
        self._own: dict[str, set[int]] = {}  # identities of the resources of a type
        self._keys: dict[int, str] = {}  # by the identity of the resource
        self._by_reference: dict[str, Resource] | None = None
        self._parts: dict[int, Resource] | None = None
        self._codes: dict[tuple[str, str], dict[Pair, list[int]]] = {}
        by_type = self.by_type
        known = by_type.get
        for resource in resources:
            if isinstance(resource, dict):
                kind = resource.get("resourceType")
                if isinstance(kind, str):
                    group = known(kind)
                    if group is None:
                        by_type[kind] = [resource]
                    else:
                        group.append(resource)

    @classmethod
    def from_resources(cls, resources: Iterable[Any]) -> CaseData:
        """Build from resources as parsed JSON; what is no resource is passed over."""
        return cls(resources)

    @classmethod
    def from_bundle(cls, bundle: Mapping[str, Any]) -> CaseData:
        """Build from a parsed Bundle; entries without a resource are passed over."""
        listed = bundle.get("entry")
        entries = [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []
        urls = {id(e.get("resource")): str(e["fullUrl"]) for e in entries if e.get("fullUrl")}
        return cls([e.get("resource") for e in entries], urls)

    def key_of(self, value: Resource, kinds: frozenset[str] = frozenset()) -> str | None:
        """Return "Type/id" of a resource of this case, its full address when it has no id.

        A part of a resource has the key of its resource, if the resource is of one of the kinds.
        """
        known = self._keys.get(id(value))
        if known is not None:
            return known
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
        kind = resource["resourceType"]
        own = self._own.get(kind)
        if own is None:
            own = self._own[kind] = set(map(id, self.of_type(kind)))
        if id(resource) not in own:
            return None
        name = resource.get("id")
        if isinstance(name, str) and name:
            key = f"{kind}/{name}"
        else:
            place = next(n for n, each in enumerate(self.of_type(kind), 1) if each is resource)
            key = self._urls.get(id(resource)) or f"{kind}/#{place}"
        self._keys[id(resource)] = key
        return key

    def resolve(self, reference: str) -> Resource | None:
        """Return the resource a reference points to."""
        if self._by_reference is None:
            self._by_reference = {}
            for group in self.by_type.values():
                for each in group:
                    for key in (self._urls.get(id(each)), self._key_of_resource(each)):
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
        known = index.get
        position = -1
        for resource in self.of_type(kind):
            position += 1
            for key in keys:
                value = resource.get(key)
                if value is None:
                    continue
                try:
                    for concept in value if type(value) is list else (value,):
                        for coding in concept["coding"]:
                            pair = (coding.get("system"), coding.get("code"))
                            places = known(pair)
                            if places is None:
                                index[pair] = [position]
                            else:
                                places.append(position)
                except (KeyError, TypeError, AttributeError):  # another shape than a CodeableConcept
                    for pair in self._pairs_of(value):
                        index.setdefault(pair, []).append(position)
        return index

    def _pairs_of(self, value: Any) -> list[Pair]:
        return [pair for each in (value if isinstance(value, list) else [value]) for pair in self._codings(each)]

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
