"""The records of one case, indexed by type and code on first use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openum.cql.fhir import model

Resource = dict[str, Any]
Pair = tuple[str | None, str | None]


class CaseData:
    """FHIR resources of one person, ready to be asked by type and code."""

    def __init__(self, resources: Iterable[tuple[str, Any]]) -> None:
        self.by_type: dict[str, list[Resource]] = {}
        self._keys: dict[int, str] = {}
        self._by_reference: dict[str, Resource] = {}
        self._codes: dict[tuple[str, str], list[tuple[Resource, frozenset[Pair]]]] = {}
        for full_url, resource in resources:
            kind = resource.get("resourceType") if isinstance(resource, dict) else None
            if not isinstance(kind, str):
                continue
            group = self.by_type.setdefault(kind, [])
            group.append(resource)
            name = resource.get("id")
            key = f"{kind}/{name}" if isinstance(name, str) and name else full_url or f"{kind}/#{len(group)}"
            self._keys[id(resource)] = key
            self._by_reference.setdefault(key, resource)
            if full_url:
                self._by_reference.setdefault(full_url, resource)

    @classmethod
    def from_resources(cls, resources: Iterable[Any]) -> CaseData:
        """Build from resources as parsed JSON; what is no resource is passed over."""
        return cls(("", r) for r in resources)

    @classmethod
    def from_bundle(cls, bundle: Mapping[str, Any]) -> CaseData:
        """Build from a parsed Bundle; entries without a resource are passed over."""
        entries = [e for e in bundle.get("entry") or () if isinstance(e, dict)]
        return cls((str(e.get("fullUrl") or ""), e["resource"]) for e in entries if isinstance(e.get("resource"), dict))

    def key_of(self, resource: Resource) -> str | None:
        """Return "Type/id" of a resource of this case."""
        return self._keys.get(id(resource))

    def resolve(self, reference: str) -> Resource | None:
        """Return the resource a reference points to."""
        found = self._by_reference.get(reference)
        if found is None and "/" in reference:
            found = self._by_reference.get("/".join(reference.split("/")[-2:]))
        return found

    def of_type(self, kind: str) -> list[Resource]:
        """Return all resources of a type, in the order given."""
        return self.by_type.get(kind, [])

    def with_codes(self, kind: str, path: str, pairs: frozenset[Pair]) -> list[Resource]:
        """Return the resources of a type with one of the codes at a path."""
        index = self._codes.get((kind, path))
        if index is None:
            index = [(r, frozenset(self._pairs(kind, r, path))) for r in self.of_type(kind)]
            self._codes[kind, path] = index
        found = [r for r, codes in index if not codes.isdisjoint(pairs)]
        systems = {system for system, code in pairs if code is None}
        if systems:
            found += [r for r, codes in index if r not in found and any(s in systems for s, _ in codes)]
        return found

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
            return [(c.get("system"), c.get("code")) for c in codings if isinstance(c, dict)]
        if isinstance(value.get("reference"), str):
            target = self.resolve(value["reference"])
            code = target.get("code") if target is not None else None
            return self._codings(code) if isinstance(code, dict) else []
        return [(value.get("system"), value.get("code"))] if "code" in value else []
