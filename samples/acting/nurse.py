"""What the nurse does: read, answer the criteria, approve, ask, hand on."""

from functools import cached_property

from openum.accounts.models import User
from openum.criteria.queries import current_map
from openum.criteria.services import record_finding
from openum.determination.services import (
    approve_line,
)
from openum.review.models import Review
from openum.review.queries import documents_to_open, openings_by
from openum.review.services import (
    open_evidence,
    refer_to_physician,
    start_review,
)
from openum.vocabulary.terms import FindingValue, LineStatus
from samples.acting.moves import Curtain
from samples.acting.practice import Practice
from samples.codes import in_sentence
from samples.plots import working


class Nurse(Practice):
    """The nurse, and what every reviewer does."""

    def open_papers(self, reader: User) -> None:
        """Open every document that the reader has not opened."""
        opened = openings_by(reader, self.line.case)
        for document in documents_to_open(self.line.case):
            if document.pk not in opened:
                open_evidence(attachment=document, by=reader, at=self.now, page=1)

    def find(self, value: FindingValue, *, by: User, note: str) -> bool:
        """Answer the open criteria, or the question of the authority; return whether a guideline of the plan holds.

        A criterion that must not be met (a reason against) is always answered with not met.
        """
        if self.has_guideline:
            for leaf in current_map(self.line).open_leaves:
                found = FindingValue.NOT_MET if leaf.is_unwanted else value
                record_finding(line=self.line, leaf=leaf.key, value=found, note=note, by=by, at=self.now)
            return True
        record_finding(
            line=self.line, leaf="authority", value=value, note=note, by=by, at=self.now,
            question=f"Does the record support {in_sentence(self.plot.asked_for.wording)} for this person?",
            authority=self.authority(),
        )  # fmt: skip
        return False

    @cached_property
    def has_guideline(self) -> bool:
        """Whether a guideline of the plan holds for the line."""
        return current_map(self.line).has_guideline

    def authority(self) -> str:
        """Return what a reviewer cites for this service and product."""
        service = self.plot.asked_for
        return service.medicare if self.plot.member.product == "medicare-advantage" else service.plan

    def review(self) -> None:
        """Let the nurse take the line up and read."""
        self.wait(0)
        if not self.is_open():
            return
        start_review(line=self.line, level=Review.NURSE, by=self.nurse, at=self.now)
        self.minutes(4 + self.plot.colleague % 11)
        self.open_papers(self.nurse)

    def approve_as_nurse(self) -> None:
        """Approve what the record supports."""
        self.minutes(3 + self.plot.colleague % 7)
        has_guideline = self.find(FindingValue.MET, by=self.nurse, note="Shown in the visit note on page 1.")
        approve_line(
            line=self.line, by=self.nurse, at=self.now, cited_authority="" if has_guideline else self.authority()
        )
        self.run_jobs()

    def refer(self) -> None:
        """Let the nurse hand the line to a physician, after whatever was still asked for has come."""
        if self.line.status == LineStatus.PENDED_WITH_PROVIDER:
            self.answer_question(is_enough=False)
        self.review()
        if not self.is_open():
            raise Curtain
        self.minutes(6)
        self.find(FindingValue.NOT_MET, by=self.nurse, note=f"The record does not show {self.plot.asked_for.short_of}.")
        refer_to_physician(
            line=self.line, by=self.nurse, at=self.now, specialty=self.plot.asked_for.field,
            summary=f"{self.plot.asked_for.wording} asked for {self.plot.diagnosis}. The record does not show "
            f"{self.plot.asked_for.short_of}. Everything else is in order.",
            recommendation="Please look at what is missing.",
        )  # fmt: skip

    def refer_unanswered(self) -> None:
        """Let the nurse hand on what nobody answered."""
        self.move_to(working(self.now, is_fast=self.plot.is_quick))
        start_review(line=self.line, level=Review.NURSE, by=self.nurse, at=self.now)
        self.open_papers(self.nurse)
        self.find(FindingValue.NOT_MET, by=self.nurse, note="Asked for twice; nothing came.")
        refer_to_physician(
            line=self.line, by=self.nurse, at=self.now, specialty=self.plot.asked_for.field,
            summary="The record that was asked for did not come, and the practice did not call back.",
        )  # fmt: skip
