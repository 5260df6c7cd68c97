"""Whole libraries as ELM: headers, declarations, definitions, functions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import count
from typing import Any, Final

from openum.cql.compile import tree
from openum.cql.compile.analyzer import Analyzer
from openum.cql.compile.linker import Linker, check_models
from openum.cql.compile.program import Program
from openum.cql.compile.types import Type
from openum.cql.elm.build import HELPERS
from openum.cql.elm.core import Names
from openum.cql.elm.notes import Notes, NotingAnalyzer
from openum.cql.elm.types import FHIR, Json, result_type, specifier, type_name
from openum.cql.elm.writer import Writer
from openum.cql.errors import CqlError
from openum.cql.fhir import model
from openum.cql.parser import nodes, parse_library

SCHEMA: Final = {"id": "urn:hl7-org:elm", "version": "r1"}
MEDIA_TYPE: Final = "application/elm+json"
FHIR_VERSION: Final = "4.0.1"
_NO_SUBJECT: Final = ("Unfiltered", "Population", "Unspecified")
_SECTIONS: Final = {
    "codesystem": "codeSystems",
    "valueset": "valueSets",
    "code": "codes",
    "concept": "concepts",
}
_URIS: Final = {"FHIR": "http://hl7.org/fhir", "System": "urn:hl7-org:elm-types:r1"}


def elm_of(source: str, includes: Mapping[str, str] | None = None) -> Json:
    """Return a library as ELM.

    Args:
        source: CQL text of the library.
        includes: CQL text of the libraries it may include, by name.

    Raises:
        CqlError: the library does not compile; `ElmError` where ELM has no form for what it says.
    """
    return elm_libraries(source, includes)[0]


def elm_libraries(source: str, includes: Mapping[str, str] | None = None) -> list[Json]:
    """Return a library and all it includes as ELM, the library itself first; FHIRHelpers too where it is needed."""
    try:
        found = _libraries(source, dict(includes or {}))
    except RecursionError as error:
        raise CqlError("The library is nested too deeply.") from error
    if HELPERS not in (includes or {}) and any(_uses_helpers(library) for library in found):
        found.append(helpers())
    return found


def helpers() -> Json:
    """Return FHIRHelpers as ELM: the conversions from FHIR to System types that the engine itself does in Python."""
    found: Json = json.loads(_helpers())
    return found


@cache
def _helpers() -> str:
    text = resources.files(__package__).joinpath("FHIRHelpers.cql").read_text("utf-8")
    found = _libraries(text, {})[0]
    statements = found["library"]["statements"]["def"]
    pattern = next(s for s in statements if s["name"] == "ToString")
    for name in model.enumeration_names():
        kind = Type(f"FHIR.{name}")
        statements.append({**pattern, "operand": [{"name": "value", "operandTypeSpecifier": specifier(kind)}]})
    return json.dumps({"library": _numbered(found["library"], count(1))})


def _uses_helpers(library: Json) -> bool:
    return any(i["path"] == HELPERS for i in library["library"].get("includes", {}).get("def", ()))


def _libraries(source: str, sources: dict[str, str]) -> list[Json]:
    program, notes = Program(), Notes()
    analyzer_class = type("LibraryAnalyzer", (NotingAnalyzer,), {"notes": notes})
    tree_ = parse_library(source)
    check_models(tree_, "")
    linker = Linker(program, sources, analyzer_class)
    main = analyzer_class(program, tree_, "", linker.include)
    main.run()
    keys = {id(analyzer): key for key, analyzer in linker.loaded.items()}
    loaded = [main, *linker.loaded.values()]
    return [_library(analyzer, program, notes, keys) for analyzer in loaded]


def _library(analyzer: Analyzer, program: Program, notes: Notes, keys: dict[int, str]) -> Json:
    names = Names()
    names.definitions = [(d.library, d.name) for d in program.definitions]
    names.functions = [(f.library, f.name) for f in program.functions]
    names.parameters = [(p.library, p.name) for p in program.parameters]
    helpers_alias = HELPERS
    for alias, library in analyzer.libraries.items():
        if library is None:
            helpers_alias = alias
        else:
            names.aliases[keys[id(library)]] = alias
    for declared in analyzer.tree.terminologies:
        if declared.kind == "codesystem":
            names.systems.setdefault(declared.id, declared.name)
    return _LibraryWriter(analyzer, program, Writer(analyzer.library, notes, names, helpers_alias)).library()


class _LibraryWriter:
    """Writes one library."""

    def __init__(self, analyzer: Analyzer, program: Program, writer: Writer) -> None:
        self.analyzer = analyzer
        self.program = program
        self.writer = writer

    def library(self) -> Json:
        """Return the library."""
        source = self.analyzer.tree
        parameters = [self._parameter(p) for p in source.parameters]
        statements = [*self._definitions(), *self._functions()]
        has_model = any(u.name != "System" for u in source.usings) or FHIR in json.dumps([parameters, statements])
        if has_model:
            statements = [*self._subjects(), *statements]
        identifier: Json = {"id": source.name or "Library"}
        if source.version:
            identifier["version"] = source.version
        body: Json = {
            "annotation": [{"type": "CqlToElmInfo", "translatorOptions": "EnableLocators,EnableResultTypes"}],
            "identifier": identifier,
            "schemaIdentifier": SCHEMA,
            "usings": {"def": self._usings(source, has_model=has_model)},
        }
        for part, found in (
            ("includes", self._includes(source)),
            ("parameters", parameters),
            *self._terminologies(source),
            ("contexts", [{"name": name} for name in self._contexts(source)]),
            ("statements", statements),
        ):
            if found:
                body[part] = {"def": found}
        return {"library": _numbered(body, count(1))}

    def _usings(self, source: nodes.LibraryTree, *, has_model: bool) -> list[Json]:
        found = [{"localIdentifier": "System", "uri": _URIS["System"]}]
        for using in source.usings:
            if using.name != "System":
                alias = using.alias or using.name
                found.append({"localIdentifier": alias, "uri": _URIS["FHIR"], "version": using.version or FHIR_VERSION})
        if has_model and len(found) == 1:
            found.append({"localIdentifier": "FHIR", "uri": _URIS["FHIR"], "version": FHIR_VERSION})
        return found

    def _includes(self, source: nodes.LibraryTree) -> list[Json]:
        found = []
        for include in source.includes:
            entry = {"localIdentifier": include.alias, "path": include.name}
            library = self.analyzer.libraries.get(include.alias)
            version = include.version or (library.tree.version if library is not None else "")
            found.append(entry | ({"version": version} if version else {}))
        if self.writer.converter.needs_helpers and not any(i["path"] == HELPERS for i in found):
            found.append({"localIdentifier": HELPERS, "path": HELPERS, "version": FHIR_VERSION})
        return found

    def _contexts(self, source: nodes.LibraryTree) -> list[str]:
        return list(dict.fromkeys([d.context for d in source.definitions] or ["Patient"]))

    def _terminologies(self, source: nodes.LibraryTree) -> list[tuple[str, list[Json]]]:
        parts: dict[str, list[Json]] = {"codesystem": [], "valueset": [], "code": [], "concept": []}
        for node in source.terminologies:
            parts[node.kind].append(self._terminology(node))
        return [(_SECTIONS[kind], found) for kind, found in parts.items()]

    def _terminology(self, node: nodes.Terminology) -> Json:
        found: Json = {"name": node.name, "accessLevel": "Private" if node.private else "Public"}
        found["locator"] = f"{node.line}:{node.column}"
        if node.kind != "concept":
            found["id"] = node.id
        if node.version:
            found["version"] = node.version
        if node.display:
            found["display"] = node.display
        refs = [_terminology_ref(s) for s in node.systems]
        if node.kind == "valueset" and refs:
            found["codeSystem"] = refs
        elif node.kind == "code" and refs:
            found["codeSystem"] = refs[0]
        elif node.kind == "concept":
            found["code"] = refs
        return found

    def _parameter(self, node: nodes.Parameter) -> Json:
        entry = self.analyzer.parameters[node.name]
        found: Json = {"name": node.name, "accessLevel": "Private" if node.private else "Public"}
        found |= {"locator": f"{node.line}:{node.column}", "parameterTypeSpecifier": specifier(entry.type)}
        if entry.default is not None:
            found["default"] = self.writer.write(entry.default)
        return found

    def _subjects(self) -> list[Json]:
        """Return the statements that give the resource of each context."""
        names = {d.name for d in self.analyzer.tree.definitions}
        return [_subject(c) for c in self._contexts(self.analyzer.tree) if c not in names and c not in _NO_SUBJECT]

    def _definitions(self) -> list[Json]:
        found: list[Json] = []
        for name, (node, entry) in self.analyzer.definitions.items():
            made: Json = {"name": name, "context": node.context, "accessLevel": "Private" if node.private else "Public"}
            made |= {"locator": f"{node.line}:{node.column}", **result_type(entry.type)}
            body = entry.body or tree.Constant(entry.type, None)
            found.append(made | {"expression": self._body(body, entry.type)})
        return found

    def _body(self, body: tree.Typed, kind: Type) -> Json:
        return self.writer.converted(body, kind) if isinstance(body, tree.Constant) else self.writer.write(body)

    def _functions(self) -> list[Json]:
        found = []
        for group in self.analyzer.functions.values():
            for node, entry in group:
                operands = []
                for name, mangled, kind in entry.operands:
                    self.writer.locals[mangled] = {"type": "OperandRef", "name": name}
                    operands.append({"name": name, "operandTypeSpecifier": specifier(kind)})
                made: Json = {"type": "FunctionDef", "name": node.name, "context": "Patient"}
                made |= {"accessLevel": "Private" if node.private else "Public", "operand": operands}
                made["locator"] = f"{node.line}:{node.column}"
                if entry.result is not None:
                    made |= result_type(entry.result)
                if entry.fluent:
                    made["fluent"] = True
                if entry.body is None:
                    made["external"] = True
                else:
                    made["expression"] = self._body(entry.body, entry.body.type)
                found.append(made)
        for name, size in sorted(self.writer.external.items()):
            operands = [{"name": f"operand{i}", "operandTypeSpecifier": specifier(Type("Any"))} for i in range(size)]
            found.append(
                {
                    "type": "FunctionDef",
                    "name": name,
                    "context": "Patient",
                    "accessLevel": "Private",
                    "external": True,
                    "operand": operands,
                }
            )
        return found


def _numbered(value: Any, numbers: Iterator[int]) -> Any:
    """Return a tree with a local id on whatever has a place; parts that are used twice get two."""
    if isinstance(value, list):
        return [_numbered(inner, numbers) for inner in value]
    if not isinstance(value, dict):
        return value
    found = {name: _numbered(inner, numbers) for name, inner in value.items()}
    return {**found, "localId": str(next(numbers))} if "locator" in found else found


def _terminology_ref(node: nodes.Node) -> Json:
    if isinstance(node, nodes.Member) and isinstance(node.source, nodes.Name):
        return {"name": node.name, "libraryName": node.source.name}
    return {"name": node.name if isinstance(node, nodes.Name) else ""}


def _subject(context: str) -> Json:
    retrieve: Any = {
        "type": "Retrieve",
        "dataType": type_name(Type(f"FHIR.{context}")),
        "templateId": f"http://hl7.org/fhir/StructureDefinition/{context}",
    }
    return {"name": context, "context": context, "expression": {"type": "SingletonFrom", "operand": retrieve}}
