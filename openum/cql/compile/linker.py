"""Loading of included libraries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from openum.cql.compile.analyzer import Analyzer
from openum.cql.compile.program import Program
from openum.cql.errors import CqlError
from openum.cql.parser import nodes, parse_library
from openum.cql.parser.stream import MODELS

FHIR_VERSIONS: Final = ("4.0.1", "4.0.0")


def check_models(tree: nodes.LibraryTree, library: str) -> None:
    """Refuse a library that uses a model this engine does not have.

    Raises:
        CqlError: at the “using”.
    """
    for using in tree.usings:
        if using.name not in MODELS:
            hint = Analyzer.did_you_mean(using.name, MODELS)
            message = f"The model “{using.name}” is not known."
            raise CqlError(message, using.line, using.column, expected="FHIR", suggestion=hint, library=library)
        if using.name == "FHIR" and using.version not in ("", *FHIR_VERSIONS):
            message = f"FHIR {using.version} is not supported."
            raise CqlError(message, using.line, using.column, expected="version '4.0.1'", library=library)


class Linker:
    """Loads included libraries, each once, and finds circles."""

    def __init__(self, program: Program, sources: Mapping[str, str], analyzer: type[Analyzer] = Analyzer) -> None:
        self.program = program
        self.analyzer = analyzer
        self.sources = sources
        self.loaded: dict[str, Analyzer] = {}
        self.loading: list[str] = []

    def include(self, node: nodes.Include) -> Analyzer:
        """Return the analyser of an included library."""
        key = next(
            (k for k in (f"{node.name}|{node.version}", node.name, node.name.rsplit(".", 1)[-1]) if k in self.sources),
            "",
        )
        if not key:
            hint = Analyzer.did_you_mean(node.name, self.sources)
            raise CqlError(f"The library “{node.name}” was not supplied.", node.line, node.column, suggestion=hint)
        if key in self.loading:
            circle = " → ".join([*self.loading, key])
            raise CqlError(f"Libraries include each other in a circle: {circle}.", node.line, node.column)
        if key not in self.loaded:
            self.loading.append(key)
            try:
                tree = parse_library(self.sources[key])
            except CqlError as error:
                error.library = key
                error.args = (str(error),)
                raise
            if node.version and tree.version and node.version != tree.version:
                message = f"The library “{node.name}” has version '{tree.version}', not '{node.version}'."
                raise CqlError(message, node.line, node.column)
            check_models(tree, key)
            analyzer = self.analyzer(self.program, tree, key, self.include)
            analyzer.run()
            self.loading.pop()
            self.loaded[key] = analyzer
        return self.loaded[key]
