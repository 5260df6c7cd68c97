"""Runs the expressions of a form over the records of one person: CQL by library and definition, FHIRPath in place. Pure.

An expression that cannot be run is no fault of the person who fills the form in: it gives nothing, and the trouble is
told in words that hold no data.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from openum import cql
from openum.cql import fhirpath
from openum.forms.items import Expression

Json = dict[str, Any]
Pairs = frozenset[tuple[str, str]]

CQL, IDENTIFIER, PATH = "text/cql", "text/cql-identifier", "text/fhirpath"
_CQL_LANGUAGES = frozenset({CQL, IDENTIFIER, "text/cql-expression", "text/cql.identifier"})
_NAME = re.compile(r'^\s*(?:"([^"]+)"|([A-Za-z_][\w-]*))\s*(?:\.\s*(?:"([^"]+)"|([A-Za-z_]\w*))\s*)?$')
_LIBRARY = re.compile(r'^\s*library\s+"?([\w.-]+)"?(?:\s+version\s+\'([^\']*)\')?', re.MULTILINE)


class Logic:
    """The libraries and value sets that come with a form."""

    def __init__(
        self,
        sources: Mapping[str, str],
        *,
        value_sets: Mapping[str, Pairs],
        main: Sequence[str] = (),
    ) -> None:
        """Take CQL by library name, codes by value set, and the names of the form's own libraries, the first first."""
        self.sources = dict(sources)
        self.value_sets = value_sets
        self.main = tuple(main) or tuple(self.sources)[:1]
        self._compiled: dict[str, cql.Library | None] = {}
        self.trouble: dict[str, str] = {}

    def library(self, name: str) -> cql.Library | None:
        """Return a compiled library, or None where there is none or it does not compile."""
        if name not in self._compiled:
            self._compiled[name] = self._compile(name)
        return self._compiled[name]

    def _compile(self, name: str) -> cql.Library | None:
        if name not in self.sources:
            self.trouble[name] = f"The form names the library {name}, which did not come with it."
            return None
        others = {other: text for other, text in self.sources.items() if other not in {name, "FHIRHelpers"}}
        try:
            return cql.compile_library(self.sources[name], includes=others)
        except cql.CqlError as error:
            self.trouble[name] = f"The library {name} does not compile: {error}"
            return None

    def place_of(self, expression: Expression) -> tuple[str, str] | None:
        """Return library and definition that an expression names, or None where it is more than a name."""
        match = _NAME.match(expression.text)
        if match is None:
            return None
        first, second = match[1] or match[2], match[3] or match[4]
        if second:
            return (first, second) if match[1] or first in self.sources else None
        for name in self.main:
            library = self.library(name)
            if library is not None and first in library.definitions:
                return name, first
        return None

    def inline(self, expression: Expression) -> cql.Library | None:
        """Return an expression that is more than a name, compiled with the form's libraries at hand."""
        return _inline(expression.text, tuple(sorted(self.sources.items())))


@lru_cache(maxsize=256)
def _inline(text: str, sources: tuple[tuple[str, str], ...]) -> cql.Library | None:
    heads = {name: match[2] for name, source in sources if (match := _LIBRARY.search(source)) is not None}
    includes = "\n".join(
        f'include "{name}"' + (f" version '{version}'" if version else "") + f' called "{name}"'
        for name, version in heads.items()
        if name != "FHIRHelpers"
    )
    source = (
        "library InlineExpression\nusing FHIR version '4.0.1'\ninclude FHIRHelpers version '4.0.1'\n"
        f'{includes}\ncontext Patient\ndefine "Result":\n{text}\n'
    )
    others = {name: source for name, source in sources if name != "FHIRHelpers"}
    try:
        return cql.compile_library(source, includes=others)
    except cql.CqlError:
        return None


def logic_of(libraries: Iterable[Json], value_sets: Iterable[Json], *, main: Sequence[str] = ()) -> Logic:
    """Read what came in a package.

    Args:
        libraries: Library resources; the CQL is read, the ELM left alone.
        value_sets: ValueSet resources; their expansion counts, else the codes they list.
        main: canonicals of the form's own libraries.
    """
    sources: dict[str, str] = {}
    names: dict[str, str] = {}
    for library in libraries:
        text = cql_of(library)
        found = _LIBRARY.search(text)
        if found is not None:
            sources.setdefault(found[1], text)
            names[str(library.get("url"))] = found[1]
    codes: dict[str, Pairs] = {}
    for value_set in value_sets:
        url = str(value_set.get("url"))
        pairs = frozenset((str(one.get("system", "")), str(one.get("code", ""))) for one in codes_of(value_set))
        codes[url] = codes[f"{url}|{value_set.get('version', '')}"] = pairs
    own = tuple(names[url] for one in main if (url := one.partition("|")[0]) in names)
    return Logic(sources, value_sets=codes, main=own)


