"""What an event is. Each folder's events.py holds subclasses, named in the past tense. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID


class Actor(Protocol):
    """Who did it: a person, an API client or a machine. accounts.User fits."""

    public_id: UUID
    kind: str


CATALOGUE: dict[str, type["Event"]] = {}
"""Every event class by its name; names are stored, so they are unique and stay."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened. Fields are ids, instants, words of the vocabulary; never member data."""

    schema_version: ClassVar[int] = 1
    case_id: UUID | None = None
    line_ids: tuple[UUID, ...] = ()
    cause: str = ""

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Enter the class into the catalogue.

        Raises:
            TypeError: another event already has this name.
        """
        super().__init_subclass__(**kwargs)
        known = CATALOGUE.get(cls.__name__)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"Two events are called {cls.__name__}: in {known.__module__} and in {cls.__module__}.")
        CATALOGUE[cls.__name__] = cls


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """The circumstances of a recorded event, given to every handler with it."""

    event_id: UUID
    by: Any  # an accounts.User; this folder stands below accounts and cannot say so
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CasesRead(Event):
    """A person or client was shown member data of these cases, in one request."""

    case_ids: tuple[UUID, ...] = ()
    why: str = ""
