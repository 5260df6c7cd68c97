"""What can go wrong in a FHIRPath expression, with its place."""

from __future__ import annotations

from openum.cql.errors import CqlError


class FhirPathError(CqlError):
    """The expression is not valid, or it could not be evaluated on this input.

    Attributes:
        kind: "syntax", "semantic" or "execution".
        message, line, column, expected, suggestion: as in `CqlError`.
    """

    def __init__(
        self, message: str, line: int = 0, column: int = 0, *, kind: str, expected: str = "", suggestion: str = ""
    ) -> None:
        self.kind = kind
        super().__init__(message, line, column, expected=expected, suggestion=suggestion)

    @classmethod
    def of(cls, error: CqlError, kind: str) -> FhirPathError:
        """Return an error of the shared parser as one of this kind."""
        return cls(
            error.message, error.line, error.column, kind=kind, expected=error.expected, suggestion=error.suggestion
        )


class Fault(Exception):
    """An operator cannot be applied; the place is added where it was called. The text is a sentence for people."""
