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
