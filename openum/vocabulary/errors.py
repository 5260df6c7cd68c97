"""How OpenUM says no: four kinds of refusal, each with a stable code and a sentence a person can use.

A sentence says what is so, why, and what to do. It never holds a name, a member id or a diagnosis.
"""

from collections.abc import Callable
from typing import ClassVar


class OpenUMError(Exception):
    """A refusal that was foreseen. Interfaces turn it into their own form (page, OperationOutcome, exit code)."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    told: ClassVar[Callable[[str], str]] = str
    """How a sentence is told in the reader's language; the pages set it."""

    @property
    def english(self) -> str:
        """The text as it was raised, for records and for other systems."""
        return str(self.args[0]) if self.args else "The request was refused."

    @property
    def sentence(self) -> str:
        """The text for a person, in the language of the page where one is shown."""
        return type(self).told(self.english)


class NotAllowed(OpenUMError):
    """The actor may not do this (HTTP 403)."""

    code: ClassVar[str] = "not-allowed"
    status: ClassVar[int] = 403


class Conflict(OpenUMError):
    """Something changed meanwhile, or the state does not admit it (HTTP 409)."""

    code: ClassVar[str] = "conflict"
    status: ClassVar[int] = 409


class Invalid(OpenUMError):
    """What was given is not usable (HTTP 422)."""

    code: ClassVar[str] = "invalid"
    status: ClassVar[int] = 422


class Missing(OpenUMError):
    """It does not exist, or not for this actor (HTTP 404)."""

    code: ClassVar[str] = "missing"
    status: ClassVar[int] = 404
