"""The noted typed tree of one library as ELM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from openum.cql.compile import tree
from openum.cql.compile.conversions import conversion
from openum.cql.compile.types import ANY, Type, alternatives, parse_type
from openum.cql.elm.build import (
    Converter,
    as_type,
    choose,
    constant,
    each,
    fhir_parts,
    instance,
    interval,
    is_type,
    null,
    operator,
    prop,
)  # fmt: skip
from openum.cql.elm.errors import ElmError
from openum.cql.elm.notes import Called, Converted, Declared, Inner, Made, Notes, Seen, Subject, Tested
from openum.cql.elm.operators import write
from openum.cql.elm.types import Json, result_type, specifier, type_name
from openum.cql.fhir import model
from openum.cql.fhir.convert import CONVERTERS
from openum.cql.operators import comparison, intervals, lists
from openum.cql.run import support, value_sets
from openum.cql.values.temporal import PRECISIONS

_LOGIC: Final = {"and": "And", "or": "Or", "xor": "Xor", "implies": "Implies"}
_PRECISION_NAMES: Final = {number: word for word, number in PRECISIONS.items() if word != "week"}


class Names:
    """How the declarations of a program are called from one library.

    Attributes:
        aliases: library key → local name; "" for the library itself has none.
        definitions, functions, parameters: (library key, name) by index.
        systems: address → name of the code systems declared here.
    """

    def __init__(self) -> None:
        self.aliases: dict[str, str] = {}
        self.definitions: list[tuple[str, str]] = []
        self.functions: list[tuple[str, str]] = []
        self.parameters: list[tuple[str, str]] = []
        self.systems: dict[str, str] = {}


class Writer:
    """Writes the expressions of one library."""

    def __init__(self, library: str, notes: Notes, names: Names, helpers: str) -> None:
        self.library = library
        self.notes = notes
        self.names = names
        self.converter = Converter(helpers)
        self.locals: dict[str, Json] = {}
        self.sorting: set[str] = set()
        self.external: dict[str, int] = {}
        self._ids = 0

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
        if place is not None and "localId" not in found:
            self._ids += 1
            found = {
                **found,
                "localId": str(self._ids),
                "locator": f"{place.line}:{place.column}",
                **result_type(node.type),
            }
        return found

    def converted(self, node: tree.Typed, target: Type) -> Json:
        """Return the ELM of a node as a type."""
        if isinstance(node, tree.Constant) and node.value is None:
            return null(target)
        return self.converter.convert(self.write(node), node.type, target)

    def reference(self, kind: str, entry: tuple[str, str]) -> Json:
        """Return a reference to a declaration of this or another library."""
        library, name = entry
        found: Json = {"type": kind, "name": name}
        return found if library == self.library else found | {"libraryName": self.names.aliases[library]}

    # --- what was noted ----------------------------------------------------------------------------------------------

    def called(self, note: Called) -> Json:
        """An operator."""
        if note.name in ("AgeIn", "AgeInAt"):
            return self._age(note)
        args = [self._argument(a, t) for a, t in zip(note.args, note.targets, strict=True)]
        found = write(note.name, args, note.targets, note.precision)
        if found is None:
            self.external[note.name] = len(args)
            return {"type": "FunctionRef", "name": note.name, "operand": args}
        return found

    def _argument(self, node: tree.Typed, target: Type) -> Json:
        if isinstance(node, tree.Constant) and node.value is None:
            return null(target)
        return self.write(node)

    def _age(self, note: Called) -> Json:
        birth = prop(prop({"type": "ExpressionRef", "name": "Patient"}, "birthDate"), "value")
        precision = note.args[-1]
        word = precision.value if isinstance(precision, tree.Constant) else "year"
        if note.name == "AgeIn":
            return {"type": "CalculateAge", "operand": birth, "precision": str(word).capitalize()}
        at = self._argument(note.args[0], note.targets[0])
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
        special = _FUNCTIONS.get(node.function)
        if special is not None:
            return special(self, node.args)
        if len(node.args) == 1 and conversion(node.args[0].type, node.type) is not None:
            return self.converted(node.args[0], node.type)
        raise ElmError(f"An expression of type {node.type} has no form in ELM.")

    def logic(self, node: tree.Logic) -> Json:
        """A logical operator."""
        boolean = Type("Boolean")
        return operator(_LOGIC[node.op], self._argument(node.left, boolean), self._argument(node.right, boolean))

    def choice(self, node: tree.Choose) -> Json:
        """A conditional."""
        condition = self._argument(node.condition, Type("Boolean"))
        return choose(condition, self._argument(node.then, node.type), self._argument(node.otherwise, node.type))

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
        found: Json = {"type": "List", "element": [self._argument(i, node.type.item) for i in node.items]}
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

    def query(self, node: tree.QueryNode) -> Json:
        """A query."""
        sources = [self._source(s) for s in node.sources]
        lets = []
        for name, value in node.lets:
            label = self._label(name)
            lets.append({"identifier": label, "expression": self.write(value)})
            self.locals[name] = {"type": "QueryLetRef", "name": label}
        relations = []
        for relation in node.relations:
            inner = self._source(relation.source)
            such = self._argument(relation.condition, Type("Boolean"))
            relations.append({"type": "Without" if relation.negated else "With", **inner, "suchThat": such})
        found: Json = {"type": "Query", "source": sources, "relationship": relations}
        if lets:
            found["let"] = lets
        if node.where is not None:
            found["where"] = self._argument(node.where, Type("Boolean"))
        if node.aggregate is not None:
            found["aggregate"] = self._aggregate(node.aggregate)
        else:
            result = sources[0]["alias"] if node.result is None else ""
            value = {"type": "AliasRef", "name": result} if node.result is None else self.write(node.result)
            found["return"] = {"distinct": node.distinct, "expression": value}
        if node.sort:
            found["sort"] = {"by": [self._sort(s, node.this) for s in node.sort]}
        return found

    def _label(self, mangled: str) -> str:
        return self.notes.names.get(mangled) or f"${mangled}"

    def _source(self, source: tree.SourceNode) -> Json:
        expression = self.write(source.source)
        label = self._label(source.name)
        self.locals[source.name] = {"type": "AliasRef", "name": label}
        return {"alias": label, "expression": expression}

    def _aggregate(self, node: tree.AggregateNode) -> Json:
        label = self._label(node.name)
        self.locals[node.name] = {"type": "QueryLetRef", "name": label}
        starting = self._argument(node.starting, node.expression.type)
        return {
            "identifier": label,
            "distinct": node.distinct,
            "starting": starting,
            "expression": self.write(node.expression),
        }

    def _sort(self, node: tree.SortNode, this: str) -> Json:
        direction = "desc" if node.descending else "asc"
        key = node.key
        if isinstance(key, tree.Local):
            return {"type": "ByDirection", "direction": direction}
        if isinstance(key, tree.Operation) and len(key.args) == 1 and isinstance(key.args[0], tree.Local):
            return {"type": "ByDirection", "direction": direction}
        if isinstance(key, tree.Field) and isinstance(key.source, tree.Local) and key.kind != "each":
            return {"type": "ByColumn", "path": key.name, "direction": direction}
        self.sorting.add(this)
        self.locals[this] = {"type": "IdentifierRef", "name": "$this"}
        written = self.write(key)
        self.sorting.discard(this)
        return {"type": "ByExpression", "direction": direction, "expression": written}

    # --- functions without a name ------------------------------------------------------------------------------------

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
        alias, inner = self.converter.alias(), self.converter.alias()
        listed = prop({"type": "AliasRef", "name": alias}, "extension")
        url = prop(prop({"type": "AliasRef", "name": inner}, "url"), "value")
        wanted = operator("Equal", url, self.write(args[1]))
        one = each(listed, inner, {"type": "AliasRef", "name": inner}, where=wanted)
        return operator("Flatten", each(self.write(args[0]), alias, one))

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
        low, high = (self._argument(a, point) for a in args[:2])
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
