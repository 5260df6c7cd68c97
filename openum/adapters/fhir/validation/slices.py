"""To which slice a value belongs (FHIR R4 §5.1.0.14, discriminators value, pattern, exists, type and profile)."""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from openum.adapters.fhir.validation.codes import is_member
from openum.adapters.fhir.validation.profiles import Definition, Node, Slicing, name_of
from openum.adapters.fhir.validation.table import Codes
from openum.cql import fhirpath
from openum.cql.fhirpath import FhirPathError

Json = dict[str, Any]

_DOTTED = re.compile(r"\$this|[A-Za-z]+(\.[A-Za-z]+)*")
_EXTENSION = re.compile(r"extension\('([^']+)'\)")


Test: TypeAlias = Callable[[Any], bool]
Tests: TypeAlias = dict[tuple[int, str], tuple[Node, tuple[Test, ...]]]
"""By a slice's identity and a path below it; the slice is held with them, so that its identity stays its own."""


class Undecided(Exception):
    """The definitions at hand do not tell whether a value belongs to a slice."""


def matches_pattern(value: Any, pattern: Any) -> bool:
    """Say whether a value has everything that a pattern has (pattern[x])."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            key in value and matches_pattern(value[key], part) for key, part in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(matches_pattern(one, part) for one in value) for part in pattern)
    return type(value) is type(pattern) and bool(value == pattern)


class Sorter:
    """Puts values into slices.

    Args:
        lookup: a profile by its address.
        conforms: whether a value of a type conforms to a profile.
        follow: the resource that a Reference leads to within the message, with its type.
        tests: what was worked out before of the definitions that `lookup` finds; grows.
    """

    def __init__(
        self,
        lookup: Callable[[str], Definition | None],
        conforms: Callable[[Json, Definition], bool],
        follow: Callable[[Json], Json | None],
        tests: Tests,
    ) -> None:
        """Keep what only the surroundings know."""
        self._tests = tests
        self._lookup = lookup
        self._conforms = conforms
        self._follow = follow

    def slice_of(self, value: Any, type_name: str, slicing: Slicing) -> str:
        """Return the name of the value's slice, empty for none.

        Raises:
            Undecided: no slice fits, and of one it cannot be told.
        """
        if slicing.by_url:
            url: object = value.get("url") if isinstance(value, dict) else None
            return slicing.by_url.get(url, "") if isinstance(url, str) else ""
        if not slicing.discriminators:
            raise Undecided
        is_open = False
        for name, node in slicing.slices.items():
            try:
                if all(self._fits(value, type_name, node, kind, path) for kind, path in slicing.discriminators):
                    return name
            except Undecided:
                is_open = True
        if is_open:
            raise Undecided
        return ""

    def _fits(self, value: Any, type_name: str, node: Node, kind: str, path: str) -> bool:
        if kind == "type":
            wanted = self._types_asked(node, path)
            if not wanted:
                raise Undecided
            return any(found in wanted for found in self._types_at(value, type_name, path))
        if kind == "exists":
            asked = list(self._nodes_at(node, path))
            is_there = any(True for _ in self._values_at(value, type_name, path))
            return all(is_there if one.least else not is_there if one.most == 0 else True for one in asked)
        if kind == "profile":
            return self._profile_fits(value, type_name, node, path)
        return self._value_fits(value, type_name, node, path)

    def _types_asked(self, node: Node, path: str) -> set[str]:
        """Return the types that a slice has at a path; behind resolve() those that the reference may lead to."""
        if not path.endswith("resolve()"):
            return {code for one in self._nodes_at(node, path) for code in one.types}
        targets = [
            target
            for one in self._nodes_at(node, path.removesuffix("resolve()").rstrip("."))
            for allowed in one.types.values()
            for target in allowed.targets
        ]
        known = [(target, self._lookup(target)) for target in targets]
        return {profile.type if profile is not None else name_of(target) for target, profile in known}

    def _value_fits(self, value: Any, type_name: str, node: Node, path: str) -> bool:
        known = self._tests.get((id(node), path))
        if known is None:
            known = self._tests[id(node), path] = node, tuple(self._tests_at(node, path))
        _, tests = known
        if not tests:
            raise Undecided
        found = list(self._values_at(value, type_name, path))
        return all(any(test(one) for one in found) for test in tests)

    def _profile_fits(self, value: Any, type_name: str, node: Node, path: str) -> bool:
        is_followed = path.endswith("resolve()")
        inner = path.removesuffix("resolve()").rstrip(".") or "$this"
        wanted = [
            profile
            for one in self._nodes_at(node, inner)
            for allowed in one.types.values()
            for profile in (allowed.targets if is_followed else allowed.profiles)
        ]
        known = [found for found in map(self._lookup, wanted) if found is not None]
        for one in self._values_at(value, type_name, inner):
            resource = self._follow(one) if is_followed else one
            if resource is None or len(known) < len(wanted) or not wanted:
                raise Undecided
            if any(self._conforms(resource, profile) for profile in known):
                return True
        return False

    # --- along the path, in the definitions ------------------------------------------------------------------------

    def _nodes_at(self, node: Node, path: str) -> Iterator[Node]:
        """Yield what the slice, and the profiles of its types, say at a path."""
        nodes = [node]
        for part in _parts(path):
            following: list[Node] = []
            for one in nodes:
                for holder in self._with_profiles(one):
                    url = _EXTENSION.fullmatch(part)
                    if url:
                        held = holder.children.get("extension")
                        if held is not None and held.slicing is not None:
                            name = held.slicing.by_url.get(url[1], "")
                            following += [held.slicing.slices[name]] if name else []
                    elif part in holder.children:
                        following.append(holder.children[part])
                    elif f"{part}[x]" in holder.children:
                        following.append(holder.children[f"{part}[x]"])
            nodes = following
        for one in nodes:
            yield from self._with_profiles(one)

    def _with_profiles(self, node: Node) -> list[Node]:
        found = [node]
        for allowed in node.types.values():
            held = [self._lookup(profile) for profile in allowed.profiles]
            found += [one.root for one in held if one is not None]
        return found

    def _tests_at(self, node: Node, path: str) -> Iterator[Test]:
        """Yield the tests that the slice makes of the value at a path: fixed, pattern, list of codes."""
        for one in self._nodes_at(node, path):
            if one.fixed:
                yield _equals(one.fixed[0])
            if one.pattern:
                yield _has(one.pattern[0])
            if one.codes is not None:
                yield _is_coded_in(one.codes)
        parts = _parts(path)
        for length in range(len(parts)):
            for one in self._nodes_at(node, ".".join(parts[:length])):
                for pattern in (*one.fixed, *one.pattern):
                    for inner in _within(pattern, parts[length:]):
                        yield _has(inner)

    # --- along the path, in the message ----------------------------------------------------------------------------

    def _values_at(self, value: Any, type_name: str, path: str) -> Iterator[Any]:
        if _DOTTED.fullmatch(path):
            values = [value]
            for part in _parts(path):
                values = [inner for one in values if isinstance(one, dict) for inner in _children(one, part)]
            yield from values
            return
        try:
            yield from fhirpath.compile(path).evaluate(value, type=type_name)
        except FhirPathError:
            raise Undecided from None

    def _types_at(self, value: Any, type_name: str, path: str) -> Iterator[str]:
        if path == "$this":
            yield type_name
            return
        followed = path.endswith("resolve()")
        for one in self._values_at(value, type_name, path.removesuffix("resolve()").rstrip(".") or "$this"):
            held = self._follow(one) if followed and isinstance(one, dict) else one
            if not isinstance(held, dict) or not isinstance(held.get("resourceType"), str):
                raise Undecided
            yield held["resourceType"]


def _parts(path: str) -> list[str]:
    """Split a path into steps; conversions such as `as boolean` change nothing for a discriminator."""
    path = path.partition(" as ")[0].strip("()") if " as " in path else path
    path = re.sub(r"\.ofType\([A-Za-z]+\)|\.resolve\(\)", "", path)
    held = _EXTENSION.match(path)
    if held:
        return [held[0], *[one for one in path[held.end() :].split(".") if one]]
    return [] if path in ("$this", "") else path.split(".")


def _children(value: Json, name: str) -> Iterator[Any]:
    held = value.get(name)
    if held is None:
        held = next(
            (inner for key, inner in value.items() if key.startswith(name) and key[len(name) :][:1].isupper()), None
        )
    if isinstance(held, list):
        yield from held
    elif held is not None:
        yield held


def _equals(wanted: Any) -> Test:
    return lambda value: type(value) is type(wanted) and bool(value == wanted)


def _has(wanted: Any) -> Test:
    return lambda value: matches_pattern(value, wanted)


def _is_coded_in(codes: Codes) -> Test:
    return lambda value: bool(is_member(value, _coded(value), codes))


def _within(pattern: Any, names: list[str]) -> Iterator[Any]:
    """Yield what a pattern around an element asks of the element."""
    found = [pattern]
    for name in names:
        found = [inner for one in found if isinstance(one, dict) for inner in _children(one, name)]
    yield from found


def _coded(value: Any) -> str:
    if isinstance(value, dict):
        return "CodeableConcept" if "coding" in value else "Coding"
    return "code"