def cql_of(library: Json) -> str:
    """Return the CQL of a Library, or nothing."""
    content = library.get("content")
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict) and str(part.get("contentType", "")).partition(";")[0].strip() == CQL:
            try:
                return base64.b64decode(str(part.get("data", "")), validate=False).decode("utf-8", "replace")
            except (binascii.Error, ValueError):
                return ""
    return ""


def codes_of(value_set: Json) -> list[Json]:
    """Return the codes of a ValueSet with their displays: the expansion, else what it lists."""
    expansion = value_set.get("expansion")
    contains = expansion.get("contains") if isinstance(expansion, dict) else None
    if isinstance(contains, list) and contains:
        return [one for one in _flat(contains) if one.get("code") and one.get("abstract") is not True]
    found: list[Json] = []
    compose = value_set.get("compose")
    include = compose.get("include") if isinstance(compose, dict) else None
    for group in include if isinstance(include, list) else ():
        concepts = group.get("concept") if isinstance(group, dict) else None
        found += [
            {"system": group.get("system", "")} | one
            for one in (concepts if isinstance(concepts, list) else ())
            if isinstance(one, dict) and one.get("code")
        ]
    return found


def _flat(nodes: list[Any], depth: int = 0) -> Iterable[Json]:
    for node in nodes:
        if isinstance(node, dict) and depth < 20:
            yield {name: value for name, value in node.items() if name != "contains"}
            if isinstance(node.get("contains"), list):
                yield from _flat(node["contains"], depth + 1)


class Session:
    """One person's records, read by the expressions of one form."""

    def __init__(
        self,
        logic: Logic,
        resources: Sequence[Json],
        *,
        now: datetime,
        context: Mapping[str, Any] | None = None,
        parameters: Mapping[str, object] | None = None,
    ) -> None:
        """Take the records, the instant, what a launch gives by name (patient, coverage, order), and CQL parameters."""
        self.logic = logic
        self.resources = list(resources)
        self.now = now
        self.context = dict(context or {})
        self.parameters = dict(parameters or {})
        self._data = cql.CaseData.from_resources(self.resources)
        self._values: dict[tuple[str, str], Any] = {}

    def prepare(self, expressions: Iterable[Expression]) -> None:
        """Run all named definitions of a library in one go; they share what they look up."""
        wanted: dict[str, set[str]] = {}
        for expression in expressions:
            place = self.logic.place_of(expression) if expression.language in _CQL_LANGUAGES else None
            if place is not None and place not in self._values:
                wanted.setdefault(place[0], set()).add(place[1])
        for name, definitions in wanted.items():
            library = self.logic.library(name)
            known = definitions & set(library.definitions) if library is not None else set()
            values = self._run(library, known) if library is not None else {}
            for definition in definitions:
                self._values[name, definition] = values.get(definition)

    def _run(self, library: cql.Library, definitions: Iterable[str]) -> dict[str, Any]:
        declared = library.parameter_types()
        given = {name: value for name, value in self.parameters.items() if name in declared}
        try:
            return library.values(
                self._data, now=self.now, parameters=given, value_sets=self.logic.value_sets, only=sorted(definitions)
            )
        except (cql.CqlError, cql.CqlRuntimeError) as error:
            self.logic.trouble[library.name] = f"The library {library.name} could not be run: {type(error).__name__}."
            return {}

    def values(
        self, expression: Expression, *, response: Json | None = None, context: Mapping[str, Any] | None = None
    ) -> list[Any]:
        """Return what an expression gives, as a list; nothing where it cannot be run.

        Args:
            expression: what to run.
            response: the response so far, for expressions that look at answers.
            context: names beside those of the launch, such as that of a repetition.
        """
        if expression.language in _CQL_LANGUAGES:
            found = self._by_cql(expression, response)
        elif expression.language == PATH:
            found = self._by_path(expression, response, context or {})
        else:
            self.logic.trouble[expression.text] = f"Expressions in {expression.language or 'no language'} are not run."
            found = None
        if found is None:
            return []
        return [one for one in found if one is not None] if isinstance(found, list) else [found]

    def _by_cql(self, expression: Expression, response: Json | None) -> Any:
        place = self.logic.place_of(expression)
        if place is not None:
            self.prepare([expression])
            return self._values.get(place)
        library = self.logic.inline(expression)
        if library is None:
            self.logic.trouble[expression.text] = "An expression of the form does not compile."
            return None
        return self._run(library, ["Result"]).get("Result")

    def _by_path(self, expression: Expression, response: Json | None, context: Mapping[str, Any]) -> list[Any]:
        try:
            return fhirpath.compile(expression.text).evaluate(
                response, environment={**self.context, **context, **({"resource": response} if response else {})},
                now=self.now,
            )  # fmt: skip
        except fhirpath.FhirPathError:
            self.logic.trouble[expression.text] = "An expression of the form could not be evaluated."
            return []
