"""The records of one case, indexed by type and code on first use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openum.cql.fhir import model
from openum.cql.values.codes import ALL_CODES

Resource = dict[str, Any]
Pair = tuple[str | None, str | None]


class CaseData:
    """FHIR resources of one person, ready to be asked by type and code."""

    def __init__(self, resources: Iterable[tuple[str, Any]]) -> None:
        self.by_type: dict[str, list[Resource]] = {}
        self._all: list[tuple[str, Resource]] = []
        self._keys: dict[int, str] | None = None
        self._by_reference: dict[str, Resource] | None = None
        self._parts: dict[int, Resource] | None = None
        self._codes: dict[tuple[str, str], dict[Pair, list[int]]] = {}
        for entry in resources:
            resource = entry[1]
            kind = resource.get("resourceType") if isinstance(resource, dict) else None
            if isinstance(kind, str):
                self._all.append(entry)
                group = self.by_type.get(kind)
                if group is None:
                    self.by_type[kind] = [resource]
                else:
                    group.append(resource)

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
        if self._keys is None:
            counts: dict[str, int] = {}
            self._keys = {}
            for full_url, each in self._all:
                kind, name = each["resourceType"], each.get("id")
                counts[kind] = counts.get(kind, 0) + 1
                named = isinstance(name, str) and name
                self._keys[id(each)] = f"{kind}/{name}" if named else full_url or f"{kind}/#{counts[kind]}"
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
            found = [p for pair in pairs for p in index.get(pair, ())]
        else:
            found = [p for pair, positions in index.items() if pair in pairs for p in positions]
        for system, code in pairs:
            if code == ALL_CODES:
                found += [p for (s, _), positions in index.items() if s == system for p in positions]
        group = self.of_type(kind)
        return [group[p] for p in sorted(set(found))]

    def code_index(self, kind: str, path: str) -> dict[Pair, list[int]]:
        """Return the places of the resources of a type by the codes they have at a path."""
        index = self._codes.get((kind, path))
        if index is None:
            index = self._codes[kind, path] = self._index(kind, path)
        return index

    def _index(self, kind: str, path: str) -> dict[Pair, list[int]]:
        index: dict[Pair, list[int]] = {}
        element = model.element(kind, path)
        if element is not None and not element.is_list and element.types == ("CodeableConcept",):
            for position, resource in enumerate(self.of_type(kind)):
                value = resource.get(path)
                if isinstance(value, dict):
                    codings = value.get("coding")
                    for coding in codings if isinstance(codings, list) else ():
                        if isinstance(coding, dict):
                            index.setdefault(_pair(coding), []).append(position)
            return index
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


def _pair(coding: dict[str, Any]) -> Pair:
    """Return (system, code), with anything that is no text read as absent."""
    system, code = coding.get("system"), coding.get("code")
    return system if isinstance(system, str) else None, code if isinstance(code, str) else None
