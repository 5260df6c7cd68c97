"""The noted typed tree of one library as ELM."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from openum.cql.compile import tree
from openum.cql.compile.conversions import conversion
from openum.cql.compile.types import ANY, Type, alternatives
from openum.cql.elm.build import (
    as_type,
    choose,
    constant,
    each,
    fhir_parts,
    instance,
    is_type,
    null,
    operator,
    prop,
    system_of,
)  # fmt: skip
from openum.cql.elm.errors import ElmError
from openum.cql.elm.notes import Called, Converted, Declared, Inner, Made, Seen, Subject, Tested
from openum.cql.elm.operators import write
from openum.cql.elm.queries import Queries
from openum.cql.elm.types import Json, result_type, specifier, type_name
from openum.cql.elm.unnamed import Unnamed
from openum.cql.fhir import model
from openum.cql.fhir.convert import CONVERTERS
from openum.cql.operators import comparison, intervals, lists
from openum.cql.run import support, value_sets

_LOGIC: Final = {"and": "And", "or": "Or", "xor": "Xor", "implies": "Implies"}
# Operators that compare values: elements of FHIR go in as the System values they stand for.
_COMPARING: Final = frozenset(
    {"InValueSet", "Equal", "NotEqual", "Equivalent", "NotEquivalent", "In", "Contains", "IndexOf"}
)


class Writer(Queries, Unnamed):
    """Writes the expressions of one library."""

    def write(self, node: tree.Typed) -> Json:
        """Return the ELM of a typed node.

        Raises:
            ElmError: ELM has no form for it.
        """
        note = self.notes.by_node.get(id(node))
        handler = _NOTES[type(note)] if note is not None else _NODES.get(type(node))
        if handler is None:
            raise ElmError(f"An expression of type {node.type} has no form in ELM.")
        found: Json = handler(self, node if note is None else note)
        place = self.notes.places.get(id(node))
        if place is not None and "locator" not in found:
            found = {**found, "locator": f"{place.line}:{place.column}", **result_type(node.type)}
        return found

    # --- what was noted ----------------------------------------------------------------------------------------------

    def called(self, note: Called) -> Json:
        """An operator."""
        if note.name in ("AgeIn", "AgeInAt"):
            return self._age(note)
        args = [self.argument(a, t) for a, t in zip(note.args, note.targets, strict=True)]
        if note.name in _COMPARING:
            args = [self.converter.convert(a, t, system_of(t)) for a, t in zip(args, note.targets, strict=True)]
        found = write(note.name, args, note.targets, note.precision)
        if found is None:
            self.external[note.name] = len(args)
            return {"type": "FunctionRef", "name": note.name, "operand": args}
        return found

    def _age(self, note: Called) -> Json:
        birth = prop(prop({"type": "ExpressionRef", "name": "Patient"}, "birthDate"), "value")
        precision = note.args[-1]
        word = precision.value if isinstance(precision, tree.Constant) else "year"
        if note.name == "AgeIn":
            return {"type": "CalculateAge", "operand": birth, "precision": str(word).capitalize()}
        at = self.argument(note.args[0], note.targets[0])
        if note.targets[0].name == "DateTime":
            birth = operator("ToDateTime", birth)
        return {"type": "CalculateAgeAt", "operand": [birth, at], "precision": str(word).capitalize()}

    def conversion(self, note: Converted) -> Json:
        """A conversion."""
        return self.converted(note.value, note.target)

    def seen(self, note: Seen) -> Json:
        """`as`."""
        source, target = note.value.type, note.target
        value = self.write(note.value)
        if not target.is_fhir and fhir_parts(source, target):
            return self.converter.convert(value, source, target)
        return as_type(value, target, strict=note.strict)

    def tested(self, note: Tested) -> Json:
        """`is`."""
        value = self.write(note.value)
        options = [note.target] if note.target.is_fhir else fhir_parts(note.value.type, note.target) or [note.target]
        found = is_type(value, options[0])
        for option in options[1:]:
            found = operator("Or", found, is_type(value, option))
        return found

    def declared(self, note: Declared) -> Json:
        """A code, concept, value set or code system."""
        kind = {"codesystem": "CodeSystemRef", "valueset": "ValueSetRef", "code": "CodeRef", "concept": "ConceptRef"}
        found = self.reference(kind[note.kind], (note.library, note.name))
        return found | ({"preserve": True} if note.kind == "valueset" else {})

    def subject(self, note: Subject) -> Json:
        """The resource of the context."""
        return {"type": "ExpressionRef", "name": note.name}

    def inner(self, note: Inner) -> Json:
        """The value of a primitive."""
        return prop(self.write(note.value), "value")

    def made(self, note: Made) -> Json:
        """An instance."""
        elements: dict[str, Json] = {}
        for name, value in note.elements:
            if isinstance(value, tree.Constant) and value.value is None:
                continue
            found = model.element(note.type.fhir, name) if note.type.is_fhir else None
            written = self.write(value)
            if found is not None and not value.type.is_fhir:
                targets = [t for t in found.types if CONVERTERS.get(t, ("",))[0] == str(value.type)]
                if targets and targets[0] in model.PRIMITIVES:
                    written = instance(type_name(Type(f"FHIR.{targets[0]}")), {"value": written})
            elements[name] = written
        if note.type.name == "Quantity":
            return choose(
                operator("IsNull", elements.get("value", null())),
                null(note.type),
                instance(type_name(note.type), elements),
            )
        return instance(type_name(note.type), elements)

    # --- nodes -------------------------------------------------------------------------------------------------------

    def constant(self, node: tree.Constant) -> Json:
        """A literal."""
        return constant(node.value, node.type, self.names.systems)

    def operation(self, node: tree.Operation) -> Json:
        """A call that was built without a name."""
        special = None if isinstance(node.function, partial) else _FUNCTIONS.get(node.function)
        if special is not None:
            return special(self, node.args)
        if isinstance(node.function, partial) and node.function.func is support.flattened:
            return self.flattened_extension(node, node.function.keywords["url"])
        if len(node.args) == 1 and conversion(node.args[0].type, node.type) is not None:
            return self.converted(node.args[0], node.type)
        raise ElmError(f"An expression of type {node.type} has no form in ELM.")

    def logic(self, node: tree.Logic) -> Json:
        """A logical operator."""
        boolean = Type("Boolean")
        return operator(_LOGIC[node.op], self.argument(node.left, boolean), self.argument(node.right, boolean))

    def choice(self, node: tree.Choose) -> Json:
        """A conditional."""
        condition = self.argument(node.condition, Type("Boolean"))
        return choose(condition, self.argument(node.then, node.type), self.argument(node.otherwise, node.type))

    def local(self, node: tree.Local) -> Json:
        """An alias, let, operand or running result."""
        found = self.locals.get(node.name)
        if found is None:
            raise ElmError("A value of an outer scope cannot be referred to here.")
        return dict(found)

    def definition(self, node: tree.DefinitionRef) -> Json:
        """A definition."""
        return self.reference("ExpressionRef", self.names.definitions[node.index])

    def parameter(self, node: tree.ParameterRef) -> Json:
        """A parameter."""
        return self.reference("ParameterRef", self.names.parameters[node.index])

    def function(self, node: tree.FunctionCall) -> Json:
        """A user-defined function."""
        found = self.reference("FunctionRef", self.names.functions[node.index])
        return found | {"operand": [self.write(a) for a in node.args]}

    def property(self, node: tree.Property) -> Json:
        """An element of a FHIR value."""
        if isinstance(node.source, tree.Local) and node.source.name in self.sorting:
            found: Json = {"type": "IdentifierRef", "name": node.name}
        else:
            found = prop(self.write(node.source), node.name)
        if node.convert is None:
            return found
        own = Type(f"FHIR.{node.keys[0][1]}")
        if node.type == ANY or len(node.keys) > 1:
            return found
        return self.converter.convert(found, own, node.type)

    def field(self, node: tree.Field) -> Json:
        """An element of a System value, a tuple, or each item of a list."""
        name = {"low_closed": "lowClosed", "high_closed": "highClosed"}.get(node.name, node.name)
        if node.kind != "each":
            if isinstance(node.source, tree.Local) and node.source.name in self.sorting:
                return {"type": "IdentifierRef", "name": name}
            return prop(self.write(node.source), name)
        alias = self.converter.alias()
        item = prop({"type": "AliasRef", "name": alias}, name)
        result = item
        if node.convert is not None:
            result = self._element_value(item, node)
        found = each(self.write(node.source), alias, result, where=operator("Not", operator("IsNull", item)))
        return operator("Flatten", found) if self._gives_lists(node) else found

    def _element_value(self, item: Json, node: tree.Field) -> Json:
        source = node.source.type.item
        element = model.element(source.fhir, node.name) if source.is_fhir else None
        if element is None:
            return item
        return self.converter.convert(item, Type(f"FHIR.{element.types[0]}"), node.type.item)

    def _gives_lists(self, node: tree.Field) -> bool:
        for part in alternatives(node.source.type.item):
            element = model.element(part.fhir, node.name) if part.is_fhir else None
            if element is not None and element.is_list:
                return True
            if part.name == "Tuple" and dict(part.elements).get(node.name, ANY).name == "List":
                return True
        return False

    def list_(self, node: tree.ListNode) -> Json:
        """A list selector."""
        found: Json = {"type": "List", "element": [self.argument(i, node.type.item) for i in node.items]}
        return found | ({} if node.items or node.type.item == ANY else {"typeSpecifier": specifier(node.type)})

    def tuple_(self, node: tree.TupleNode) -> Json:
        """A tuple selector."""
        elements = [{"name": name, "value": self.write(value)} for name, value in node.elements]
        return {"type": "Tuple", "element": elements}

    def retrieve(self, node: tree.RetrieveNode) -> Json:
        """A retrieve."""
        found: Json = {
            "type": "Retrieve",
            "dataType": type_name(node.type.item),
            "templateId": f"http://hl7.org/fhir/StructureDefinition/{node.resource}",
        }
        if node.codes is None:
            return found
        codes = self.write(node.codes)
        comparator = "in" if codes["type"] == "ValueSetRef" else "~"
        return found | {"codeProperty": node.path, "codeComparator": comparator, "codes": codes}


_NOTES: Final[dict[type[Any], Callable[[Writer, Any], Json]]] = {
    Called: Writer.called,
    Converted: Writer.conversion,
    Seen: Writer.seen,
    Tested: Writer.tested,
    Declared: Writer.declared,
    Subject: Writer.subject,
    Inner: Writer.inner,
    Made: Writer.made,
}
_NODES: Final[dict[type[tree.Typed], Callable[[Writer, Any], Json]]] = {
    tree.Constant: Writer.constant,
    tree.Operation: Writer.operation,
    tree.Logic: Writer.logic,
    tree.Choose: Writer.choice,
    tree.Local: Writer.local,
    tree.DefinitionRef: Writer.definition,
    tree.ParameterRef: Writer.parameter,
    tree.FunctionCall: Writer.function,
    tree.Property: Writer.property,
    tree.Field: Writer.field,
    tree.RetrieveNode: Writer.retrieve,
    tree.ListNode: Writer.list_,
    tree.TupleNode: Writer.tuple_,
    tree.QueryNode: Writer.query,
}
_FUNCTIONS: Final[dict[Callable[..., Any], Callable[[Writer, list[tree.Typed]], Json]]] = {
    lists.is_present: Writer.present,
    lists.as_list: lambda writer, args: operator("ToList", writer.write(args[0])),
    lists.singleton: lambda writer, args: operator("SingletonFrom", writer.write(args[0])),
    lists.coalesce: Writer.first_argument,
    value_sets.members: Writer.first_argument,
    value_sets.expand: Writer.expanded,
    value_sets.has_code: Writer.has_code,
    value_sets.in_code_system: Writer.in_code_system,
    support.pairs_of: Writer.codes,
    support.extensions: Writer.extensions,
    support.sort_instant: Writer.sort_instant,
    support.children: lambda writer, args: {"type": "Children", "source": writer.write(args[0])},
    support.descendents: lambda writer, args: {"type": "Descendents", "source": writer.write(args[0])},
    comparison.untag: Writer.first_argument,
    intervals.make: Writer.interval,
    intervals.with_offset: Writer.offset,
    intervals.within: Writer.within,
}
