"""Operators, conditionals, type tests and selectors."""

from __future__ import annotations

from functools import partial

from openum.cql.compile.conversions import conversion, is_of
from openum.cql.compile.selectors import Selectors
from openum.cql.compile.tree import (
    Choose,
    Constant,
    Logic,
    Operation,
    Property,
    Typed,
)
from openum.cql.compile.types import (
    ANY,
    BOOLEAN,
    CODE,
    CONCEPT,
    STRING,
    VALUESET,
    Type,
    alternatives,
    parse_type,
)
from openum.cql.errors import CqlWarning
from openum.cql.fhir import model
from openum.cql.fhir.convert import CONVERTERS
from openum.cql.operators import conversion as conversions
from openum.cql.operators import lists
from openum.cql.operators.arithmetic import greatest, least, negative
from openum.cql.parser import nodes
from openum.cql.run import support, value_sets
from openum.cql.values import ucum
from openum.cql.values.numbers import MAX_INTEGER, MAX_LONG

_MAX_CHAIN = 3000
_BINARY = {
    "+": "Add", "-": "Subtract", "*": "Multiply", "/": "Divide", "div": "TruncatedDivide", "mod": "Modulo",
    "^": "Power", "&": "ConcatenateOrEmpty", "=": "Equal", "!=": "NotEqual", "~": "Equivalent",
    "!~": "NotEquivalent", "<": "Less", "<=": "LessOrEqual", ">": "Greater", ">=": "GreaterOrEqual",
    "union": "Union", "intersect": "Intersect", "except": "Except",
}  # fmt: skip
_UNARY = {
    "not": "Not", "exists": "Exists", "start": "Start", "end": "End", "width": "Width", "successor": "Successor",
    "predecessor": "Predecessor", "singleton": "SingletonFrom", "point": "PointFrom", "distinct": "Distinct",
    "flatten": "Flatten", "positive": "Positive", "negate": "Negate",
}  # fmt: skip


