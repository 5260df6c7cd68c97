"""What the physician does: read, talk, deny with every guard satisfied, approve."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from openum.cases.services import NewDocument, attach
from openum.criteria.queries import current_map
from openum.determination.outreach import sought_for
from openum.determination.protecting import statement_guards
from openum.determination.services import (
    approve_line,
    deny_line,
    log_outreach,
    record_intent_to_deny,
)
from openum.review.models import PeerToPeer, PeerToPeerSlot, Review
from openum.review.services import (
    add_slot,
    book_conversation,
    offer_conversation,
    record_conversation,
    record_conversation_attempt,
    start_review,
)
from openum.review.services.peer_to_peer import WITH_NOTICE
from openum.vocabulary.terms import Channel, FindingValue, ReasonClass
from samples.acting.nurse import Nurse
from samples.documents import pdf
from samples.plots import working


class Physician(Nurse):
    """The physician."""

    def take_up(self) -> None:
        """Let the physician take the line up and open the evidence."""
        self.wait(1)
        start_review(line=self.line, level=Review.PHYSICIAN, by=self.physician, at=self.now)
        self.minutes(5 + self.plot.colleague % 9)
        self.open_papers(self.physician)
        self.minutes(2 + self.plot.colleague % 5)

    def why(self) -> str:
        """Return the reason of a no, in plain words tied to this request."""
        service = self.plot.asked_for
        return (
            f"We read the visit note and all that was sent. It does not show {service.short_of}. "
            "Without this we cannot say that the care is needed now. If it is on record, please send it to us."
        )

    def node_answers(self) -> dict[str, str]:
        """Return the physician's answer to each open criterion."""
        missing = f"The record does not show {self.plot.asked_for.short_of}."
        return {leaf.key: missing for leaf in current_map(self.line).open_leaves}

    def citation(self) -> str:
        """Return the authority where no guideline of the plan holds."""
        return "" if self.has_guideline else self.authority()

    def seek_conversation(self) -> PeerToPeer:
        """Let the physician say what stands in the way before deciding, and offer to talk."""
        record_intent_to_deny(line=self.line, rationale=self.why(), by=self.physician, at=self.now)
        return PeerToPeer.objects.get(line=self.line, state=PeerToPeer.OFFERED)

    def deny(self, *, not_received: bool = False) -> None:
        """Let the physician deny, with every guard satisfied, and offer to talk with the letter."""
        if self.plot.member.product == "medicare-advantage":
            conversation = self.seek_conversation()
            self.wait(2)
            for attempt in range(2):
                record_conversation_attempt(
                    conversation=conversation, outcome="no answer", address=self.plot_phone(), person="front desk",
                    note="Asked to call back.", is_final=attempt == 1, by=self.physician, at=self.now,
                )  # fmt: skip
                self.minutes(35)
        if not_received:
            self.seek_information()
        deny_line(
            line=self.line, by=self.physician, at=self.now, rationale=self.why(),
            reason_class=ReasonClass.INFORMATION_NOT_RECEIVED if not_received else ReasonClass.NOT_MEDICALLY_NECESSARY,
            reason="information-not-received" if not_received else "criterion-not-met",
            node_answers=self.node_answers(), cited_authority=self.citation(), statements=self.statements(),
        )  # fmt: skip
        self.run_jobs()
        if self.plot.member.product != "medicare-advantage":
            offer_conversation(line=self.line, how=WITH_NOTICE, open_until=None, by=self.physician, at=self.now)

    def seek_information(self) -> None:
        """Let the physician try to get what is missing until the law lets a no for lack of it be said."""
        for channel, outcome in ((Channel.PHONE, "left message"), (Channel.FAX, "sent"), (Channel.PORTAL, "sent")):
            sought = sought_for(self.line, at=self.now)
            if sought is None or sought.is_enough:
                return
            log_outreach(
                line=self.line, channel=channel, outcome=outcome, address=self.plot_phone(), person="front desk",
                note=f"Asked for what shows {self.plot.asked_for.short_of}.", by=self.physician, at=self.now,
            )  # fmt: skip
            self.minutes(5)

    def statements(self) -> dict[str, str]:
        """Answer what the law asks about this person before a no, as for a child in Medicaid."""
        on = self.now.astimezone(ZoneInfo(self.line.case.product.time_zone)).date()
        asked = statement_guards(self.line, statements={}, on=on)
        return {
            guard.key: f"The record does not show {self.plot.asked_for.short_of}; nothing else speaks for it."
            for guard in asked
        }

    def talk(self, conversation: PeerToPeer) -> None:
        """Let the practice book a time and the two clinicians talk."""
        self.minutes(50)
        slot = self.time_for(conversation)
        orderer = self.stage.places.practitioners[self.plot.orderer]
        book_conversation(
            conversation=conversation, slot=slot, attendee=f"Dr. {orderer.full_name}", call_back=self.plot_phone(),
            by=self.office, at=self.now,
        )  # fmt: skip
        self.move_to(slot.starts_at + timedelta(minutes=9))
        record_conversation(
            conversation=conversation, held_from=slot.starts_at, held_to=slot.starts_at + timedelta(minutes=8),
            outcome="new information", by=self.physician, at=self.now,
            note=f"The practice told of {self.plot.asked_for.short_of}; it was on record there and was not sent.",
        )  # fmt: skip
        self.minutes(6)

    def time_for(self, conversation: PeerToPeer, earliest: datetime | None = None) -> PeerToPeerSlot:
        """Open a time of the physician for a conversation; when its window ends before, at noon of the last day."""
        starts = earliest or self.now + self.plot.waits[3]
        if conversation.open_until is not None and working(starts + timedelta(hours=1)) > conversation.open_until:
            starts = conversation.open_until - timedelta(hours=12)
        return self.free_time(starts)

    def free_time(self, earliest: datetime | None = None) -> PeerToPeerSlot:
        """Open a time of the physician in the next working hours."""
        starts = working(earliest or self.now + self.plot.waits[3], is_fast=self.plot.is_quick)
        starts = starts.replace(minute=starts.minute // 10 * 10, second=0, microsecond=0) + timedelta(minutes=10)
        while PeerToPeerSlot.objects.filter(physician=self.physician, starts_at=starts).exists():
            starts += timedelta(minutes=10)
        return add_slot(physician=self.physician, starts_at=starts, by=self.physician, at=self.now)

    def send_what_was_told(self) -> None:
        """Let the practice put on file what the conversation brought up."""
        attach(
            case=self.line.case, request=self.line.request, channel=Channel.PORTAL, by=self.office, at=self.now,
            documents=[
                NewDocument(
                    title="Note after the conversation", content_type="application/pdf", document_kind="clinical-note",
                    content=pdf("Note", self.record_lines(is_enough=True)),
                )
            ],
        )  # fmt: skip
        self.minutes(3)
        self.open_papers(self.physician)
        if self.has_guideline:
            self.find(FindingValue.MET, by=self.physician, note="Shown in the note after the conversation, page 1.")

    def approve_as_physician(self, *, because: str = "") -> None:
        """Approve with a sentence why."""
        approve_line(
            line=self.line, by=self.physician, at=self.now, because=because, cited_authority=self.citation(),
            rationale=f"The record, with what the practice added, shows {self.plot.asked_for.short_of}.",
        )  # fmt: skip
        self.run_jobs()
