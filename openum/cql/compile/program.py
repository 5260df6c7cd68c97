"""What compiling produces before code is generated: definitions, functions and parameters of all libraries."""

from __future__ import annotations

from dataclasses import dataclass, field

from openum.cql.compile.tree import Typed
from openum.cql.compile.types import ANY, Type
from openum.cql.errors import CqlWarning
from openum.cql.parser.nodes import Node


@dataclass(slots=True)
class DefinitionEntry:
    """A definition of some library; `body` is None until it has been analysed."""

    library: str
    name: str
    index: int
    body: Typed | None = None
    busy: bool = False

    @property
    def type(self) -> Type:
        """Return the type of the value."""
        return ANY if self.body is None else self.body.type


@dataclass(slots=True)
class FunctionEntry:
    """A user-defined function."""

    library: str
    name: str
    index: int
    operands: list[tuple[str, str, Type]]  # author's name, mangled name, type
    fluent: bool
    result: Type | None = None
    body: Typed | None = None
    busy: bool = False


@dataclass(slots=True)
class ParameterEntry:
    """A parameter; `default` is evaluated when no value is given."""

    library: str
    name: str
    index: int
    type: Type
    default: Typed | None = None


@dataclass(slots=True)
class ValueSetEntry:
    """A declared value set."""

    name: str
    id: str
    version: str | None


@dataclass(slots=True)
class Program:
    """Everything code is generated from."""

    definitions: list[DefinitionEntry] = field(default_factory=list)
    functions: list[FunctionEntry] = field(default_factory=list)
    parameters: list[ParameterEntry] = field(default_factory=list)
    value_sets: list[ValueSetEntry] = field(default_factory=list)
    warnings: list[CqlWarning] = field(default_factory=list)
    place: Node | None = None  # what was analysed last, for errors of depth
    counter: int = 0

    def mangle(self) -> str:
        """Return a fresh Python name that no author chose."""
        self.counter += 1
        return f"v{self.counter}"
