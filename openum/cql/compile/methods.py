"""FHIRPath-style calls in CQL: `x.where(…)`, `x.exists()`, `x.select(…)`, translated as Appendix I of CQL 1.5 says."""

from __future__ import annotations

from abc import abstractmethod
from decimal import Decimal
from typing import Final

from openum.cql.compile.queries import Queries
from openum.cql.compile.tree import Choose, Constant, ListNode, Local, Operation, QueryNode, SourceNode, Typed
from openum.cql.compile.types import BOOLEAN, INTEGER, STRING, Type, list_of
from openum.cql.operators import lists
from openum.cql.parser import nodes
from openum.cql.run import support

# method → operator over the source as a list and the arguments
_OF_LIST: Final = {
    "allTrue": "AllTrue", "anyTrue": "AnyTrue", "count": "Count", "distinct": "Distinct", "first": "First", "last": "Last",
    "tail": "Tail", "skip": "Skip", "take": "Take", "single": "SingletonFrom", "intersect": "Intersect",
    "union": "Union", "exclude": "Except", "supersetOf": "Includes", "subsetOf": "IncludedIn", "sum": "Sum",
    "min": "Min", "max": "Max", "avg": "Avg", "flatten": "Flatten",
}  # fmt: skip
# method → operator over the source itself and the arguments
_OF_VALUE: Final = {
    "length": "Length", "lower": "Lower", "upper": "Upper", "startsWith": "StartsWith", "endsWith": "EndsWith",
    "substring": "Substring", "replace": "Replace", "matches": "Matches", "replaceMatches": "ReplaceMatches",
    "toChars": "ToChars", "not": "Not", "abs": "Abs", "ceiling": "Ceiling", "exp": "Exp", "floor": "Floor", "ln": "Ln",
    "log": "Log", "power": "Power", "round": "Round", "truncate": "Truncate", "split": "Split",
}  # fmt: skip
_WITH_CONDITION: Final = frozenset({"where", "select", "all", "exists"})


