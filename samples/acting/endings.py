"""Which steps lead to which ending of a plot."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from openum.cases.models import InformationRequest
from openum.cases.services import ItemAsked, cancel_line, record_contact_attempt, withdraw_line
from openum.clocks.models import Clock
from openum.clocks.services import sweep
from openum.determination.services import (
    close_administratively,
    partially_approve_line,
    reopen_line,
)
from openum.review.models import PeerToPeer
from openum.review.services import (
    ask_for_information,
    record_conversation_attempt,
)
from openum.vocabulary.terms import Channel, LineStatus, ReasonClass
from samples import plots
from samples.acting.physician import Physician
from samples.plots import working


class Scene(Physician):
    """One plot, from its request to its ending."""

    def play(self) -> None:
        """Send the request and go on to its ending."""
        self.send()
        if self.case is None or (not self.is_open() and self.plot.ending != plots.CANCELLED):
            return
        endings = {
            plots.RULE: self.end_with_nurse,
            plots.NURSE: self.end_with_nurse,
            plots.ASKED: self.end_after_question,
            plots.PHYSICIAN: self.end_with_physician,
            plots.DENIED: self.end_denied,
            plots.NOT_RECEIVED: self.end_not_received,
            plots.PARTIAL: self.end_in_part,
            plots.TALKED: self.end_after_talk,
            plots.OVERTURNED: self.end_overturned,
            plots.REOPENED: self.end_reopened,
            plots.WITHDRAWN: self.end_withdrawn,
            plots.CANCELLED: self.end_cancelled,
            plots.DUPLICATE: self.end_as_duplicate,
            plots.LATE: self.end_late,
        }
        endings[self.plot.ending]()

    def end_with_nurse(self) -> None:
        """A nurse reads and approves."""
        if self.line.status == LineStatus.PENDED_WITH_PROVIDER:
            self.answer_question(is_enough=True)
        self.review()
        if self.is_open():
            self.approve_as_nurse()

    def end_after_question(self) -> None:
        """Something is asked for, it comes, and the line is approved by rule or by a nurse."""
        if self.line.status != LineStatus.PENDED_WITH_PROVIDER:
            self.review()
            ask_for_information(
                case=self.line.case, request=self.line.request, by=self.nurse, at=self.now,
                items=[
                    ItemAsked(
                        line=self.line, text=f"Please send the record that shows {self.plot.asked_for.short_of}.",
                        document_kind="clinical-note",
                    )
                ],
            )  # fmt: skip
            self.run_jobs()
        self.answer_question(is_enough=True)
        if self.is_open():
            self.end_with_nurse()

    def end_with_physician(self) -> None:
        """A nurse refers, a physician approves."""
        self.refer()
        self.take_up()
        self.approve_as_physician()

    def end_denied(self) -> None:
        """A physician denies."""
        self.refer()
        self.take_up()
        self.deny()

    def end_not_received(self) -> None:
        """What was asked for never came; the practice was called; a physician decides on what there is."""
        if self.line.status != LineStatus.PENDED_WITH_PROVIDER:
            self.review()
            ask_for_information(
                case=self.line.case, request=self.line.request, by=self.nurse, at=self.now,
                items=[ItemAsked(line=self.line, text=f"Please send the record that shows {self.plot.asked_for.short_of}.",
                                 document_kind="clinical-note")],
            )  # fmt: skip
            self.run_jobs()
        question = InformationRequest.objects.filter(case=self.line.case, closed_at__isnull=True).get()
        assert question.respond_by is not None
        self.move_to(working(self.now + (question.respond_by - self.now) / 2))
        record_contact_attempt(
            case=self.line.case, purpose="information", channel=Channel.PHONE, outcome="left message", by=self.nurse,
            at=self.now, address=self.plot_phone(), person="front desk", question=question,
        )  # fmt: skip
        self.move_to(question.respond_by + timedelta(minutes=40))
        sweep(by=self.stage.engine, at=self.now)
        self.refer_unanswered()
        self.take_up()
        self.deny(not_received=True)

    def end_in_part(self) -> None:
        """A physician approves fewer units than asked."""
        self.refer()
        self.take_up()
        units = Decimal(max(1, self.plot.units // 2))
        if self.plot.member.product == "medicare-advantage":
            conversation = self.seek_conversation()
            self.wait(2)
            record_conversation_attempt(
                conversation=conversation, outcome="declined", address=self.plot_phone(), person="front desk",
                note="The practice does not wish to talk.", is_final=True, by=self.physician, at=self.now,
            )  # fmt: skip
            self.minutes(20)
        partially_approve_line(
            line=self.line, units=units, by=self.physician, at=self.now, node_answers=self.node_answers(),
            cited_authority=self.citation(), reason="fewer-units", statements=self.statements(),
            rationale=f"We approve {units} now. The record does not show {self.plot.asked_for.short_of} for more than that. "
            "Please ask again when the first part is done.",
        )  # fmt: skip
        self.run_jobs()

    def end_after_talk(self) -> None:
        """The physician means to deny, the two clinicians talk, and it is approved; no denial letter exists."""
        self.refer()
        self.take_up()
        self.talk(self.seek_conversation())
        self.send_what_was_told()
        self.approve_as_physician()

    def end_overturned(self) -> None:
        """Denied; then the clinicians talk, and the denial is overturned."""
        self.end_denied()
        self.wait(2)
        self.talk(PeerToPeer.objects.get(line=self.line, state=PeerToPeer.OFFERED))
        self.send_what_was_told()
        self.approve_as_physician(because="peer_to_peer")

    def end_reopened(self) -> None:
        """Denied; later reopened on new evidence and approved (42 CFR 405.980)."""
        self.end_denied()
        self.wait(3)
        self.move_to(working(self.now + timedelta(days=3)))
        reopen_line(
            line=self.line, reason="new and material evidence", by=self.physician, at=self.now,
            explanation=f"The practice sent a record that shows {self.plot.asked_for.short_of}.",
        )  # fmt: skip
        self.send_what_was_told()
        self.approve_as_physician()

    def end_withdrawn(self) -> None:
        """The practice takes the request back."""
        self.wait(2)
        if self.is_open():
            withdraw_line(
                line=self.line, reason="The patient chose to wait.", requested_by=self.office.name,
                channel=Channel.PORTAL, by=self.office, at=self.now,
            )  # fmt: skip
            self.run_jobs()

    def end_cancelled(self) -> None:
        """Approved; later the practice cancels."""
        if self.is_open():
            self.end_with_nurse()
        self.is_open()
        if self.line.status == LineStatus.APPROVED:
            self.move_to(working(self.now + timedelta(days=2 + self.plot.colleague % 9)))
            cancel_line(line=self.line, by=self.office, at=self.now, cause="cancelled by the practice")

    def end_as_duplicate(self) -> None:
        """The same request is sent again; a person at intake sees it and closes the copy, and the first one goes on."""
        first, plot = self.line, self.plot
        self.minutes(90)
        self.plot, self.copy = replace(plot, received_at=self.now), "-again"
        self.send_form()
        if self.case is not None:
            self.line = self.case.lines.select_related("case", "case__product", "case__member", "request").get()
            self.run_jobs()
            self.wait(0)
            if self.is_open():
                close_administratively(
                    line=self.line, reason_class=ReasonClass.DUPLICATE, by=self.intake, at=self.now,
                    explanation="We have this request already. This is a copy of it.",
                )  # fmt: skip
                self.run_jobs()
        self.plot, self.line = plot, first
        if self.is_open():
            self.end_with_nurse()

    def end_late(self) -> None:
        """The time runs out; the lapse is noticed and told; then a nurse decides."""
        due = (
            Clock.objects.filter(case=self.line.case, purpose="decide", stopped_at__isnull=True, due_at__isnull=False)
            .order_by("due_at")
            .first()
        )
        if due is not None and due.due_at is not None:
            self.move_to(due.due_at + timedelta(seconds=30))
            sweep(by=self.stage.engine, at=self.now)
            self.run_jobs()
            self.move_to(working(self.now + timedelta(hours=3 + self.plot.colleague % 30)))
        self.end_with_nurse()
