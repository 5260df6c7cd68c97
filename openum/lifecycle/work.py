"""Queues, people, and what colleagues tell each other."""

from openum.audit.catalogue import Follows
from openum.work.events import (
    AbsenceRecorded,
    AssignmentEnded,
    BulkChangeUndone,
    CapacitySet,
    CaseTagged,
    CaseWatched,
    ChecklistTicked,
    ColleagueMentioned,
    HandOverAnswered,
    HandOverOffered,
    LineAssigned,
    LineRouted,
    OnCallRecorded,
    PastWeeksTakenIn,
    QueueKept,
    TaskEnded,
    TaskMade,
    TaskMoved,
)

FOLLOWS: Follows = {
    LineRouted: [],
    LineAssigned: [],
    AssignmentEnded: [],
    CaseTagged: [],
    BulkChangeUndone: [],
    TaskMade: [],
    TaskMoved: [],
    TaskEnded: [],
    ChecklistTicked: [],
    ColleagueMentioned: [],
    CaseWatched: [],
    QueueKept: [],
    CapacitySet: [],
    AbsenceRecorded: [],
    HandOverOffered: [],
    HandOverAnswered: [],
    OnCallRecorded: [],
    PastWeeksTakenIn: [],
}
