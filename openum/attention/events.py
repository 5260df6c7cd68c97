"""What happens to suggestions of help, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class ModelScoresTakenIn(Event):
    """Scores of a model were taken in: how many people, and how many the plan does not know."""

    run_id: UUID
    people: int
    unknown: int


@dataclass(frozen=True, kw_only=True)
class SuggestionsRead(Event):
    """A person was shown suggestions of help; `cause` says which page."""

    suggestion_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class SuggestionAnswered(Event):
    """A person did something with a suggestion of help."""

    suggestion_id: UUID
    did: str


@dataclass(frozen=True, kw_only=True)
class AttentionListsMade(Event):
    """The lists of a plan's claims were made, or could not be; `reached` says which."""

    lists_id: UUID
    reached: str
    people: int
    unknown: int


@dataclass(frozen=True, kw_only=True)
class ListedRead(Event):
    """A person was shown people on the lists; `cause` says which page."""

    listed_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class ListedAnswered(Event):
    """A person did something about somebody on the lists; with an offer of help a task may go with it."""

    listed_id: UUID
    did: str
    task_id: UUID | None = None
