"""Plays plots with the services that people and machines use, at the instants of the past.

Nothing is written past the services: requests come through the one door, software evaluates and approves by rule,
people review, ask, refer and decide under their guards, letters and clocks follow, and due jobs run at their time.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

import orjson
from django.db import transaction

from openum import audit, jobs
from openum.accounts.models import User
from openum.adapters.fhir.door import Message
from openum.adapters.fhir.pas.submit import submit
from openum.adapters.fhir.pas.versions import V2_0, V2_2
from openum.cases.models import Case, InformationRequest, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import ItemAsked, NewDocument, attach, cancel_line, record_contact_attempt, withdraw_line
from openum.clocks.models import Clock
from openum.clocks.services import sweep
from openum.criteria.queries import current_map
from openum.criteria.services import record_finding
from openum.determination.services import (
    approve_line,
    close_administratively,
    deny_line,
    partially_approve_line,
    record_intent_to_deny,
    reopen_line,
)
from openum.review.models import PeerToPeer, PeerToPeerSlot, Review
from openum.review.queries import documents_to_open, openings_by
from openum.review.services import (
    add_slot,
    ask_for_information,
    book_conversation,
    offer_conversation,
    open_evidence,
    receive_information,
    record_conversation,
    record_conversation_attempt,
    refer_to_physician,
    start_review,
)
from openum.review.services.peer_to_peer import WITH_NOTICE
from openum.submission.composing import Composed, compose, questionnaire_response
from openum.submission.incoming import IncomingEvidence
from openum.submission.services import Door, accept
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Channel, FindingValue, LineStatus, ReasonClass
from samples import plots
from samples.bundles import LumbarRequest, lumbar_mri_bundle
from samples.documents import pdf
from samples.people import Staff
from samples.places import Places
from samples.plots import Plot, working

_FEW_SECONDS = timedelta(seconds=2)
_FAR = timedelta(days=14)


class Curtain(Exception):
    """The next step lies in the future: the case stays as it stands now."""


@dataclass
class Stage:
    """The world a plot is played in. `until` is the present instant."""

    places: Places
    staff: Staff
    engine: User
    until: datetime
    base_url: str = "http://127.0.0.1:8000"
    refused: list[tuple[int, str]] = field(default_factory=list)

    def play_all(self, found: Sequence[Plot]) -> int:
        """Play plots in one transaction; return how many cases were made."""
        with transaction.atomic(), audit.batch():
            return sum(self.play(plot) is not None for plot in found)

    def play(self, plot: Plot) -> Case | None:
        """Play one plot as far as the present; return its case.

        A service that refuses a step undoes the whole plot, and the plot is noted: a policy that was changed must not
        keep the demo from starting. A test sees to it that none is refused.
        """
        scene = Scene(self, plot)
        try:
            with transaction.atomic(), suppress(Curtain):
                scene.play()
        except OpenUMError as refusal:
            self.refused.append((plot.number, refusal.code))
            return None
        return scene.case


class Scene:
    """One plot being played."""

    def __init__(self, stage: Stage, plot: Plot) -> None:
        self.stage, self.plot = stage, plot
        self.now = plot.received_at
        self.case: Case | None = None
        staff, pick = stage.staff, plot.colleague
        self.nurse = staff.nurses[pick % len(staff.nurses)]
        self.physician = staff.physicians[pick % len(staff.physicians)]
        if plot.asked_for.field == "orthopaedics" and pick % 2 and staff.orthopaedist:
            self.physician = staff.orthopaedist
        self.intake = staff.intake[pick % len(staff.intake)]
        self.office = staff.offices[plot.practice]
        self.line: ServiceLine

    # ---- time

    def move_to(self, moment: datetime) -> None:
        """Go on to an instant; what lies in the future is not played."""
        if moment > self.stage.until:
            raise Curtain
        self.now = max(moment, self.now)

    def wait(self, step: int) -> None:
        """Let the time of a step pass and go on in working hours."""
        self.move_to(working(self.now + self.plot.waits[step], is_fast=self.plot.urgency == "expedited"))

    def minutes(self, many: int) -> None:
        """Let some minutes pass."""
        self.move_to(self.now + timedelta(minutes=many))

    def run_jobs(self) -> None:
        """Let the worker do what became due, a moment later."""
        jobs.run_due(self.now + _FEW_SECONDS, limit=20)

    # ---- the plot

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

    def is_open(self) -> bool:
        """Read the line again and say whether somebody still has to act."""
        self.line.status = ServiceLine.objects.values_list("status", flat=True).get(pk=self.line.pk)
        return LineStatus(self.line.status) in OPEN_STATUSES

    # ---- the door

    def send(self) -> None:
        """Let the request in, by its channel."""
        self.move_to(self.now + self.plot.entered_after)
        if self.plot.channel == "fhir":
            self.send_bundle()
        else:
            self.send_form()
        if self.case is not None:
            self.line = self.case.lines.select_related("case", "case__product", "case__member", "request").get()
            self.run_jobs()

    def send_form(self) -> None:
        """Send what the practice typed, or what somebody took down from a call, fax or letter."""
        plot, stage = self.plot, self.stage
        organization = stage.places.organizations[plot.practice]
        is_capture = plot.channel != "portal"
        by = self.intake if is_capture else self.office
        member_asks = plot.standing == "member"
        office = {
            "name": organization.name,
            "npi": organization.npi,
            "phone": organization.phone,
            "fax": organization.fax,
        }
        composed = compose(
            Composed(
                reference=f"demo-{plot.number}", purpose="capture" if is_capture else "portal", fields=self.fields(),
                zone=stage.places.plan.time_zone, payer_name=stage.places.plan.name, sent_at=self.now, writer=by.name,
                organization={} if member_asks else office,
            )
        )  # fmt: skip
        papers = () if member_asks else (self.visit_note(),)
        marks = b"".join(hashlib.sha256(paper.data).digest() for paper in papers)
        request = replace(
            composed,
            received_at=plot.received_at,
            evidence=(*composed.evidence, *papers),
            canonical_digest=hashlib.sha256(composed.raw + marks).hexdigest(),
        )
        door = Door(base="portal", operation="capture" if is_capture else "portal")
        accepted = accept(
            request=request, by=by, plan=stage.places.plan, door=door, at=self.now,
            organization=None if is_capture else organization,
        )  # fmt: skip
        self.case = accepted.case

    def fields(self) -> dict[str, str]:
        """Return the fields of the form as typed."""
        plot, places = self.plot, self.stage.places
        orderer = places.practitioners[plot.orderer]
        facility = places.facilities.get(plot.facility)
        received = plot.received_at.astimezone(plots.ZONE)
        fields = {
            "member_number": plot.member.number, "family_name": plot.member.family, "given_name": plot.member.given,
            "birth_date": plot.member.born.isoformat(), "ordering_npi": plot.orderer,
            "ordering_name": f"Dr. {orderer.full_name}", "facility_npi": plot.facility,
            "facility_name": facility.name if facility else "", "diagnosis1": plot.diagnosis, "urgency": plot.urgency,
            "attested_by": f"Dr. {orderer.full_name}" if plot.urgency == "expedited" else "",
            "place": plot.asked_for.place, "line_count": "1", "line1-code_system": plot.asked_for.system,
            "line1-code": plot.service, "line1-modifiers": plot.modifier, "line1-units": str(plot.units),
            "line1-unit": plot.asked_for.unit, "line1-first_day": plot.planned_on.isoformat(),
            "line1-last_day": self.last_day().isoformat(),
        }  # fmt: skip
        if plot.channel != "portal":
            fields |= {
                "channel": plot.channel, "standing": plot.standing, "received_date": received.date().isoformat(),
                "received_time": received.time().isoformat(timespec="seconds"),
                "proof": {"phone": "call log", "fax": "fax cover with transmission time", "mail": "date stamp"}[plot.channel],
            }  # fmt: skip
        return fields | _typed(plot.answers)

    def last_day(self) -> date:
        """Return the last day asked for: a course of visits runs for weeks."""
        return self.plot.planned_on + timedelta(days=56 if self.plot.units > 1 else 0)

    def visit_note(self) -> IncomingEvidence:
        """Return the note of the visit at which the service was ordered."""
        plot = self.plot
        on = plot.received_at.astimezone(plots.ZONE).date() - timedelta(days=1 + plot.colleague % 9)
        lines = [
            f"Patient: {plot.member.given} {plot.member.family}, born {plot.member.born.isoformat()}",
            f"Seen on {on.isoformat()} for {plot.diagnosis}.",
            "",
            f"Plan: {plot.asked_for.wording.lower()}.",
            *_NOTES[plot.colleague % len(_NOTES)],
        ]
        return IncomingEvidence(
            kind="document", title="Visit note", content_type="application/pdf", data=pdf("Visit note", lines),
            document_kind="clinical-note",
        )  # fmt: skip

    def send_bundle(self) -> None:
        """Send the request as a health record system does, through the FHIR door."""
        plot, stage = self.plot, self.stage
        client = stage.staff.client
        assert client is not None
        version = V2_0 if plot.number % 2 else V2_2
        bundle = lumbar_mri_bundle(self.story(), version=version.guide)
        raw = orjson.dumps(bundle)
        canonical = hashlib.sha256(orjson.dumps(bundle, option=orjson.OPT_SORT_KEYS)).hexdigest()
        base = f"/fhir/{version.base}"
        submit(
            Message(raw=raw, data=bundle, canonical_digest=canonical), client=client, version=version,
            door=Door(base=base, operation="submit"), base_url=stage.base_url + base, at=self.now,
        )  # fmt: skip
        self.case = Case.objects.filter(requests__identifier_value=bundle["identifier"]["value"]).first()

    def story(self) -> LumbarRequest:
        """Return the story of the bundle: complete, on the days of this plot."""
        plot = self.plot
        orderer = self.stage.places.practitioners[plot.orderer]
        on = plot.received_at.astimezone(plots.ZONE).date()
        said = {link: value for link, _, value in plot.answers}
        began = on - timedelta(days=90)
        if "lbp.pain-onset" in said:
            began = type(on).fromisoformat(said["lbp.pain-onset"])
        return LumbarRequest(
            member_number=plot.member.number, given=plot.member.given, family=plot.member.family, born=plot.member.born,
            sex=plot.member.sex, orderer=plot.orderer, orderer_given=orderer.given_name,
            orderer_family=orderer.family_name, identifier=f"BHR-{plot.number:06d}", diagnosis=plot.diagnosis,
            asked_at=self.now.astimezone(plots.ZONE), pain_since=began,
            therapy=(began + timedelta(days=5), began + timedelta(days=52)), visits=6,
            medicine_days=(began, began + timedelta(days=30)), examined_on=on - timedelta(days=plot.colleague % 15),
            planned_step=said.get("lbp.planned-step", "injection"), planned_on=plot.planned_on, shuffle=plot.number,
        )  # fmt: skip

    # ---- what people do

    def open_papers(self, reader: User) -> None:
        """Open every document that the reader has not opened."""
        opened = openings_by(reader, self.line.case)
        for document in documents_to_open(self.line.case):
            if document.pk not in opened:
                open_evidence(attachment=document, by=reader, at=self.now, page=1)

    def find(self, value: FindingValue, *, by: User, note: str) -> bool:
        """Answer the open criteria, or the question of the authority; return whether a guideline of the plan holds."""
        if self.has_guideline:
            for leaf in current_map(self.line).open_leaves:
                record_finding(line=self.line, leaf=leaf.key, value=value, note=note, by=by, at=self.now)
            return True
        record_finding(
            line=self.line, leaf="authority", value=value, note=note, by=by, at=self.now,
            question=f"Does the record support {self.plot.asked_for.wording.lower()} for this person?",
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

    def answer_question(self, *, is_enough: bool) -> bool:
        """Let the practice answer the open question; return whether there was one."""
        question = InformationRequest.objects.filter(case=self.line.case, closed_at__isnull=True).first()
        if question is None:
            return False
        self.wait(5)
        documents = [
            NewDocument(
                title="Record sent on request", content_type="application/pdf", document_kind="clinical-note",
                content=pdf("Record", self.record_lines(is_enough=is_enough)),
            )
        ]  # fmt: skip
        said = questionnaire_response(_typed(self.plot.late_answers), on=self.now.astimezone(plots.ZONE).date())
        if said and is_enough:
            said = {**said, "id": "portal-answer"}
            documents.append(
                NewDocument(
                    title="Answers given on request",
                    content_type="application/fhir+json",
                    resource=said,
                    source_key="QuestionnaireResponse/portal-answer",
                )
            )
        receive_information(
            question=question, documents=documents, answered=list(question.items.all()), channel=Channel.PORTAL,
            by=self.office, at=self.now,
        )  # fmt: skip
        self.run_jobs()
        return True

    def record_lines(self, *, is_enough: bool) -> list[str]:
        """Return the text of the record that comes on request."""
        plot = self.plot
        shown = plot.asked_for.short_of
        return [
            f"Patient: {plot.member.given} {plot.member.family}, born {plot.member.born.isoformat()}",
            f"{plot.asked_for.wording}, {plot.diagnosis}",
            "",
            f"This record shows {shown}." if is_enough else "The record of the last visit. Nothing else is on file.",
        ]

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
        record_intent_to_deny(
            line=self.line, rationale=self.why(), by=self.physician, at=self.now, talk_until=self.now + _FAR
        )
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
        deny_line(
            line=self.line, by=self.physician, at=self.now, rationale=self.why(),
            reason_class=ReasonClass.INFORMATION_NOT_RECEIVED if not_received else ReasonClass.NOT_MEDICALLY_NECESSARY,
            reason="information-not-received" if not_received else "criterion-not-met",
            node_answers=self.node_answers(), cited_authority=self.citation(),
        )  # fmt: skip
        self.run_jobs()
        if self.plot.member.product != "medicare-advantage":
            offer_conversation(
                line=self.line, how=WITH_NOTICE, open_until=self.now + _FAR, by=self.physician, at=self.now
            )

    def plot_phone(self) -> str:
        """Return the number of the practice."""
        return self.stage.places.organizations[self.plot.practice].phone

    def talk(self, conversation: PeerToPeer) -> None:
        """Let the practice book a time and the two clinicians talk."""
        self.minutes(50)
        slot = self.free_time()
        orderer = self.stage.places.practitioners[self.plot.orderer]
        book_conversation(
            conversation=conversation, slot=slot, attendee=f"Dr. {orderer.full_name}", call_back=self.plot_phone(),
            by=self.office, at=self.now,
        )  # fmt: skip
        self.move_to(slot.starts_at + timedelta(minutes=9))
        record_conversation(
            conversation=conversation, held_from=slot.starts_at, held_to=slot.starts_at + timedelta(minutes=8),
            outcome="new facts", by=self.physician, at=self.now,
            note=f"The practice told of {self.plot.asked_for.short_of}; it was on record there and was not sent.",
        )  # fmt: skip
        self.minutes(6)

    def free_time(self, earliest: datetime | None = None) -> PeerToPeerSlot:
        """Open a time of the physician in the next working hours."""
        starts = working(earliest or self.now + self.plot.waits[3], is_fast=self.plot.urgency == "expedited")
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

    # ---- endings

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

    def refer_unanswered(self) -> None:
        """Let the nurse hand on what nobody answered."""
        self.move_to(working(self.now, is_fast=self.plot.urgency == "expedited"))
        start_review(line=self.line, level=Review.NURSE, by=self.nurse, at=self.now)
        self.open_papers(self.nurse)
        self.find(FindingValue.NOT_MET, by=self.nurse, note="Asked for twice; nothing came.")
        refer_to_physician(
            line=self.line, by=self.nurse, at=self.now, specialty=self.plot.asked_for.field,
            summary="The record that was asked for did not come, and the practice did not call back.",
        )  # fmt: skip

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
            cited_authority=self.citation(), reason="fewer-units",
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
        """A person at intake sees that the same request was sent twice."""
        self.wait(0)
        if self.is_open():
            close_administratively(
                line=self.line, reason_class=ReasonClass.DUPLICATE, by=self.intake, at=self.now,
                explanation="The same request was sent and decided before; this is a copy of it.",
            )  # fmt: skip
            self.run_jobs()

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


_NOTES = (
    ["Pain and limits are described; examination as noted.", "Medicines: as before."],
    ["Symptoms for some months, slowly worse.", "No fever. No weight loss."],
    ["Stable since the last visit.", "The person wishes to go on with the plan."],
    ["Tried rest and simple medicine first.", "Family is informed."],
)


def _typed(answers: Sequence[tuple[str, str, str]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for link, kind, value in answers:
        fields[f"answer.{link}"] = value
        fields[f"kind.{link}"] = kind
    return fields
