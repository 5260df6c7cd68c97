"""Queues and people, where lines wait and who has them, and what surrounds the work on a case."""

from openum.work.models.around import ChecklistTick, Mention, SavedView, Tag, Task, Watch
from openum.work.models.handing import HandOver, OnCall
from openum.work.models.placements import Assignment, BulkChange, Placement
from openum.work.models.queues import Absence, PastWeek, Queue, QueueMember, Worker

__all__ = [
    "Absence", "Assignment", "BulkChange", "ChecklistTick", "HandOver", "Mention", "OnCall", "PastWeek", "Placement", "Queue", "QueueMember", "SavedView",
    "Tag", "Task", "Watch", "Worker",
]  # fmt: skip