class Methods(Queries):
    """Analyses FHIRPath-style calls."""

    def method(self, node: nodes.Call, source: Typed) -> Typed | None:
        """Return a FHIRPath-style call on a source, or None when there is no such method."""
        name = node.name
        if name in _WITH_CONDITION and len(node.args) == 1:
            return self._each_of(node, source)
        if name in ("ofType", "as", "is") and len(node.args) == 1:
            return self._of_type(node, source)
        if name == "extension" and len(node.args) == 1 and (source.type.is_fhir or source.type.item.is_fhir):
            return self._extension(node, source)
        args = [self.analyze(a) for a in node.args]
        if name in _OF_LIST and (source.type.name == "List" or name not in ("min", "max", "sum", "avg", "flatten")):
            return self.call(node, _OF_LIST[name], [self._as_list(source), *map(self._argument, args)])
        if name in _OF_VALUE:
            return self.call(node, _OF_VALUE[name], [self._argument(source), *args])
        if name.startswith(("to", "convertsTo")) and not args and name[:1].islower():
            call = nodes.Call(name[0].upper() + name[1:], [], None, line=node.line, column=node.column)
            return self.built_in(call, [source])
        return self._other(node, source, args)

    @abstractmethod
    def built_in(self, node: nodes.Call, args: list[Typed]) -> Typed:
        """Return a call of a built-in function; see `Analyzer`."""

    def _argument(self, value: Typed) -> Typed:
        return self.apply_system(value)

    def _as_list(self, source: Typed) -> Typed:
        if source.type.name == "List":
            return source
        return Operation(list_of(source.type), lists.as_list, [source])

    def _other(self, node: nodes.Call, source: Typed, args: list[Typed]) -> Typed | None:
        name, count = node.name, len(args)
        is_list = source.type.name == "List"
        if name in ("exists", "hasValue") and not count:
            if is_list:
                return self.call(node, "Exists", [source])
            return self.call(node, "Not", [self.call(node, "IsNull", [source])])
        if name == "empty" and not count:
            if is_list:
                return self.call(node, "Not", [self.call(node, "Exists", [source])])
            return self.call(node, "IsNull", [source])
        if name == "isDistinct" and not count:
            whole, once = self._as_list(source), self.call(node, "Distinct", [self._as_list(source)])
            return self.call(node, "Equal", [self.call(node, "Length", [whole]), self.call(node, "Length", [once])])
        if name in ("allFalse", "anyFalse") and not count:
            opposite = self.call(node, "AnyTrue" if name == "allFalse" else "AllTrue", [self._as_list(source)])
            return self.call(node, "Not", [opposite])
        if name == "combine" and count == 1 and args[0].type.name == "List":
            kind, parts = self.merge(node, [self._as_list(source), args[0]])
            return self.call(node, "Flatten", [ListNode(list_of(kind), parts)])
        if name == "contains" and count == 1 and not is_list:
            found = self.call(node, "PositionOf", [args[0], self._argument(source)])
            return self.call(node, "GreaterOrEqual", [found, Constant(INTEGER, 0)])
        if name == "indexOf" and count == 1 and not is_list:
            return self.call(node, "PositionOf", [args[0], self._argument(source)])
        if name == "sqrt" and not count:
            return self.call(node, "Power", [self.convert(node, source, Type("Decimal")), self.decimal_half()])
        if name == "trace":
            return source
        if name == "getValue" and not count:
            return self.element(node, source, "value")
        return None

    def _each_of(self, node: nodes.Call, source: Typed) -> Typed:
        """where, select, all and exists with a condition over `$this`."""
        whole = self._as_list(source)
        item = whole.type.item
        local = Local(item, self.program.mangle())
        self.this.append(local)
        inner = self.analyze(node.args[0])
        self.this.pop()
        sources = [SourceNode(local.name, whole, item)]
        if node.name == "select":
            kind = list_of(inner.type)
            found: Typed = QueryNode(kind, sources, [], [], None, inner, False, None)
            return self.call(node, "Flatten", [found]) if inner.type.name == "List" else found
        condition = self.convert(node.args[0], inner, BOOLEAN, f"in {node.name}(…)")
        if node.name == "all":
            condition = Choose(BOOLEAN, condition, Constant(BOOLEAN, False), Constant(BOOLEAN, True))
        rows = QueryNode(whole.type, sources, [], [], condition, None, False, None)
        if node.name == "where":
            return rows
        some = self.call(node, "Exists", [rows])
        return some if node.name == "exists" else self.call(node, "Not", [some])

    def _of_type(self, node: nodes.Call, source: Typed) -> Typed:
        target = self.type_of(self._type_name(node, node.args[0]))
        if node.name == "is":
            return self.is_of_type(source, target)
        if node.name == "as" and source.type.name != "List":
            return self.as_type(node, source, target)
        whole = self._as_list(source)
        local = Local(whole.type.item, self.program.mangle())
        narrowed = self.as_type(node, local, target)
        condition = self.is_of_type(local, target)
        sources = [SourceNode(local.name, whole, whole.type.item)]
        return QueryNode(list_of(narrowed.type), sources, [], [], condition, narrowed, False, None)

    def _type_name(self, node: nodes.Call, argument: nodes.Node) -> nodes.TypeName:
        line, column = argument.line, argument.column
        if isinstance(argument, nodes.Name):
            return nodes.TypeName(argument.name, "", line=line, column=column)
        if not isinstance(argument, nodes.Member) or not isinstance(argument.source, nodes.Name):
            self.fail(argument, f"{node.name}(…) takes the name of a type.")
        return nodes.TypeName(argument.name, argument.source.name, line=line, column=column)

    def _extension(self, node: nodes.Call, source: Typed) -> Typed:
        url = self.convert(node.args[0], self.analyze(node.args[0]), STRING, "as the address of an extension")
        return Operation(list_of(Type("FHIR.Extension")), support.extensions, [self._as_list(source), url])

    @staticmethod
    def decimal_half() -> Constant:
        """Return the exponent of a square root."""
        return Constant(Type("Decimal"), Decimal("0.5"))
