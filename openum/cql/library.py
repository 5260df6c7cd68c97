"""The public face: compile a library, evaluate it on a case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, Final

from openum.cql.compile.analyzer import Analyzer
from openum.cql.compile.conversions import conversion
from openum.cql.compile.emit import Emitter
from openum.cql.compile.linker import Linker, check_models
from openum.cql.compile.program import Program
from openum.cql.compile.types import ANY, Type
from openum.cql.errors import CqlError, CqlRuntimeError
from openum.cql.fhir import model
from openum.cql.fhir.convert import CONVERTERS
from openum.cql.operators.comparison import untag
from openum.cql.parser import parse_expression, parse_library
from openum.cql.parser.nodes import Definition, LibraryTree
from openum.cql.run.answer import Answer
from openum.cql.run.case import Case
from openum.cql.run.data import CaseData, Pair
from openum.cql.values.codes import Code, Instance, Tagged
from openum.cql.values.interval import Interval
from openum.cql.values.temporal import DEFAULT_OFFSET, Date, DateTime, Time
from openum.cql.values.ucum import ON_MISMATCH

ENGINE_VERSION: Final = "2"


class Library:
    """A compiled library.

    Attributes:
        name, version: from the library header.
        definitions: names of its own definitions, in source order.
        digest: SHA-256 of the source and of everything it includes.
        value_sets: (name, address, version) of the value sets it declares.
        warnings: what compiles and is probably not meant, such as a unit that UCUM does not have.
        source: the generated Python, for inspection.
        text, includes: the CQL it was compiled from, so that another process can compile it again.
        program: the typed trees, for other targets.
    """

    text: str
    includes: Mapping[str, str]
    program: Program

    def __init__(self, main: Analyzer, program: Program, digest: str) -> None:
        emitter = Emitter(program)
        sources = emitter.program_source()
        self.source = "".join(sources.values())
        self._functions = emitter.namespace
        self._roots = emitter.roots
        for name, text in sources.items():
            self._functions[name] = _on_first_call(self._functions, name, text, f"<cql {digest[:12]} {name}>")
        self._kept: tuple[object, dict[int, Any]] | None = None
        self.name = main.tree.name
        self.version = main.tree.version
        self.digest = digest
        self._indexes = {name: entry.index for name, (_, entry) in main.definitions.items()}
        self.definitions = tuple(self._indexes)
        self._types = {name: entry.type for name, (_, entry) in main.definitions.items()}
        self._shown = {name: partial(outer, kind=kind) for name, kind in self._types.items()}
        self._parameters = {p.name: p for p in program.parameters if p.library == main.library}
        self._names = tuple(p.name for p in program.parameters)
        self._all_parameters = {f"{p.library}.{p.name}": p for p in program.parameters if p.library}
        self.warnings = tuple(program.warnings)
        self.value_sets = tuple((v.name, v.id, v.version) for v in program.value_sets)

    def result_type(self, name: str) -> str:
        """Return the CQL type of a definition as text."""
        return str(self._types[name])

    def index_of(self, name: str) -> int | None:
        """Return the place of a definition in the program, or None."""
        return self._indexes.get(name)

    def parameter_indexes(self, names: Iterable[str]) -> dict[int, str]:
        """Return the places in the program of parameters, as evaluate() names them."""
        found = {n: self._parameters.get(n) or self._all_parameters.get(n) for n in names}
        return {entry.index: n for n, entry in found.items() if entry is not None}

    def parameter_types(self) -> dict[str, str]:
        """Return the parameters of the library with their CQL types."""
        return {name: str(p.type) for name, p in self._parameters.items()}

    def evaluate(
        self,
        data: CaseData,
        *,
        now: datetime,
        parameters: Mapping[str, object] | None = None,
        value_sets: Mapping[str, Iterable[Pair]] | None = None,
        only: Iterable[str] | None = None,
    ) -> dict[str, Answer]:
        """Evaluate definitions on one case.

        Args:
            data: the records.
            now: aware instant that Now() and Today() answer; its offset is the default offset.
            parameters: by name, or "Library.Name" for an included library's; Python or CQL values, a pair of
                bounds for an Interval, a dict with code and system for a Code.
            value_sets: (system, code) pairs by the name or the canonical address of the value set.
            only: names to evaluate; all when omitted.

        Raises:
            CqlError: an unknown definition or parameter, or a parameter of another type.
        """
        names = self.definitions if only is None else tuple(only)
        for name in names:
            if name not in self._indexes:
                raise CqlError(
                    f"The library has no definition “{name}”.", suggestion=Analyzer.did_you_mean(name, self._indexes)
                )
        offset = now.utcoffset()
        token = DEFAULT_OFFSET.set(0 if offset is None else int(offset.total_seconds() // 60))
        told = None
        try:
            case = self._case(data, now, parameters or {}, value_sets or {})
            told = ON_MISMATCH.set(case.note_mismatch)
            return {name: case.answer(self._indexes[name], name, self._shown[name]) for name in names}
        finally:
            if told is not None:
                ON_MISMATCH.reset(told)
            DEFAULT_OFFSET.reset(token)

    def _case(
        self,
        data: CaseData,
        now: datetime,
        parameters: Mapping[str, object],
        value_sets: Mapping[str, Iterable[Pair]],
    ) -> Case:
        given = self.bind(parameters)
        return Case(data, self._functions, now, given, value_sets, self._roots, self._shared_at(now), self._names)

    def _shared_at(self, now: datetime) -> dict[int, Any]:
        """Return the values that are fixed at a moment, kept from the evaluation before when it was the same."""
        moment = (now, now.utcoffset())
        kept = self._kept
        if kept is None or kept[0] != moment:
            kept = self._kept = (moment, {})
        return kept[1]

    def values(
        self,
        data: CaseData,
        *,
        now: datetime,
        parameters: Mapping[str, object] | None = None,
        value_sets: Mapping[str, Iterable[Pair]] | None = None,
        only: Iterable[str] | None = None,
    ) -> dict[str, Any]:
        """Return the values alone, without evidence and what is missing: for counting over many cases.

        What could not be evaluated is None, as unknown. Arguments and errors as with `evaluate`.
        """
        names = self.definitions if only is None else tuple(only)
        offset = now.utcoffset()
        token = DEFAULT_OFFSET.set(0 if offset is None else int(offset.total_seconds() // 60))
        try:
            case = self._case(data, now, parameters or {}, value_sets or {})
            found: dict[str, Any] = {}
            for name in names:
                try:
                    found[name] = self._shown[name](case.definition(self._indexes[name], None))
                except CqlRuntimeError:
                    found[name] = None
            return found
        finally:
            DEFAULT_OFFSET.reset(token)

    def bind(self, parameters: Mapping[str, object]) -> dict[int, Any]:
        """Return CQL values of parameters by their place in the program.

        Raises:
            CqlError: an unknown parameter, or a value of another type.
        """
        bound: dict[int, Any] = {}
        for name, value in parameters.items():
            entry = self._parameters.get(name) or self._all_parameters.get(name)
            if entry is None:
                hint = Analyzer.did_you_mean(name, self._parameters)
                raise CqlError(f"The library has no parameter “{name}”.", suggestion=hint)
            bound[entry.index] = _fit(name, to_cql(value), entry.type)
        return bound


def _on_first_call(functions: dict[str, Any], name: str, text: str, title: str) -> Callable[..., Any]:
    """Return a function that turns generated source into itself when it is first called."""

    def first(*args: Any) -> Any:
        exec(compile(text, title, "exec"), functions)  # noqa: S102 - our own templates only
        return functions[name](*args)

    return first


def outer(value: Any, kind: Type) -> Any:
    """Return a value as callers see it: FHIR elements that have a CQL type become values of that type."""
    if value is None or kind.is_resource:
        return value
    if isinstance(value, Tagged):
        return untag(value)
    if kind.is_fhir:
        found = CONVERTERS.get(kind.fhir)
        return value if found is None else found[1](value)
    if isinstance(value, list):
        return [outer(v, kind.item) for v in value]
    if isinstance(value, Instance):
        types = dict(kind.elements)
        return Instance({k: outer(v, types.get(k, ANY)) for k, v in value.items()})
    return value


def to_cql(value: object) -> Any:
    """Return a Python value as a CQL value: dates, times, floats, dicts and lists are translated."""
    if isinstance(value, datetime):
        return DateTime.from_python(value)
    if isinstance(value, date):
        return Date((value.year, value.month, value.day))
    if isinstance(value, time):
        return Time((value.hour, value.minute, value.second, value.microsecond // 1000))
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list | tuple) and type(value) in (list, tuple):
        return [to_cql(v) for v in value]
    if isinstance(value, dict) and "resourceType" not in value:
        return Instance({str(k): to_cql(v) for k, v in value.items()})
    return value


_TYPE_NAMES: Final[dict[type, str]] = {
    bool: "Boolean",
    int: "Integer",
    Decimal: "Decimal",
    str: "String",
    Date: "Date",
    DateTime: "DateTime",
    Time: "Time",
}


def _fit(name: str, value: Any, target: Type) -> Any:
    if target.name == "Interval" and isinstance(value, list) and len(value) == 2:
        value = Interval(value[0], value[1], kind=target.item.name)
    if target.name == "Code" and isinstance(value, Instance):
        return Code(value.get("code"), value.get("system"), value.get("version"), value.get("display"))
    kind = _TYPE_NAMES.get(type(value))
    if isinstance(value, Interval) and target.args:
        if value.kind not in ("Any", target.args[0].name):
            raise CqlError(f"The parameter “{name}” is an interval of {value.kind}; {target} is needed.")
        return value
    if kind is None or value is None:
        return value
    step = conversion(Type(kind), target)
    if step is None or (target.is_fhir and target.fhir not in model.PRIMITIVES):
        raise CqlError(f"The parameter “{name}” is of type {kind}; {target} is needed.")
    return value if step.function is None else step.function(value)


def digest_of(source: str, includes: Mapping[str, str]) -> str:
    """Return the SHA-256 of a source with its includes."""
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass"))
    for name in sorted(includes):
        digest.update(
            b"\0" + name.encode("utf-8", "surrogatepass") + b"\0" + includes[name].encode("utf-8", "surrogatepass")
        )
    return digest.hexdigest()


def compile_library(source: str, *, includes: Mapping[str, str] | None = None) -> Library:
    """Compile a library; the same text is compiled once.

    Args:
        source: CQL text of the library.
        includes: CQL text of the libraries it may include, by name. FHIRHelpers is built in.

    Raises:
        CqlError: with line, column, what was expected and a suggestion.
    """
    return _compile(source, tuple(sorted((includes or {}).items())))


def compile_expression(source: str) -> Library:
    """Compile one expression, as the definition “Result” of a library without a name.

    Raises:
        CqlError: with the position in the expression.
    """
    return _compile_expression(source)


@lru_cache(maxsize=256)
def _compile_expression(source: str) -> Library:
    tree = LibraryTree(definitions=[Definition("Result", parse_expression(source))])
    return _checked(tree, f"define Result:\n{source}", {})


@lru_cache(maxsize=256)
def _compile(source: str, includes: tuple[tuple[str, str], ...]) -> Library:
    return _checked(parse_library(source), source, dict(includes))


def _checked(tree: LibraryTree, source: str, sources: dict[str, str]) -> Library:
    program = Program()
    try:
        return _build(tree, source, sources, program)
    except RecursionError as error:
        place = program.place
        line, column = (0, 0) if place is None else (place.line, place.column)
        hint = "Move a part of the expression into a definition of its own."
        raise CqlError("The library is nested too deeply.", line, column, suggestion=hint) from error


def _build(tree: LibraryTree, source: str, sources: dict[str, str], program: Program) -> Library:
    check_models(tree, "")
    main = Analyzer(program, tree, "", Linker(program, sources).include)
    main.run()
    library = Library(main, program, digest_of(source, sources))
    library.text, library.includes, library.program = source, sources, program
    return library
