"""Who takes part in a plot, and how time goes on in it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from openum import jobs
from openum.cases.models import Case, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.vocabulary.terms import LineStatus
from samples.plots import Plot, working

if TYPE_CHECKING:
    from samples.acting.stage import Stage

_FEW_SECONDS = timedelta(seconds=2)


class Curtain(Exception):
    """The next step lies in the future: the case stays as it stands now."""


class Moves:
    """One plot being played: its people, and the instant it has come to."""

    case: Case | None
    line: ServiceLine

    def __init__(self, stage: "Stage", plot: Plot) -> None:
        self.stage, self.plot = stage, plot
        self.now = plot.received_at
        self.case: Case | None = None
        self.copy = ""
        staff, pick = stage.staff, plot.colleague
        self.nurse = staff.nurses[pick % len(staff.nurses)]
        self.physician = staff.physicians[pick % len(staff.physicians)]
        if plot.asked_for.field == "orthopaedics" and pick % 2 and staff.orthopaedist:
            self.physician = staff.orthopaedist
        self.intake = staff.intake[pick % len(staff.intake)]
        self.office = staff.offices[plot.practice]
        self.line: ServiceLine

    def move_to(self, moment: datetime) -> None:
        """Go on to an instant; what lies in the future is not played."""
        if moment > self.stage.until:
            raise Curtain
        self.now = max(moment, self.now)

    def wait(self, step: int) -> None:
        """Let the time of a step pass and go on in working hours."""
        self.move_to(working(self.now + self.plot.waits[step], is_fast=self.plot.is_quick))

    def minutes(self, many: int) -> None:
        """Let some minutes pass."""
        self.move_to(self.now + timedelta(minutes=many))

    def run_jobs(self) -> None:
        """Let the worker do what became due, a moment later."""
        jobs.run_due(self.now + _FEW_SECONDS, limit=20)

    def is_open(self) -> bool:
        """Read the line again and say whether somebody still has to act."""
        self.line.status = ServiceLine.objects.values_list("status", flat=True).get(pk=self.line.pk)
        return LineStatus(self.line.status) in OPEN_STATUSES
