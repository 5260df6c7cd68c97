"""Selectors: lists, intervals, tuples, instances, codes."""

from __future__ import annotations

from openum.cql.compile.conversions import common_type
from openum.cql.compile.navigation import Navigation
from openum.cql.compile.tree import (
    Constant,
    ListNode,
    Operation,
    TupleNode,
    Typed,
)
from openum.cql.compile.types import (
    ANY,
    BOOLEAN,
    CODE,
    CONCEPT,
    STRING,
    Type,
    interval_of,
    list_of,
    parse_type,
)
from openum.cql.fhir import model
from openum.cql.fhir.convert import CONVERTERS
from openum.cql.operators import intervals
from openum.cql.parser import nodes
from openum.cql.run import support
from openum.cql.values.codes import Code, CodeSystemRef, Concept


class Selectors(Navigation):
    """Analyses selectors."""

    def on_list(self, node: nodes.ListSelector) -> Typed:
        """A list selector."""
        items = [self.analyze(i) for i in node.items]
        if node.type is not None:
            item = self.type_of(node.type)
            return ListNode(list_of(item), [self.convert(n, v, item) for n, v in zip(node.items, items, strict=True)])
        item, items = self.merge(node, items) if items else (ANY, [])
        return ListNode(list_of(item), items)

    def on_interval(self, node: nodes.IntervalSelector) -> Typed:
        """An interval selector."""
        low, high = self.analyze(node.low), self.analyze(node.high)
        return self._interval(node, low, high, low_closed=node.low_closed, high_closed=node.high_closed)

    def _interval(
        self,
        node: nodes.Node,
        low: Typed,
        high: Typed,
        *,
        closed: bool = True,
        low_closed: bool | None = None,
        high_closed: bool | None = None,
    ) -> Typed:
        low, high = self.apply_system(low), self.apply_system(high)
        point = common_type([low.type, high.type])
        if point is None or point.name in ("String", "Boolean", "List", "Interval", "Choice") or point.is_fhir:
            self.fail(node, f"An interval cannot run from {low.type} to {high.type}.")
        args = [self.convert(node, low, point), self.convert(node, high, point)]
        flags = [Constant(BOOLEAN, closed if f is None else f) for f in (low_closed, high_closed)]
        return Operation(interval_of(point), intervals.make, [*args, *flags, Constant(STRING, point.name)])

    def on_tuple(self, node: nodes.TupleSelector) -> Typed:
        """A tuple or instance selector."""
        elements = [(name, self.analyze(value)) for name, value in node.elements]
        if node.type is None:
            kind = Type("Tuple", (), tuple((n, v.type) for n, v in elements))
            return TupleNode(kind, elements)
        kind = self.type_of(node.type)
        if kind.is_fhir:
            return self._fhir_instance(node, kind, elements)
        return self._instance(node, kind, dict(elements))

    def _fhir_instance(self, node: nodes.TupleSelector, kind: Type, elements: list[tuple[str, Typed]]) -> Typed:
        if kind.fhir in model.PRIMITIVES:
            target = parse_type(CONVERTERS[kind.fhir][0])
            value = next((v for n, v in elements if n == "value"), Constant(target, None))
            return Operation(kind, support.plain, [self.convert(node, value, target, "for value")])
        keys: list[str] = []
        for name, value in elements:
            found = model.element(kind.fhir, name)
            if found is None:
                hint = self.did_you_mean(name, model.element_names(kind.fhir))
                self.fail(node, f"{kind} has no element “{name}”.", suggestion=hint)
            options = {t[0].upper() + t[1:]: key for key, t in found.alternatives()}
            own = value.type.fhir if value.type.is_fhir else value.type.name
            keys.append(options.get(own[0].upper() + own[1:], found.alternatives()[0][0]) if found.is_choice else name)
        return Operation(kind, support.make_fhir(kind.fhir, tuple(keys)), [v for _, v in elements])

    def _instance(self, node: nodes.TupleSelector, kind: Type, given: dict[str, Typed]) -> Typed:
        shapes: dict[str, dict[str, Type]] = {
            "Quantity": {"value": Type("Decimal"), "unit": STRING},
            "Code": {"code": STRING, "system": STRING, "version": STRING, "display": STRING},
            "Concept": {"codes": list_of(CODE), "display": STRING},
            "Ratio": {"numerator": Type("Quantity"), "denominator": Type("Quantity")},
            "ValueSet": {"id": STRING, "version": STRING, "name": STRING},
            "CodeSystem": {"id": STRING, "version": STRING, "name": STRING},
        }
        shape = shapes.get(kind.name)
        if shape is None:
            self.fail(node, f"{kind} has no elements to select.")
        for name in given:
            if name not in shape:
                self.fail(node, f"{kind} has no element “{name}”.", suggestion=self.did_you_mean(name, shape))
        args: list[Typed] = []
        for name, target in shape.items():
            value = given.get(name, Constant(target, None))
            if kind == CONCEPT and name == "codes" and value.type == CODE:
                value = ListNode(list_of(CODE), [value])
            args.append(self.convert(node, value, target, f"for {name}"))
        return Operation(kind, support.MAKERS[kind.name], args)

    def on_code(self, node: nodes.CodeSelector) -> Typed:
        """`Code 'x' from System`."""
        system = self.analyze(node.system)
        found = system.value if isinstance(system, Constant) else None
        if not isinstance(found, CodeSystemRef):
            self.fail(node, "A code needs the name of a declared code system.")
        return Constant(CODE, Code(node.code, found.id, found.version, node.display))

    def on_concept(self, node: nodes.ConceptSelector) -> Typed:
        """`Concept { Code … }`."""
        codes = [self.analyze(c) for c in node.codes]
        return Constant(CONCEPT, Concept(tuple(c.value for c in codes if isinstance(c, Constant)), node.display))
