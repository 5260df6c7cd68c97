"""Static checks of an expression against the type of its input: names that no type has, conditions that are none."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final, NamedTuple, NoReturn

from openum.cql.fhirpath import model
from openum.cql.fhirpath.errors import FhirPathError
from openum.cql.fhirpath.parser import Variable
from openum.cql.fhirpath.types import spec_of
from openum.cql.parser import nodes


class Shape(NamedTuple):
    """What is known of a collection: its possible types ("FHIR.code", "System.Integer"; None: any) and its order."""

    types: frozenset[str] | None
    ordered: bool = True


ANY: Final = Shape(None)
UNORDERED: Final = Shape(None, ordered=False)

_SAME: Final = frozenset(
    ["where", "distinct", "single", "trace", "defineVariable", "exclude", "intersect", "checkModifiers", "sort"]
)
_IN_ORDER: Final = frozenset(["first", "last", "tail", "skip", "take"])
_RESULTS: Final = {
    name: f"System.{kind}"
    for kind, names in {
        "Boolean": """empty exists all allTrue anyTrue allFalse anyFalse subsetOf supersetOf isDistinct not is
            startsWith endsWith contains matches matchesFull hasValue conformsTo memberOf htmlChecks comparable
            subsumes subsumedBy""",
        "Integer": "count length indexOf lastIndexOf ceiling floor truncate precision toInteger",
        "String": "substring upper lower replace replaceMatches trim join encode decode escape unescape toString toChars split",
        "Decimal": "toDecimal sqrt exp ln log round",
        "Date": "today toDate",
        "DateTime": "now toDateTime",
        "Time": "timeOfDay toTime",
        "Quantity": "toQuantity",
        "Long": "toLong",
    }.items()
    for name in names.split()
}
_BOOLEAN: Final = frozenset({"System.Boolean", "FHIR.boolean"})
_LOGIC: Final = frozenset(["and", "or", "xor", "implies", "=", "!=", "~", "!~", "<", "<=", ">", ">=", "in", "contains"])


def check(tree: nodes.Node, type_name: str) -> None:
    """Check an expression for an input of a FHIR type; "" stands for no input.

    Raises:
        FhirPathError: of kind "semantic".
    """
    _shape(tree, Shape(frozenset({f"FHIR.{type_name}"})) if type_name else ANY)


def _fail(node: nodes.Node, message: str, suggestion: str = "") -> NoReturn:
    raise FhirPathError(message, node.line, node.column, kind="semantic", suggestion=suggestion)


def _system(name: str) -> Shape:
    return Shape(frozenset({f"System.{name}"}))


def _union(shapes: Iterable[Shape]) -> Shape:
    types: set[str] = set()
    ordered = True
    for shape in shapes:
        ordered &= shape.ordered
        if shape.types is None:
            return Shape(None, ordered)
        types |= shape.types
    return Shape(frozenset(types), ordered)


def _shape(node: nodes.Node, this: Shape) -> Shape:
    if isinstance(node, nodes.Literal):
        return _system(node.type)
    if isinstance(node, nodes.ListSelector):
        return Shape(frozenset())
    if isinstance(node, nodes.Name):
        return _name(node, this)
    if isinstance(node, nodes.Member):
        source = _shape(node.source, this)
        return source if node.name.startswith("$") else _member(node, source, node.name)
    if isinstance(node, nodes.Index):
        source = _shape(node.source, this)
        _needs_order(node, source, "[…]")
        _shape(node.index, this)
        return source
    if isinstance(node, nodes.Unary):
        return _shape(node.operand, this)
    if isinstance(node, nodes.Binary):
        return _binary(node, this)
    if isinstance(node, nodes.TypeTest):
        _shape(node.operand, this)
        return _system("Boolean") if node.op == "is" else _of_type(node.type)
    if isinstance(node, nodes.Call):
        return _call(node, this)
    return _system("String") if isinstance(node, Variable) and node.name in ("sct", "loinc", "ucum") else ANY


def _name(node: nodes.Name, this: Shape) -> Shape:
    name = node.name
    if name == "$this":
        return this
    if name.startswith("$"):
        return _system("Integer") if name == "$index" else ANY
    if name[:1].isupper() and model.is_type(name):
        if this.types is None:
            return Shape(frozenset({f"FHIR.{name}"}))
        known = [t.removeprefix("FHIR.") for t in this.types]
        if any(model.is_a(t, name) for t in known):
            return this
        if any(model.is_a(name, t) for t in known):
            return Shape(frozenset({f"FHIR.{name}"}))
        if not any(_has(t, name) for t in known):
            _fail(node, f"The expression starts at {name}, but its input is {_list(this)}.")
    return _member(node, this, name)


def _has(type_name: str, name: str) -> bool:
    fields = model.fields(type_name)
    return fields is None or name in fields


def _list(shape: Shape) -> str:
    return " or ".join(sorted(shape.types or ())) or "empty"


def _member(node: nodes.Node, source: Shape, name: str) -> Shape:
    if source.types is None or not source.types:
        return Shape(source.types, source.ordered)
    found: set[str] = set()
    known: set[str] = set()
    is_open = False
    for kind in source.types:
        namespace, _, plain = kind.partition(".")
        fields = model.fields(plain) if namespace == "FHIR" else {}
        if fields is None or kind == "System.Any":
            is_open = True
            continue
        field = fields.get(name)
        if field is not None and field.instead_of:
            _fail(
                node, f"{plain} has no element “{name}”.", f"Write “{field.instead_of}”, with ofType(…) for one type."
            )
        if field is None:
            is_open |= namespace == "FHIR" and model.is_abstract(plain)
            known |= {n for n, f in fields.items() if not f.instead_of}
            continue
        if plain in model.PRIMITIVES and name == "value":
            return ANY
        found |= {f"FHIR.{step.type}" for step in field.steps}
    if found:
        return Shape(None if is_open else frozenset(found), source.ordered)
    if is_open:
        return Shape(None, source.ordered)
    close = difflib.get_close_matches(name, known, 1, 0.7)
    _fail(node, f"{_list(source)} has no element “{name}”.", f"Did you mean “{close[0]}”?" if close else "")


def _of_type(node: nodes.Node) -> Shape:
    spec = spec_of(node)
    names = [f"FHIR.{spec.fhir}"] if spec.fhir else []
    names += [f"System.{spec.system}"] if spec.system else []
    if spec.fhir and spec.system:
        return Shape(frozenset({f"FHIR.{spec.fhir}"}))
    return Shape(frozenset(names))


def _binary(node: nodes.Binary, this: Shape) -> Shape:
    left, right = _shape(node.left, this), _shape(node.right, this)
    if node.op in _LOGIC:
        return _system("Boolean")
    if node.op == "|":
        return _union((left, right))
    return _system("String") if node.op == "&" else ANY


def _needs_order(node: nodes.Node, source: Shape, name: str) -> None:
    if not source.ordered:
        _fail(node, f"The items have no order of their own, so “{name}” would pick any of them.")


def _call(node: nodes.Call, this: Shape) -> Shape:
    name = node.name
    source = this if node.source is None else _shape(node.source, this)
    if name in ("is", "as", "ofType"):
        return _system("Boolean") if name == "is" else _of_type(node.args[0])
    if name == "iif":
        return _iif(node, this if node.source is None else source)
    lazy = name in _ITERATORS
    arguments = [_shape(a, source if lazy else this) for a in node.args]
    if name in _IN_ORDER:
        _needs_order(node, source, name)
        return source
    if name in ("children", "descendants"):
        return UNORDERED
    if name in ("select", "repeat", "repeatAll"):
        return arguments[0] if name == "select" else Shape(arguments[0].types, ordered=False)
    if name in ("union", "combine"):
        return _union((source, *arguments))
    if name in _SAME:
        return source
    if name == "extension":
        return Shape(frozenset({"FHIR.Extension"}))
    result = _RESULTS.get(name)
    return ANY if result is None else Shape(frozenset({result}))


_ITERATORS: Final = frozenset(
    ["where", "exists", "all", "select", "repeat", "repeatAll", "aggregate", "sort", "trace", "defineVariable"]
)


def _iif(node: nodes.Call, this: Shape) -> Shape:
    condition, *branches = [_shape(a, this) for a in node.args]
    if condition.types and not condition.types & _BOOLEAN:
        _fail(node.args[0], f"The condition of “iif” is a Boolean, not {_list(condition)}.")
    return _union(branches)
