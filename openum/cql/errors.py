"""What can go wrong, as sentences a guideline author can act on."""

from __future__ import annotations

from typing import NamedTuple


class CqlWarning(NamedTuple):
    """Something that compiles and is probably not meant, with its place; `library` as in `CqlError`."""

    message: str
    line: int
    column: int
    suggestion: str = ""
    library: str = ""


class CqlError(Exception):
    """The source is not valid CQL, or a name or type in it does not fit.

    Attributes:
        message: one sentence saying what is wrong.
        line, column: position of the fault, both counted from 1 (0 when there is none).
        expected: what would have been accepted at this place, or "".
        suggestion: a likely correction, or "".
        library: name of the included library that holds the fault, or "".
    """

    def __init__(
        self,
        message: str,
        line: int = 0,
        column: int = 0,
        *,
        expected: str = "",
        suggestion: str = "",
        library: str = "",
    ) -> None:
        self.message = message
        self.line = line
        self.column = column
        self.expected = expected
        self.suggestion = suggestion
        self.library = library
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f"Line {self.line}, column {self.column}: " if self.line else ""
        if self.library:
            where = f"Library {self.library}, {where[0].lower()}{where[1:]}" if where else f"Library {self.library}: "
        text = where + self.message
        if self.expected:
            text += f" Expected {self.expected}."
        if self.suggestion:
            text += f" {self.suggestion}"
        return text


class CqlRuntimeError(Exception):
    """A definition could not be evaluated on this case; its answer is unknown."""
