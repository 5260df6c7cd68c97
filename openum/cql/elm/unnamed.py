"""Calls the analyser builds without a name: timing phrases, extensions, terminology."""

from __future__ import annotations

from typing import Any, Final

from openum.cql.compile import tree
from openum.cql.compile.types import ANY, Type, parse_type
from openum.cql.elm.build import as_type, choose, constant, each, interval, literal, null, operator, prop
from openum.cql.elm.core import Core
from openum.cql.elm.errors import ElmError
from openum.cql.elm.notes import Converted
from openum.cql.elm.types import Json
from openum.cql.values.temporal import PRECISIONS

_PRECISION_NAMES: Final = {number: word for word, number in PRECISIONS.items() if word != "week"}


class Unnamed(Core):
    """Writes calls without a name."""

    def first_argument(self, args: list[tree.Typed]) -> Json:
        """Return the argument as it is."""
        return self.write(args[0])

    def present(self, args: list[tree.Typed]) -> Json:
        """Exists over what is no list."""
        return operator("Not", operator("IsNull", self.write(args[0])))

    def expanded(self, args: list[tree.Typed]) -> Json:
        """The codes of a value set."""
        return operator("ExpandValueSet", self.write(args[0]))

    def in_code_system(self, args: list[tree.Typed]) -> Json:
        """Membership in a code system."""
        system = self.write(args[1])
        return {"type": "InCodeSystem", "code": self.write(args[0]), "codesystem": {"name": system["name"]}}

    def codes(self, args: list[tree.Typed]) -> Json:
        """The codes a retrieve is filtered by."""
        value = self.write(args[0])
        kind = args[0].type.name
        if kind == "Concept":
            return prop(value, "codes")
        return value if kind == "List" else operator("ToList", value)

    def extensions(self, args: list[tree.Typed]) -> Json:
        """The extensions with an address."""
        return self._with_url(self.write(args[0]), self.write(args[1]))

    def flattened_extension(self, node: tree.Operation, url: str) -> Json:
        """Write an extension shown as an element: its value, or a tuple of the extensions inside it."""
        outer = operator("ToList", self.write(node.args[0]))
        found = {"type": "First", "source": self._with_url(outer, literal("String", url))}
        if node.type.name != "Tuple":
            return self._extension_value(found, node.type)
        parts = []
        for name, kind in node.type.elements:
            inner = self._with_url(operator("ToList", found), literal("String", name))
            item = kind.item if kind.name == "List" else kind
            alias = self.converter.alias()
            values = each(inner, alias, self._extension_value({"type": "AliasRef", "name": alias}, item))
            parts.append(
                {"name": name, "value": values if kind.name == "List" else {"type": "First", "source": values}}
            )
        return choose(operator("IsNull", found), null(node.type), {"type": "Tuple", "element": parts})

    def _extension_value(self, extension: Json, kind: Type) -> Json:
        source = Type("FHIR.Coding") if kind.name == "Code" else Type("FHIR.string")
        return self.converter.convert(as_type(prop(extension, "value"), source), source, kind)

    def _with_url(self, items: Json, url: Json) -> Json:
        alias, inner = self.converter.alias(), self.converter.alias()
        listed = prop({"type": "AliasRef", "name": alias}, "extension")
        address = prop(prop({"type": "AliasRef", "name": inner}, "url"), "value")
        one = each(listed, inner, {"type": "AliasRef", "name": inner}, where=operator("Equal", address, url))
        return operator("Flatten", each(items, alias, one))

    def has_code(self, args: list[tree.Typed]) -> Json:
        """One of the codes of a profile in an element."""
        element, codes = args[0], self.write(args[1])
        kind = element.type.item if element.type.name == "List" else element.type
        items = self.write(element) if element.type.name == "List" else operator("ToList", self.write(element))
        alias, inner = self.converter.alias(), self.converter.alias()
        value = self.converter.convert({"type": "AliasRef", "name": alias}, kind, Type("Concept"))
        code = operator("ToConcept", {"type": "AliasRef", "name": inner})
        some = operator(
            "Exists", each(codes, inner, {"type": "AliasRef", "name": inner}, where=operator("Equivalent", value, code))
        )
        return operator("Exists", each(items, alias, {"type": "AliasRef", "name": alias}, where=some))

    def sort_instant(self, args: list[tree.Typed]) -> Json:
        """The instant a dateTime or a Period sorts by."""
        value, source = self.write(args[0]), args[0].type
        if source.name == "Interval":
            return operator("Start", value)
        if source == ANY and isinstance(self.notes.by_node.get(id(args[0])), Converted):
            note = self.notes.by_node[id(args[0])]
            if isinstance(note, Converted):
                source = note.value.type
        period = self.converter.convert(value, source, Type("Interval", (Type("DateTime"),)))
        return operator("Start", period)

    def interval(self, args: list[tree.Typed]) -> Json:
        """An interval selector."""
        point = parse_type(str(_value(args[4])))
        low, high = (self.argument(a, point) for a in args[:2])
        return interval(low, high, bool(_value(args[2])), bool(_value(args[3])))

    def offset(self, args: list[tree.Typed]) -> Json:
        """`3 days or less before`, by the comparisons it stands for."""
        left, right = self.write(args[0]), self.write(args[1])
        relation, later, inclusive = _value(args[3]), _value(args[4]), _value(args[5])
        words = {"precision": _PRECISION_NAMES[_value(args[6])].capitalize()} if _value(args[6]) else {}
        amount = constant(_value(args[2]))
        limit = operator("Add" if later else "Subtract", right, amount)
        if relation == "exactly":
            return operator("SameAs", left, limit, **words)
        beyond, up_to = ("After", "SameOrAfter") if later else ("Before", "SameOrBefore")
        if relation in ("or more", "more than"):
            return operator(up_to if relation == "or more" else beyond, left, limit, **words)
        near = operator(up_to if inclusive else beyond, left, right, **words)
        inner, strict = ("SameOrBefore", "Before") if later else ("SameOrAfter", "After")
        far = operator(inner if relation == "or less" else strict, left, limit, **words)
        return operator("And", near, far)

    def within(self, args: list[tree.Typed]) -> Json:
        """`within 3 days of`."""
        sides = []
        for argument in args[:2]:
            value = self.write(argument)
            is_interval = argument.type.name == "Interval"
            sides.append([operator(n, value) if is_interval else value for n in ("Start", "End")])
        (first, last), (low, high) = sides
        amount = constant(_value(args[2]))
        words = {"precision": _PRECISION_NAMES[_value(args[4])].capitalize()} if _value(args[4]) else {}
        after, before = ("After", "Before") if _value(args[3]) else ("SameOrAfter", "SameOrBefore")
        return operator(
            "And",
            operator(after, first, operator("Subtract", low, amount), **words),
            operator(before, last, operator("Add", high, amount), **words),
        )


def _value(node: tree.Typed) -> Any:
    if not isinstance(node, tree.Constant):
        raise ElmError("This part of a timing phrase is not constant.")
    return node.value
