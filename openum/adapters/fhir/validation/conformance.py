"""Whether a resource or an element conforms to a profile: what the profile asks beyond FHIR R4."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from openum.adapters.fhir.validation import say
from openum.adapters.fhir.validation.codes import is_member
from openum.adapters.fhir.validation.profiles import (
    Allowed,
    Definition,
    Edition,
    Node,
    Slicing,
    definition,
    is_base_type,
    name_of,
)
from openum.adapters.fhir.validation.references import Directory, Holder, must_be_here, type_named
from openum.adapters.fhir.validation.slices import Sorter, Tests, Undecided, matches_pattern
from openum.adapters.fhir.validation.types import TypeRules, type_rules
from openum.adapters.fhir.validation.violations import Severity, Step, Violation
from openum.adapters.fhir.validation.walk import MOST_EVALUATIONS
from openum.cql.fhirpath import Hooks

Json = dict[str, Any]

LONGEST_VALUE = 200


class Value(NamedTuple):
    """One value of an element: its JSON, the JSON of its extensions, its type and place."""

    json: Any
    extra: Json | None
    type: str
    place: Step


_NO_KEYS: frozenset[str] = frozenset()
_WORKED_OUT: dict[Edition, Tests] = {}
"""The tests of slices, which the definitions of an edition alone decide."""


class Found(list[Violation]):
    """What one profile finds in one value."""

    @property
    def has_errors(self) -> bool:
        """Whether the value does not conform."""
        return any(one.severity is Severity.ERROR for one in self)


class Conformance:
    """Checks the values of one message against profiles; each pair of value and profile once."""

    def __init__(self, directory: Directory, edition: Edition) -> None:
        """Start with nothing checked."""
        self._directory = directory
        self._edition = edition
        self._checked: dict[tuple[int, str], Found] = {}
        self._evaluations = 0
        self._holder: Holder | None = None
        self._sorter = Sorter(self.profile, self._conforms_quietly, self._followed, _WORKED_OUT.setdefault(edition, {}))
        self.hooks = Hooks(conforms_to=self._conforms_to)

    @property
    def is_exhausted(self) -> bool:
        """Whether more invariants are at stake than are evaluated for one message."""
        return self._evaluations > MOST_EVALUATIONS

    def profile(self, canonical: str) -> Definition | None:
        """Return a profile of the edition."""
        return definition(canonical, self._edition)

    def check(self, value: Json, profile: Definition, place: Step, holder: Holder) -> Found:
        """Return what a profile finds in a resource or an extension."""
        key = (id(value), profile.canonical)
        known = self._checked.get(key)
        if known is not None:
            return known
        found = self._checked[key] = Found()
        kind = value.get("resourceType", profile.type)
        rules = type_rules(profile.type)
        if kind != profile.type or rules is None:
            found.append(say.profile_of_other_type(place, str(kind), profile.type, profile=profile.canonical))
            return found
        outer, self._holder = self._holder, holder
        self._value(Value(value, None, profile.type, place), rules, profile.root, profile.canonical, found)
        self._holder = outer
        return found

    def _conforms_quietly(self, value: Json, profile: Definition) -> bool:
        assert self._holder is not None
        return not self.check(value, profile, self._holder.place, self._holder).has_errors

    def _conforms_to(self, value: Any, canonical: str) -> bool | None:
        profile = self.profile(canonical)
        return self._conforms_quietly(value, profile) if profile is not None and isinstance(value, dict) else None

    def _followed(self, reference: Json) -> Json | None:
        text = reference.get("reference")
        assert self._holder is not None
        held = self._directory.resolve(text, self._holder) if isinstance(text, str) else None
        return held.resource if held is not None else None

    # --- one value -------------------------------------------------------------------------------------------------

    def _value(self, value: Value, rules: TypeRules | None, node: Node, profile: str, found: Found) -> None:
        if node.fixed and not _same(value.json, node.fixed[0]):
            found.append(say.not_fixed(value.place, _shown(node.fixed[0]), profile=profile, is_pattern=False))
        if node.pattern and not matches_pattern(value.json, node.pattern[0]):
            found.append(say.not_fixed(value.place, _shown(node.pattern[0]), profile=profile, is_pattern=True))
        if node.codes is not None and is_member(value.json, value.type, node.codes) is False:
            found.append(say.no_code_of(value.place, node.codes, profile=profile))
        if node.types:
            self._types(value, node, profile, found)
        for invariant in node.invariants:
            assert self._holder is not None
            self._evaluations += 1
            if self.is_exhausted:
                break
            name = rules.model_name if rules is not None else value.type
            if invariant.is_broken(
                value.json,
                name,
                extra=value.extra,
                resource=self._holder.resource,
                root=self._holder.outermost,
                hooks=self.hooks,
            ):
                found.append(
                    say.broken(
                        value.place, invariant.key, invariant.human, is_error=invariant.is_error, profile=profile
                    )
                )
        if rules is not None and isinstance(value.json, dict):
            keys = rules.keys
            for name, child in node.children.items():
                if child.may_be_absent and keys.get(name, _NO_KEYS).isdisjoint(value.json):
                    continue
                self._element(value, rules, name, child, profile, found)

    def _element(self, owner: Value, rules: TypeRules, name: str, node: Node, profile: str, found: Found) -> None:
        values = list(_values(owner, rules, name))
        place = (owner.place, name.removesuffix("[x]"), -1)
        if node.most is not None and len(values) > node.most:
            found.append(say.too_much(place, node.most, len(values), profile=profile))
        for one in values:
            self._value(one, type_rules(one.type), node, profile, found)
        is_told = node.slicing is not None and self._slices(values, place, node.slicing, profile, found)
        if len(values) < node.least and not is_told:
            found.append(say.too_few(place, node.least, len(values), profile=profile))

    def _slices(self, values: list[Value], place: Step, slicing: Slicing, profile: str, found: Found) -> bool:
        """Check each value against its slice, and how many each slice has; tell whether one has too few."""
        counts = dict.fromkeys(slicing.slices, 0)
        is_decided = True
        for one in values:
            try:
                name = self._sorter.slice_of(one.json, one.type, slicing)
            except Undecided:
                is_decided = False
                continue
            if name:
                counts[name] += 1
                self._value(one, type_rules(one.type), slicing.slices[name], profile, found)
            elif slicing.is_closed:
                found.append(say.in_no_slice(one.place, slicing.slices, profile=profile))
        too_few = False
        for name, node in slicing.slices.items():
            if counts[name] < node.least and is_decided:
                too_few = True
                found.append(say.too_few(place, node.least, counts[name], profile=profile, slice_name=name))
            if node.most is not None and counts[name] > node.most:
                found.append(say.too_much(place, node.most, counts[name], profile=profile, slice_name=name))
        return too_few

    # --- types, profiles of types, targets -------------------------------------------------------------------------

    def _types(self, value: Value, node: Node, profile: str, found: Found) -> None:
        nested = "." in value.type  # the definition calls it BackboneElement or Element
        allowed = node.types.get("BackboneElement" if nested else value.type) or (
            node.types.get("Element") if nested else None
        )
        if allowed is None:
            if not {"Resource", "DomainResource"} & set(node.types):
                found.append(say.other_type(value.place, value.type, node.types, profile=profile))
            return
        if allowed.profiles and isinstance(value.json, dict):
            self._one_of(value.json, value.place, allowed.profiles, found)
        if allowed.targets and value.type == "Reference" and isinstance(value.json, dict):
            self._target(value.json, value.place, allowed, profile, found)

    def _one_of(
        self, value: Json, place: Step, canonicals: Iterable[str], found: Found, holder: Holder | None = None
    ) -> None:
        """Check that a value conforms to one of several profiles; else say what it lacks for the nearest one.

        The nearest is one that the value claims, else the one that finds least.
        """
        known = [one for one in map(self.profile, canonicals) if one is not None]
        if not known or any(is_base_type(one) for one in canonicals):
            return
        around = holder or self._holder
        assert around is not None
        attempts = []
        for one in known:
            attempt = self.check(value, one, place, around)
            if not attempt.has_errors:
                found.extend(attempt)
                return
            attempts.append((not _claims(value, one), len(attempt), attempt))
        found.extend(min(attempts, key=lambda one: one[:2])[2])

    def _target(self, reference: Json, place: Step, allowed: Allowed, profile: str, found: Found) -> None:
        text = reference.get("reference")
        if not isinstance(text, str):
            return
        assert self._holder is not None
        target = self._directory.resolve(text, self._holder)
        kind = str(target.resource.get("resourceType")) if target is not None else type_named(text)
        if not kind or (target is None and must_be_here(text)):
            return
        known = {one: self.profile(one) for one in allowed.targets if not is_base_type(one)}
        if any(is_base_type(one) and name_of(one) in (kind, "Resource") for one in allowed.targets):
            return
        if None in known.values():
            return
        fitting = [one for one, held in known.items() if held is not None and held.type == kind]
        if not fitting:
            found.append(say.wrong_target(place, kind, map(name_of, allowed.targets), profile=profile))
        elif target is not None:
            self._one_of(target.resource, target.place, fitting, found, target)


def _claims(value: Json, profile: Definition) -> bool:
    meta = value.get("meta")
    claimed = meta.get("profile") if isinstance(meta, dict) else None
    url = profile.canonical.partition("|")[0]
    return isinstance(claimed, list) and any(isinstance(one, str) and one.partition("|")[0] == url for one in claimed)


def _same(value: Any, wanted: Any) -> bool:
    return type(value) is type(wanted) and bool(value == wanted)


def _shown(wanted: Any) -> str:
    return json.dumps(wanted, ensure_ascii=False)[:LONGEST_VALUE]


def _values(owner: Value, rules: TypeRules, name: str) -> Iterator[Value]:
    """Yield the values of an element by its name, each with its type."""
    for key, field in rules.elements.get(name, ()):
        held = owner.json.get(key)
        extra = owner.json.get(f"_{key}") if field.primitive is not None else None
        if held is None and extra is None:
            continue
        if field.is_list:
            listed = held if isinstance(held, list) else [] if held is None else [held]
            extras = extra if isinstance(extra, list) else []
            for index in range(max(len(listed), len(extras))):
                one = listed[index] if index < len(listed) else None
                other = extras[index] if index < len(extras) else None
                kind = _type_of(one, field.type) if field.is_resource else field.type
                yield Value(one, other if isinstance(other, dict) else None, kind, (owner.place, field.element, index))
        else:
            kind = _type_of(held, field.type) if field.is_resource else field.type
            yield Value(held, extra if isinstance(extra, dict) else None, kind, (owner.place, field.element, -1))


def _type_of(value: Any, declared: str) -> str:
    kind = value.get("resourceType") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else declared
