"""What the practice does: send the request, answer questions, talk, put papers on file."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import orjson

from openum.adapters.fhir.door import Message
from openum.adapters.fhir.pas.submit import submit
from openum.adapters.fhir.pas.versions import V2_0, V2_2
from openum.cases.models import Case, InformationRequest
from openum.cases.services import NewDocument
from openum.review.services import (
    receive_information,
)
from openum.submission.composing import Composed, compose, questionnaire_response
from openum.submission.incoming import IncomingEvidence
from openum.submission.services import Door, accept
from openum.vocabulary.terms import Channel
from samples import plots
from samples.acting.moves import Moves
from samples.bundles import LumbarRequest, lumbar_mri_bundle
from samples.codes import in_sentence
from samples.documents import pdf


class Practice(Moves):
    """The practice, or whoever takes its call, fax or letter down."""

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
                reference=f"demo-{plot.number}{self.copy}", purpose="capture" if is_capture else "portal", fields=self.fields(),
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
            f"Plan: {in_sentence(plot.asked_for.wording)}.",
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

    def plot_phone(self) -> str:
        """Return the number of the practice."""
        return self.stage.places.organizations[self.plot.practice].phone


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
