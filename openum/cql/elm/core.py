"""What all parts of the writer share: names, scopes, conversions, references."""

from __future__ import annotations

from abc import ABC, abstractmethod

from openum.cql.compile import tree
from openum.cql.compile.types import Type
from openum.cql.elm.build import Converter, null
from openum.cql.elm.notes import Notes
from openum.cql.elm.types import Json


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


class Core(ABC):
    """Common ground of the writer's parts."""

    def __init__(self, library: str, notes: Notes, names: Names, helpers: str) -> None:
        self.library = library
        self.notes = notes
        self.names = names
        self.converter = Converter(helpers)
        self.locals: dict[str, Json] = {}
        self.sorting: set[str] = set()
        self.external: dict[str, int] = {}

    @abstractmethod
    def write(self, node: tree.Typed) -> Json:
        """Return the ELM of a typed node; see `Writer`."""

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

    def argument(self, node: tree.Typed, target: Type) -> Json:
        """Return the ELM of an argument that has been converted already."""
        if isinstance(node, tree.Constant) and node.value is None:
            return null(target)
        return self.write(node)
