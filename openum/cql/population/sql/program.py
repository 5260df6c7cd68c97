"""A library as one SQL statement over many cases, with the Python target where that does not reach."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from openum.cql.compile import tree
from openum.cql.compile.types import Type
from openum.cql.errors import CqlError
from openum.cql.library import Library
from openum.cql.population.sql import reading, shapes
from openum.cql.population.sql.flatten import Flattener
from openum.cql.population.sql.schema import Schema, children
from openum.cql.population.sql.shapes import Shape, Untranslatable, quoted, shape_of
from openum.cql.population.sql.statement import Plan, Retrieve, plan
from openum.cql.population.sql.translate import Translator
from openum.cql.population.sql.values import Value
from openum.cql.run.data import CaseData, Pair
from openum.cql.values.codes import ALL_CODES, Code, Concept, ValueSetRef
from openum.cql.values.temporal import DEFAULT_OFFSET, DateTime

_OUTPUT: Final = frozenset({"bool", "int", "dec", "str", "date", "datetime", "time"})


@dataclass(frozen=True, slots=True)
class Output:
    """What the statement returns for one definition: its value, and when it must be left to the Python target."""

    name: str
    sql: str
    shape: Shape
    type: Type
    fails: frozenset[str]


@dataclass(frozen=True, slots=True)
class Statements:
    """A translation.

    Attributes:
        outputs: of the definitions that it answers.
        plan: the statements over the table `cases`; None when it answers nothing.
        fallback: why each of the other definitions has none, by name.
    """

    outputs: tuple[Output, ...]
    plan: Plan | None
    fallback: Mapping[str, str]


class SqlProgram:
    """A library translated for some definitions, parameters and value sets.

    Attributes:
        library, now, parameters, value_sets: what it was made from.
        names: the definitions asked for.
        fallback: why each of those that have no SQL form is left to the Python target, by name.
        retrieves: by code; their answers are columns of the table `cases`.
    """

    def __init__(
        self,
        library: Library,
        *,
        now: datetime,
        parameters: Mapping[str, object] | None = None,
        case_parameters: Iterable[str] = (),
        value_sets: Mapping[str, Iterable[Pair]] | None = None,
        only: Iterable[str] | None = None,
    ) -> None:
        """Translate.

        Args:
            library: the compiled library.
            now: aware instant that Now() and Today() answer; its offset is the default offset.
            parameters: of all cases.
            case_parameters: names of the parameters that each case brings itself.
            value_sets: (system, code) pairs by name or canonical address.
            only: definitions to evaluate; all when omitted.

        Raises:
            CqlError: an unknown definition or parameter.
        """
        self.library, self.now = library, now
        self.parameters = dict(parameters or {})
        self.value_sets = {name: frozenset((s, c) for s, c in pairs) for name, pairs in (value_sets or {}).items()}
        self.names = library.definitions if only is None else tuple(only)
        library.evaluate(CaseData([]), now=now, parameters=self.parameters, only=self.names)
        offset = now.utcoffset()
        self.offset = 0 if offset is None else int(offset.total_seconds() // 60)
        self.case_parameters = library.parameter_indexes(case_parameters)
        token = DEFAULT_OFFSET.set(self.offset)
        try:
            self._translate()
        finally:
            DEFAULT_OFFSET.reset(token)

    def _translate(self) -> None:
        program = self.library.program
        schema, pairs, roots = Schema(), set[Pair](), {}
        for name in self.names:
            index = self.library.index_of(name)
            if index is None:
                raise CqlError(f"The library has no definition “{name}”.")
            roots[name] = index
            try:
                schema.need(tree.DefinitionRef(program.definitions[index].type, index), program)
            except (Untranslatable, RecursionError):
                continue  # the translation says which definition cannot be, and why
        schema.finish()
        self._pairs(pairs)
        self.flattener = Flattener(schema, frozenset(pairs))
        self.retrieves: list[Retrieve] = []
        self._roots, self._statements = roots, dict[frozenset[str], Statements]()
        self.fallback = self.statements(frozenset()).fallback
        self.flattener.index_by(self.retrieves)

    def statements(self, partial: Collection[str]) -> Statements:
        """Return the statements for cases in which dates lack month or day in some elements only.

        Args:
            partial: those elements, as the flattener names them, and parameters as columns.
        """
        key = frozenset(partial)
        if key not in self._statements:
            token = DEFAULT_OFFSET.set(self.offset)
            try:
                self._statements[key] = self._translated(key)
            finally:
                DEFAULT_OFFSET.reset(token)
        return self._statements[key]

    def _translated(self, partial: frozenset[str]) -> Statements:
        program, schema = self.library.program, self.flattener.schema
        translator = Translator(
            program,
            schema,
            self.flattener.numbers,
            self._members,
            self._bound(partial),
            DateTime.from_python(self.now),
            retrieves=self.retrieves,
            partial=partial,
        )
        outputs: list[Output] = []
        fallback: dict[str, str] = {}
        for name, index in self._roots.items():
            try:
                outputs.append(_output(name, translator.definition(index), program.definitions[index].type))
            except Untranslatable as error:
                fallback[name] = str(error)
        return Statements(tuple(outputs), self._plan(translator, outputs), fallback)

    def _pairs(self, pairs: set[Pair]) -> None:
        """Collect the codes that any definition or function asks for."""
        program = self.library.program
        bodies = [d.body for d in program.definitions] + [f.body for f in program.functions]
        waiting: list[tree.Typed] = [b for b in bodies if b is not None]
        while waiting:
            node = waiting.pop()
            waiting += children(node)
            value = node.value if isinstance(node, tree.Constant) else None
            if isinstance(value, Code):
                pairs.add((value.system, value.code))
            elif isinstance(value, Concept):
                pairs.update((c.system, c.code) for c in value.codes)
            elif isinstance(value, ValueSetRef):
                try:
                    pairs |= self._members(value)
                except Untranslatable:
                    continue

    def _members(self, ref: ValueSetRef) -> frozenset[Pair]:
        for key in (ref.name, ref.id, f"{ref.id}|{ref.version}"):
            if key is not None and key in self.value_sets:
                found = self.value_sets[key]
                if any(code == ALL_CODES for _, code in found):
                    raise Untranslatable("a value set that holds a whole code system")
                return found
        raise Untranslatable(f"the value set “{ref.name or ref.id}” was not supplied")

    def _bound(self, partial: frozenset[str]) -> dict[int, Value]:
        found: dict[int, Value] = {}
        for index, value in self.library.bind(self.parameters).items():
            kind = self.library.program.parameters[index].type
            found[index] = reading.constant(value, kind, self.flattener.numbers)
        for index in self.case_parameters:
            kind = self.library.program.parameters[index].type
            shape, name = shape_of(kind), f"p{index}"
            found[index] = Value(name, shape if name in partial else shapes.whole(shape), kind)
        return found

    def _plan(self, translator: Translator, outputs: Sequence[Output]) -> Plan | None:
        """Return the statements that answer the outputs."""
        if not outputs:
            return None
        schema, chosen = self.flattener.schema, []
        for output in outputs:
            failed = " OR ".join(sorted(output.fails)) or "FALSE"
            chosen += [_outward(output), f"({failed})"]
        base = [quoted(name) for kind in sorted(schema.refs) for name in schema.leaves(kind)]
        base += [f"p{index}" for index in self.case_parameters]
        base += [retrieve.name for retrieve in self.retrieves]
        return plan(translator.columns, chosen, base)


def _output(name: str, value: Value, kind: Type) -> Output:
    _check_output(value.shape)
    return Output(name, value.sql, value.shape, kind, value.fails | ({value.bad} if value.bad else set()))


def _check_output(shape: Shape) -> None:
    if shape.kind == "list":
        _check_output(shape.of)
    elif shape.kind == "tuple":
        for _, inner in shape.fields:
            _check_output(inner)
    elif shape.kind not in _OUTPUT and not shape.is_resource and shape is not shapes.NULL:
        raise Untranslatable(f"its value is a {shape.kind}, which is handed out by the Python target")


def _outward(output: Output) -> str:
    """Return what leaves the statement: of resources only their numbers."""
    if output.shape.kind == "tuple" and any(s.is_resource or s.kind == "list" for _, s in output.shape.fields):
        raise Untranslatable("its value is a tuple of records, which is handed out by the Python target")
    return output.sql
