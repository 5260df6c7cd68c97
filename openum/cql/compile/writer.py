"""What the parts of the Python target share: lines, names, constants, and the notes for the trace."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from typing import Any, Final

from openum.cql.compile import tree
from openum.cql.compile.fast import Known
from openum.cql.compile.program import Program
from openum.cql.compile.trace import root_of
from openum.cql.compile.types import Type, record_types
from openum.cql.errors import CqlError
from openum.cql.operators import lists
from openum.cql.run import support
from openum.cql.values.codes import Instance

_MAX_INDENT: Final = 60
_MAX_LOOPS: Final = 17  # Python allows 20 blocks in each other


class Writer(ABC):
    """Collects the lines of generated source."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.lines: list[str] = []
        self.indent = 0
        self.temporaries = 0
        self.ready: dict[int, str] = {}  # results of operands written ahead of their operation
        self.loops = 0  # open loops, functions counting as one: what is fixed is kept there
        self.inside_fixed = False
        self.fixed: dict[Hashable, int] = {}
        self.sources: dict[str, str] = {}
        self.keys: Known = {}
        self.rows: set[str] = set()  # local names that always hold a record
        self.namespace: dict[str, Any] = {"Instance": Instance, "choice": support.choice, "read": support.read, "dynamic": support.dynamic,
                                          "each": support.each, "sort": lists.sort, "distinct": lists.distinct}  # fmt: skip
        self.constants: dict[int, str] = {}
        self.roots: frozenset[str] = frozenset()

    # --- output ------------------------------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        """Write one line."""
        if self.indent > _MAX_INDENT:
            raise CqlError(
                "An expression is nested too deeply.", suggestion="Move a part of it into a definition of its own."
            )
        self.lines.append("    " * self.indent + text)

    def temporary(self) -> str:
        """Return a fresh local name."""
        self.temporaries += 1
        return f"t{self.temporaries}"

    def constant(self, value: object) -> str:
        """Return the name of a value in the constants table."""
        if value is None or value is True or value is False:
            return repr(value)
        key = id(value)
        if key not in self.constants:
            name = f"K{len(self.constants)}"
            self.constants[key] = name
            self.namespace[name] = value
        return self.constants[key]

    @abstractmethod
    def value(self, node: tree.Typed) -> str:
        """Write the computation of a node and return the name that holds its value; see `Emitter`."""

    def is_record(self, kind: Type) -> bool:
        """Say whether values of a type are records or parts of records, which evidence can name."""
        roots = record_types(kind)
        if "." in str(kind):
            self.roots |= roots
        return bool(roots)

    def use(self, node: tree.Typed, name: str) -> None:
        """Note the records in a value as used; what a query or a caller named is noted there, if it stands the test."""
        if self.is_record(node.type) and not isinstance(root_of(node), tree.Local | tree.Constant):
            self.line(f"if {name}: f.used.append({name})")

    def check_loops(self) -> None:
        """Refuse more loops in each other than Python allows.

        Raises:
            CqlError: there are.
        """
        if self.loops > _MAX_LOOPS:
            hint = "Move a part of them into a definition of its own."
            raise CqlError("Queries are nested too deeply.", suggestion=hint)
