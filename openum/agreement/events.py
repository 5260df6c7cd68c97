"""What happens to rounds of reading, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class AgreementRoundOpened(Event):
    """People were asked to read the same invented patients."""

    round_id: UUID
    readers: int
    vignettes: int


@dataclass(frozen=True, kw_only=True)
class AgreementReadingHandedIn(Event):
    """A reader handed in; the answers stay as they are."""

    round_id: UUID


@dataclass(frozen=True, kw_only=True)
class AgreementRoundClosed(Event):
    """A round ended; `result` is what follows from it."""

    round_id: UUID
    result: str


@dataclass(frozen=True, kw_only=True)
class CriterionReadAgain(Event):
    """A reader confirmed to have read a criterion again on which the round did not agree."""

    round_id: UUID
    criterion: str
