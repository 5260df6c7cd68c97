"""What happens to the work on a case, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class LineRouted(Event):
    """A line came into a queue. `rule` and `version` name the published rule; empty when a person routed it."""

    placement_id: UUID
    queue_id: UUID
    rule: str = ""
    version: str = ""


@dataclass(frozen=True, kw_only=True)
class LineAssigned(Event):
    """A person got a line: by_skill, by_person, taken, absence, deadline, handed_over, on_call or undone."""

    assignment_id: UUID
    user_id: UUID
    how: str


@dataclass(frozen=True, kw_only=True)
class AssignmentEnded(Event):
    """A person has a line no more, and nobody has it instead."""

    assignment_id: UUID
    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseTagged(Event):
    """The team put a word on a case; `is_removed` when it was taken off."""

    is_removed: bool = False


@dataclass(frozen=True, kw_only=True)
class BulkChangeUndone(Event):
    """A person took back what they had just done to many lines."""

    change_id: UUID


@dataclass(frozen=True, kw_only=True)
class TaskMade(Event):
    """Something is to be done by a time."""

    task_id: UUID


@dataclass(frozen=True, kw_only=True)
class TaskMoved(Event):
    """A task got another owner or another time."""

    task_id: UUID


@dataclass(frozen=True, kw_only=True)
class TaskEnded(Event):
    """A task is done, or was dropped."""

    task_id: UUID
    ended_with: str


@dataclass(frozen=True, kw_only=True)
class ChecklistTicked(Event):
    """A step of a checklist was done, does not apply, or its tick was taken back."""

    state: str


@dataclass(frozen=True, kw_only=True)
class ColleagueMentioned(Event):
    """A note names a colleague."""

    note_id: UUID
    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseWatched(Event):
    """A person wants to know what happens on a case, or no more."""

    is_ended: bool = False


@dataclass(frozen=True, kw_only=True)
class QueueKept(Event):
    """A queue, its people or its hours were set."""

    queue_id: UUID


@dataclass(frozen=True, kw_only=True)
class CapacitySet(Event):
    """What a person can carry on a day was set."""

    user_id: UUID
    points_a_day: int


@dataclass(frozen=True, kw_only=True)
class AbsenceRecorded(Event):
    """Days were recorded on which a person works less or not at all; `is_cancelled` when they were taken back."""

    absence_id: UUID
    user_id: UUID
    is_cancelled: bool = False


@dataclass(frozen=True, kw_only=True)
class HandOverOffered(Event):
    """A line was offered to a colleague, at the end of a shift or to whoever is on call. Until then the holder has it."""

    hand_over_id: UUID
    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class HandOverAnswered(Event):
    """A hand-over was accepted, given back, or taken back by who offered it."""

    hand_over_id: UUID
    answer: str


@dataclass(frozen=True, kw_only=True)
class OnCallRecorded(Event):
    """Who covers a queue for a time was written down; `is_cancelled` when it was taken back."""

    on_call_id: UUID
    user_id: UUID
    is_cancelled: bool = False


@dataclass(frozen=True, kw_only=True)
class PastWeeksTakenIn(Event):
    """Weekly counts of the system before were taken in for forecasts."""

    plan_id: UUID
    weeks: int
    lines: int