class Operators(Selectors):
    """Analyses operators and selectors."""

    def on_literal(self, node: nodes.Literal) -> Typed:
        """A literal."""
        too_large = (node.type == "Integer" and node.value > MAX_INTEGER) or (
            node.type == "Long" and node.value > MAX_LONG
        )
        if too_large:
            self.fail(node, f"{node.value} is outside the range of {node.type}.")
        if node.type == "Quantity":
            self._check_unit(node, node.value.unit)
        return self.constant(node.type, node.value)

    def _check_unit(self, node: nodes.Node, unit: str) -> None:
        """Warn of a unit that is in no table, since it compares with nothing."""
        if ucum.read(unit) is None:
            known = ucum.MISSPELT.get(unit)
            hint = f"Did you mean '{known}'?" if known else "Units are written as in UCUM."
            message = f"The unit '{unit}' is not known, so it compares with no other."
            self.program.warnings.append(CqlWarning(message, node.line, node.column, hint, self.library))

    def on_unary(self, node: nodes.Unary) -> Typed:
        """A prefix operator."""
        if node.op == "negate" and isinstance(node.operand, nodes.Literal):
            literal = node.operand
            if literal.type in ("Integer", "Long", "Decimal"):
                return self.constant(literal.type, negative(literal.value))
        operand = self.analyze(node.operand)
        if node.op == "not":
            operand = self.convert(node.operand, operand, BOOLEAN, "after “not”")
        return self.call(node, _UNARY[node.op], [operand])

    def on_binary(self, node: nodes.Binary) -> Typed:
        """An infix operator; a long chain of them is walked, not descended."""
        chain, first = [node], node.left
        while isinstance(first, nodes.Binary):
            chain.append(first)
            first = first.left
        if len(chain) > _MAX_CHAIN:
            hint = "Use a list, or move a part into a definition of its own."
            self.fail(chain[-1], f"More than {_MAX_CHAIN} operands stand in a row.", suggestion=hint)
        left = self.analyze(first)
        for link in reversed(chain):
            left = self._binary(link, left)
        return left

    def _binary(self, node: nodes.Binary, left: Typed) -> Typed:
        if node.op in ("and", "or", "xor", "implies"):
            return self._logic(node, left)
        right = self.analyze(node.right)
        if node.op in ("in", "contains"):
            element, container = (left, right) if node.op == "in" else (right, left)
            if container.type == VALUESET:
                return self.in_value_set(node, element, container)
            if container.type.name == "CodeSystem":
                return self.in_code_system(node, element, container)
            return self.call(node, "In" if node.op == "in" else "Contains", [left, right], node.precision)
        if node.op in ("~", "=", "!~", "!=") and VALUESET in (left.type, right.type):
            self.fail(node, "A value set is not compared with = or ~.", suggestion="Write “in” instead.")
        if node.op in ("+", "-"):
            self._check_moved(node, left, right)
        if node.op == "+" and left.type == STRING == right.type:
            return self.call(node, "Concatenate", [left, right])
        return self.call(node, _BINARY[node.op], [left, right])

    def _check_moved(self, node: nodes.Binary, left: Typed, right: Typed) -> None:
        """Refuse a date moved by a bare number, and the difference of two dates."""
        kinds = [parse_type(CONVERTERS[t.fhir][0]).name if t.is_fhir and t.fhir in CONVERTERS else t.name
                 for t in (left.type, right.type)]  # fmt: skip
        if kinds[0] not in ("Date", "DateTime", "Time"):
            return
        if kinds[1] in ("Integer", "Long", "Decimal"):
            hint = "Write a unit behind the number, such as “1 day”."
            self.fail(node, f"A {kinds[0]} cannot be moved by a bare number.", expected="a duration", suggestion=hint)
        if kinds[1] in ("Date", "DateTime", "Time"):
            self.fail(node, "Two dates cannot be added or subtracted.", suggestion="Write “days between … and …”.")

    def _logic(self, node: nodes.Binary, left: Typed) -> Typed:
        left = self.convert(node.left, left, BOOLEAN, f"beside “{node.op}”")
        right = self.convert(node.right, self.analyze(node.right), BOOLEAN, f"beside “{node.op}”")
        return Logic(BOOLEAN, node.op, left, right)

    def in_value_set(self, node: nodes.Node, element: Typed, container: Typed) -> Typed:
        """Return a membership test in a value set."""
        members = Operation(VALUESET, value_sets.members, [container], needs_case=True)
        if element.type == ANY and isinstance(element, Constant):
            return Constant(BOOLEAN, False)
        return self.call(node, "InValueSet", [element, members])

    def in_code_system(self, node: nodes.Node, element: Typed, system: Typed) -> Typed:
        """Return a membership test in a code system."""
        item = element.type.item if element.type.name == "List" else element.type
        if all(conversion(item, t) is None for t in (CODE, CONCEPT)):
            self.fail(node, f"{element.type} is no code, so it cannot be in a code system.")
        return Operation(BOOLEAN, value_sets.in_code_system, [element, system])

    def on_is_value(self, node: nodes.IsValue) -> Typed:
        """`is null`, `is true`, `is false`."""
        name = {None: "IsNull", True: "IsTrue", False: "IsFalse"}[node.value]
        found = self.call(node, name, [self.analyze(node.operand)])
        return self.call(node, "Not", [found]) if node.negated else found

    def on_if(self, node: nodes.If) -> Typed:
        """`if`."""
        condition = self.convert(node.condition, self.analyze(node.condition), BOOLEAN, "after “if”")
        kind, (then, otherwise) = self.merge(node, [self.analyze(node.then), self.analyze(node.otherwise)])
        return Choose(kind, condition, then, otherwise)

    def on_case(self, node: nodes.Case) -> Typed:
        """`case`."""
        results = [self.analyze(r) for _, r in node.items] + [self.analyze(node.otherwise)]
        kind, results = self.merge(node, results)
        comparand = None if node.comparand is None else self.analyze(node.comparand)
        built = results[-1]
        for (condition, _), result in zip(reversed(node.items), reversed(results[:-1]), strict=True):
            test = self.analyze(condition)
            if comparand is not None:
                test = self.call(condition, "Equal", [comparand, test])
            built = Choose(kind, self.convert(condition, test, BOOLEAN, "after “when”"), result, built)
        return built

    def on_between(self, node: nodes.Between) -> Typed:
        """`between`."""
        value = self.analyze(node.operand)
        low, high = self.analyze(node.low), self.analyze(node.high)
        if value.type.name == "Interval":
            bounds = self._interval(node, low, high, closed=True)
            return self.call(node, "ProperIncludedIn" if node.proper else "IncludedIn", [value, bounds])
        first = self.call(node, "Greater" if node.proper else "GreaterOrEqual", [value, low])
        return Logic(BOOLEAN, "and", first, self.call(node, "Less" if node.proper else "LessOrEqual", [value, high]))

    def on_index(self, node: nodes.Index) -> Typed:
        """`x[i]`."""
        return self.call(node, "Indexer", [self.analyze(node.source), self.analyze(node.index)])

    def on_duration(self, node: nodes.Duration) -> Typed:
        """`days between`, `difference in days between`, `duration in days of`."""
        if node.high is None:
            whole = self.analyze(node.low)
            low, high = self.call(node, "Start", [whole]), self.call(node, "End", [whole])
        else:
            low, high = self.analyze(node.low), self.analyze(node.high)
        name = "Duration" if node.op == "duration" else "Difference"
        return self.call(node, name, [low, high, self.constant("Precision", node.precision)])

    def on_component(self, node: nodes.Component) -> Typed:
        """`year from`, `date from`."""
        operand = self.analyze(node.operand)
        if node.part == "date":
            return self.call(node, "DateFrom", [operand])
        if node.part == "time":
            return self.call(node, "TimeFrom", [operand])
        if node.part == "week":
            self.fail(
                node, "A date has no week component.", expected="year, month, day, hour, minute, second or millisecond"
            )
        name = "TimezoneOffset" if node.part.startswith("timezone") else "Component"
        return self.call(node, name, [operand, self.constant("Precision", node.part)])

    def on_extreme(self, node: nodes.Extreme) -> Typed:
        """`minimum T`, `maximum T`."""
        kind = self.type_of(node.type)
        if kind.name not in ("Integer", "Long", "Decimal", "Quantity", "Date", "DateTime", "Time"):
            self.fail(node, f"{kind} has no {node.op}.")
        return Constant(kind, least(kind.name) if node.op == "minimum" else greatest(kind.name))

    def on_per(self, node: nodes.Per) -> Typed:
        """`expand`, `collapse`."""
        args = [self.analyze(node.operand)]
        if node.per is not None:
            per = self.analyze(node.per)
            args.append(per)
        return self.call(node, node.op.capitalize(), args)

    # --- types -------------------------------------------------------------------------------------------------------

    def on_type_test(self, node: nodes.TypeTest) -> Typed:
        """`is`, `as`, `cast`, `convert`."""
        target = self.type_of(node.type)
        operand = self.analyze(node.operand)
        if node.op == "is":
            return self.is_of_type(operand, target)
        if node.op == "convert":
            return self.convert_to(node, operand, target)
        return self.as_type(node, operand, target, strict=node.op == "cast")

    def is_of_type(self, operand: Typed, target: Type) -> Typed:
        """Return a test of the operand's type."""
        if operand.type.is_fhir and not operand.type.is_resource:
            system = CONVERTERS.get(operand.type.fhir, ("",))[0]
            same = (target.is_fhir and model.is_a(operand.type.fhir, target.fhir)) or system == str(target)
            return (
                self.call(nodes.Node(), "Not", [self.call(nodes.Node(), "IsNull", [operand])])
                if same
                else Constant(BOOLEAN, False)
            )
        return Operation(BOOLEAN, partial(is_of, target=target), [operand])

    def as_type(self, node: nodes.Node, operand: Typed, target: Type, *, strict: bool = False) -> Typed:
        """Return the operand seen as a type, null when it is of another."""
        if isinstance(operand, Constant) and operand.value is None:
            return Constant(target, None)
        if target == ANY and operand.type != ANY:
            step = conversion(operand.type, ANY)
            return Operation(ANY, lists.coalesce if step is None or step.function is None else step.function, [operand])
        if isinstance(operand, Property) and operand.tagged and operand.type.name == "Choice" and target.is_fhir:
            keys = tuple(k for k in operand.keys if model.is_a(k[1], target.fhir) or _same_shape(k[1], target.fhir))
            if len(keys) == 1:
                return Property(target, operand.source, operand.name, keys, operand.owner)
        if operand.type == target:
            return operand
        if operand.type.name == "Choice" or operand.type == ANY:
            return self._narrow(node, operand, target, strict=strict)
        step = conversion(operand.type, target)
        if operand.type.is_fhir and step is not None:
            return self.apply(step, operand, target)
        if target.name in ("Interval", "List") and operand.type.name == target.name and step is not None:
            found = self.apply(step, operand, target)
            found.type = target
            return found
        if operand.type.is_resource and target.is_resource:
            return Operation(target, lambda value: value if is_of(value, target) else None, [operand])
        if target != ANY:
            message = f"A value of type {operand.type} is never a {target}."
            self.fail(node, message, suggestion="Use “convert … to” to change its type." if step is not None else "")
        return operand

    def _narrow(self, node: nodes.Node, operand: Typed, target: Type, *, strict: bool) -> Typed:
        step = conversion(operand.type, target)
        if step is None:
            options = ", ".join(map(str, alternatives(operand.type)))
            self.fail(node, f"This is never a {target}; it may be {options}.")
        if operand.type == ANY:
            return Operation(target, support.narrow_any(target, strict), [operand])
        function = step.function
        return operand if function is None else Operation(target, function, [operand])

    def convert_to(self, node: nodes.Node, operand: Typed, target: Type) -> Typed:
        """`convert x to T`."""
        if operand.type == target:
            return operand
        if target.name in conversions.BY_NAME:
            return self.call(node, f"To{target.name}", [operand])
        return self.convert(node, operand, target)

    def on_convert_unit(self, node: nodes.ConvertUnit) -> Typed:
        """`convert q to 'unit'`."""
        self._check_unit(node, node.unit)
        return self.call(node, "ConvertQuantity", [self.analyze(node.operand), self.constant("String", node.unit)])


def _same_shape(a: str, b: str) -> bool:
    return {a, b} <= model.STRING_LIKE or {a, b} <= model.QUANTITY_LIKE
