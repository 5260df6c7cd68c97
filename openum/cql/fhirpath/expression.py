"""The public face: compile an expression once, evaluate it on many inputs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from openum.cql.fhirpath.compile import Compiler
from openum.cql.fhirpath.errors import Fault, FhirPathError
from openum.cql.fhirpath.items import Items, Node, plain, resource_node, truth, type_of
from openum.cql.fhirpath.parser import parse
from openum.cql.fhirpath.registry import Hooks, Run
from openum.cql.fhirpath.strict import check
from openum.cql.values.temporal import Date, DateTime, Time

MODELS: Final = frozenset({"R4", "4.0.1"})
_NO_HOOKS: Final = Hooks()


class Item(NamedTuple):
    """One result with its type, for example "FHIR.code" or "System.Integer"."""

    type: str
    value: Any


class Expression:
    """A compiled expression. It holds no state of an evaluation and may be used from several threads.

    Attributes:
        text: the source.
        strict: whether names and types are checked against the type of the input before it is evaluated.
    """

    def __init__(self, text: str, *, strict: bool = False) -> None:
        self.text = text
        self.strict = strict
        try:
            self._tree = parse(text)
            self._code = Compiler(self._tree).code(self._tree)
        except RecursionError as error:
            raise FhirPathError("The expression is nested too deeply.", kind="syntax") from error
        self._checked: set[str] = set()

    def check(self, type_name: str) -> None:
        """Check names and types for an input of a FHIR type.

        Raises:
            FhirPathError: of kind "semantic".
        """
        if type_name not in self._checked:
            check(self._tree, type_name)
            self._checked.add(type_name)

    def evaluate(
        self,
        value: Any = None,
        *,
        type: str = "",  # noqa: A002 - the word of the specification
        extra: Mapping[str, Any] | None = None,
        environment: Mapping[str, Any] | None = None,
        now: datetime | None = None,
        hooks: Hooks = _NO_HOOKS,
    ) -> list[Any]:
        """Evaluate on one input and return plain values.

        FHIR primitives come as str, bool, int, Decimal, Date, DateTime or Time (None when only extensions are
        there), complex elements as their JSON, System values as they are.

        Args:
            value: a resource (a dict with resourceType), an element in JSON with `type`, a System value, a list of
                such, or None for no input.
            type: FHIR type of an element, for example "HumanName" or "Observation.Component".
            extra: for a primitive element, the JSON of its id and extensions.
            environment: variables by name without `%`; `resource`, `rootResource` and `context` replace those
                told from the input.
            now: aware instant for now(), today() and timeOfDay(); the clock's when left out.
            hooks: what only the surroundings know, such as other resources and value sets.

        Raises:
            FhirPathError: of kind "execution", or "semantic" for an expression compiled as strict.
        """
        return [_outer(item) for item in self._run(value, type, extra, environment, now, hooks)]

    def items(
        self,
        value: Any = None,
        *,
        type: str = "",  # noqa: A002 - the word of the specification
        extra: Mapping[str, Any] | None = None,
        environment: Mapping[str, Any] | None = None,
        now: datetime | None = None,
        hooks: Hooks = _NO_HOOKS,
    ) -> list[Item]:
        """Evaluate as `evaluate` does and return each value with the name of its type."""
        found = self._run(value, type, extra, environment, now, hooks)
        return [Item(".".join(type_of(item)), _outer(item)) for item in found]

    def holds(
        self,
        value: Any = None,
        *,
        type: str = "",  # noqa: A002 - the word of the specification
        extra: Mapping[str, Any] | None = None,
        environment: Mapping[str, Any] | None = None,
        now: datetime | None = None,
        hooks: Hooks = _NO_HOOKS,
    ) -> bool | None:
        """Evaluate a condition, such as an invariant: True, False, or None when the result is empty."""
        found = self._run(value, type, extra, environment, now, hooks)
        try:
            return truth(found)
        except Fault as fault:
            raise FhirPathError("The expression does not give one value.", 1, 1, kind="execution") from fault

    def _run(
        self,
        value: Any,
        type_name: str,
        extra: Mapping[str, Any] | None,
        environment: Mapping[str, Any] | None,
        now: datetime | None,
        hooks: Hooks,
    ) -> Items:
        focus = _collection(value, type_name, extra)
        if self.strict:
            for kind in {item.type for item in focus if isinstance(item, Node)} or {""}:
                self.check(kind)
        given = {name.removeprefix("%"): _collection(v) for name, v in (environment or {}).items()}
        resource = given.pop("resource", None)
        if resource is None:
            resource = focus if focus and isinstance(focus[0], Node) else []
        root = given.pop("rootResource", resource)
        context = given.pop("context", focus)
        run = Run(context, resource, root, given, now or datetime.now(UTC), hooks)
        try:
            return self._code(run, focus)
        except RecursionError as error:
            raise FhirPathError("The data or the expression is nested too deeply.", kind="execution") from error


def _collection(value: Any, type_name: str = "", extra: Mapping[str, Any] | None = None) -> Items:
    if value is None and extra is None:
        return []
    if type_name:
        return [Node(value, type_name, dict(extra) if extra is not None else None)]
    if isinstance(value, list) and not type_name:
        return [item for one in value for item in _collection(one)]
    if isinstance(value, dict):
        return [resource_node(value) if "resourceType" in value else Node(value, "")]
    if isinstance(value, datetime):
        return [DateTime.from_python(value)]
    if isinstance(value, date):
        return [Date((value.year, value.month, value.day))]
    if isinstance(value, time):
        return [Time((value.hour, value.minute, value.second, value.microsecond // 1000))]
    return [Decimal(repr(value)) if isinstance(value, float) else value]


def _outer(item: Any) -> Any:
    if type(item) is Node:
        return item.value if type(item.value) is dict else plain(item)
    return item


def compile(text: str, *, model: str = "R4", strict: bool = False) -> Expression:  # noqa: A001 - as `re.compile`
    """Compile an expression; the same text is compiled once.

    Args:
        text: the FHIRPath.
        model: "R4", the one model there is.
        strict: check element names and types against the type of the input, as authors want; without it a name
            that a type does not have is simply empty.

    Raises:
        FhirPathError: with line and column, what was expected and a suggestion.
    """
    if model not in MODELS:
        raise FhirPathError("The model is FHIR R4.", kind="semantic", expected="“R4”")
    return _compile(text, strict)


@lru_cache(maxsize=4096)
def _compile(text: str, strict: bool) -> Expression:
    return Expression(text, strict=strict)
