"""The table of functions, and what an evaluation carries along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from openum.cql.fhirpath.items import Items, Node

Value = Any
MAX_ITEMS: Final = 1_000_000


class Hooks(NamedTuple):
    """What only the surroundings know; each may be left out.

    Attributes:
        resolve: a reference to the resource it names, None when it is not known. References within the resource
            and within the Bundle around it need no hook.
        conforms_to: (resource or element, canonical of a profile) to whether it conforms, None for an unknown profile.
        member_of: (code as String, Coding or CodeableConcept in JSON; canonical of a value set) to membership, None
            when the value set is not known.
        subsumes: (Coding, Coding) to whether the first subsumes the second, None when not known.
        trace: name and number of items of each `trace()`.
    """

    resolve: Callable[[str], Mapping[str, Any] | None] | None = None
    conforms_to: Callable[[Any, str], bool | None] | None = None
    member_of: Callable[[Any, str], bool | None] | None = None
    subsumes: Callable[[Any, Any], bool | None] | None = None
    trace: Callable[[str, int], None] | None = None


class Run:
    """One evaluation."""

    __slots__ = ("context", "environment", "hooks", "index", "memo", "now", "resource", "root", "total", "variables")

    def __init__(
        self,
        context: Items,
        resource: Items,
        root: Items,
        environment: Mapping[str, Items],
        now: datetime,
        hooks: Hooks,
    ) -> None:
        self.context = context
        self.resource = resource
        self.root = root
        self.environment = environment
        self.now = now
        self.hooks = hooks
        self.variables: dict[str, Items] = {}
        self.index: Items = []
        self.total: Items = []
        self.memo: dict[Any, Any] = {}


Code = Callable[[Run, Items], Items]


class Function(NamedTuple):
    """One function: between `least` and `most` arguments; a lazy one is given the code of its arguments."""

    call: Callable[..., Items]
    least: int
    most: int
    lazy: bool


TABLE: dict[str, Function] = {}


def lazy(*names: str, least: int = 0, most: int = 0) -> Callable[[Callable[..., Items]], Callable[..., Items]]:
    """Register a function called as (run, items, this, *codes)."""

    def register(call: Callable[..., Items]) -> Callable[..., Items]:
        for name in names:
            TABLE[name] = Function(call, least, max(least, most), True)
        return call

    return register


def items_function(
    *names: str, least: int = 0, most: int = 0
) -> Callable[[Callable[..., Items]], Callable[..., Items]]:
    """Register a function called as (run, items, *argument collections) that returns a collection."""

    def register(call: Callable[..., Items]) -> Callable[..., Items]:
        for name in names:
            TABLE[name] = Function(call, least, max(least, most), False)
        return call

    return register


def value_function(
    *names: str, least: int = 0, most: int = 0
) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Register a function called as (items, *argument collections) that returns one value, or None for empty."""

    def register(call: Callable[..., Value]) -> Callable[..., Value]:
        def wrapped(run: Run, items: Items, *arguments: Items) -> Items:
            value = call(items, *arguments)
            return [] if value is None else [value]

        for name in names:
            TABLE[name] = Function(wrapped, least, max(least, most), False)
        return call

    return register


def is_node(item: Value) -> bool:
    """Say whether an item is a FHIR element."""
    return type(item) is Node
