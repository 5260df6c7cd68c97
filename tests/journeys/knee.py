"""The knee replacement, step by step, as the people of the tour take it through their pages."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.test import Client

from openum.cases.models import Attachment, Case, InformationRequest, ServiceLine
from openum.notices.models import Notice
from openum.review.models import PeerToPeer, PeerToPeerSlot
from samples.portal import KneeRequest, conversation_note, film_report, therapy_log_picture
from tests.journeys.desk import Desk, Page, upload
from tests.journeys.lumen import Lumen, plan_time

GAP = (
    "The record shows seven weeks of therapy for the knee. The guideline asks for twelve weeks of care without surgery, "
    "or for the reason why more therapy cannot be done. Neither is in the record."
)
NOT_MET = "Eight visits over seven weeks are on record; twelve weeks are asked for."
UNKNOWN = "Nothing in the record says why therapy could not go on."
SAID = "Two injections gave relief of days. The therapist stopped therapy because the knee kept swelling."


def other_story(lumen: Lumen) -> KneeRequest:
    """The same story with another person, the other knee, another surgeon, and 35 days later."""
    person = lumen.stranger("commercial-ppo", 1)
    ortho = lumen.places.organizations["bayline-ortho"]
    surgeon = next(
        p for p in lumen.places.by_specialty["orthopaedics"]
        if lumen.places.practice_of[p.npi] == ortho and p.family_name != "Lindqvist"
    )  # fmt: skip
    story = replace(
        KneeRequest(), member_number=person.number, given=person.given, family=person.family, born=person.born,
        surgeon=surgeon.npi, surgeon_name=f"Dr. {surgeon.full_name}", modifier="LT", diagnoses=("M17.12",), grade=3,
        visits=6, weeks=5,
    )  # fmt: skip
    return story.moved(210)


@dataclass
class Knee:
    """One telling: the people at their desks, the pages they saw, the rows they made."""

    lumen: Lumen
    story: KneeRequest
    days: int = 0
    pages: dict[str, Page] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)
    desks: dict[str, Desk] = field(default_factory=dict)

    def desk(self, persona: str) -> Desk:
        """Return the browser of a persona, signed in once."""
        if persona not in self.desks:
            self.desks[persona] = Desk(self.lumen.email(persona))
        return self.desks[persona]

    def at(self, text: str) -> None:
        """Go on to an instant of the story."""
        self.lumen.at(self.moment(text).strftime("%Y-%m-%d %H:%M:%S"))

    def moment(self, text: str) -> datetime:
        """Return an instant of the story: its clock time, moved by whole days where the story is moved."""
        return plan_time(text) + timedelta(days=self.days)

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return Case.objects.get(pk=self.facts["case"])

    @property
    def line(self) -> ServiceLine:
        """The line as it stands."""
        return ServiceLine.objects.select_related("case", "case__plan", "case__product", "request").get(case=self.case)

    # ---- the practice

    def submit(self, begun: str, sent: str) -> Page:
        """Fill the guided request page by page and send it without the film and the therapy record."""
        office = self.desk("provider_staff")
        self.at(begun)
        page = office.open("/requests/new/").press("Begin")
        told = self.story.fields()
        while "Check and send" not in page.html or "Send the request" not in page.buttons:
            assert page.status == 200, page.text
            self.pages[f"ask {page.address.rstrip('/').rpartition('/')[2]}"] = page
            if page.address.endswith("/papers/"):
                page = page.follow("Go on")
                continue
            form = page.form("Save and go on")
            page = page.press("Save and go on", **{name: told[name] for name in form.names if name in told})
        self.pages["check"] = page
        self.at(sent)
        receipt = page.press("Send the request")
        self.pages["receipt"] = receipt
        self.facts["case"] = Case.objects.latest("pk").pk
        return receipt

    def answer_the_question(self) -> Page:
        """Upload the film report and a phone picture of the therapy log, and say which items they answer."""
        question = InformationRequest.objects.get(case=self.case)
        office = self.desk("provider_staff")
        board = office.open("/requests/")
        self.pages["board"] = board
        page = board.follow("Send papers")
        self.pages["respond"] = page
        items = [str(item.public_id) for item in question.items.all()]
        files = [
            upload("film.pdf", film_report(self.story)),
            upload("log.png", therapy_log_picture(self.story), "image/png"),
        ]
        return page.press("Send", item=items, files={"file": files}, document_kind="imaging-report")

    def send_paper(self, name: str, content: bytes, kind: str, title: str) -> Page:
        """Add a paper on the page of the request."""
        page = self.desk("provider_staff").open(f"/requests/{self.case.public_id}/")
        return page.press("Add this file", files={"file": upload(name, content)}, document_kind=kind, title=title)

    def book(self, starts_with: str) -> Page:
        """Book the conversation with Dr. Farouk at an instant of the story."""
        page = self.desk("provider_staff").open(f"/requests/{self.case.public_id}/").follow("Book a time")
        self.pages["book"] = page
        form = page.form("Book this time")
        slot = next(value for value in form.choices["slot"] if self._starts(value) == self.moment(starts_with))
        return page.press("Book this time", slot=slot, call_back="1-555-0200")

    def _starts(self, public_id: str) -> datetime | None:
        slot = PeerToPeerSlot.objects.get(public_id=public_id)
        return slot.starts_at if slot.physician.name == "Dr. Omar Farouk" else None

    # ---- the nurse

    def review(self) -> Page:
        """Take the line up from the worklist, open the papers, answer the criteria, link the evidence."""
        nurse = self.desk("nurse")
        worklist = nurse.open("/review/")
        self.pages["worklist"] = worklist
        page = worklist.follow(self.case.number)
        page = page.press("Take up")
        for title in [item.title for item in self.documents()]:
            page = page.follow(title)
        self.pages["nurse page"] = page
        for leaf, value, note in (
            ("1", "Met", "Pain for nine months that limits walking."),
            ("2", "Met", "Grade 4 on the standing film."),
            ("4", "Met", "The practice states that there is no infection."),
            ("5", "Met", "Body mass index 34.2, HbA1c 6.9 %."),
            ("3a", "Not met", NOT_MET),
            ("3b", "Unknown", UNKNOWN),
        ):
            page = page.press(value, action=f"/criteria/{leaf}/", note=note)
            assert page.status == 200, page.text
        page = page.follow("film.pdf").press(
            "Link", action="/links/", leaf="2", quote=f"Kellgren-Lawrence grade {self.story.grade}."
        )
        page = page.follow("log.png").press("Link", action="/links/", leaf="3a")
        assert page.status == 200, page.text
        self.pages["nurse page after answers"] = page
        return page

    def refer(self) -> Page:
        """Refer the line to a physician with the drafted situation."""
        page = self.desk("nurse").open(f"/review/{self.line.public_id}/").follow("Refer to physician")
        self.pages["refer"] = page
        return page.press("Refer", recommendation="The time of care, and whether therapy could go on.")

    def documents(self) -> list[Attachment]:
        """The papers of the case."""
        return list(Attachment.objects.filter(case=self.case, kind=Attachment.DOCUMENT).order_by("pk"))

    # ---- physicians

    def open_evidence(self, persona: str) -> Page:
        """Open the decision page from the list and every paper on it."""
        page = self.desk(persona).open("/decisions/").follow(self.case.number)
        self.pages[f"{persona} before evidence"] = page
        for paper in self.documents():
            page = page.follow(paper.title)
        self.pages[f"{persona} after evidence"] = page
        return page

    def deny(self, page: Page, **changes: str) -> Page:
        """Sign the denial with an answer to each open criterion."""
        return page.press(
            "Sign the denial", action="/deny/", **{
                "rationale": GAP, "reason_class": "not_medically_necessary", "answer-3a": NOT_MET, "answer-3b": UNKNOWN,
                **changes,
            },
        )  # fmt: skip

    def talk(self, held: tuple[str, str]) -> Page:
        """Record the conversation with what was said."""
        conversation = PeerToPeer.objects.get(case=self.case)
        page = self.desk("orthopaedist").open(f"/conversations/{conversation.public_id}/")
        self.pages["conversation"] = page
        return page.press(
            "Record the conversation", held_from=self.local(held[0]), held_to=self.local(held[1]),
            outcome="new information", note=SAID,
        )  # fmt: skip

    def local(self, text: str) -> str:
        """Write an instant of the story as a form takes it."""
        return self.moment(text).strftime("%Y-%m-%dT%H:%M")

    def send_note(self) -> Page:
        """Upload the surgeon's note after the conversation."""
        return self.send_paper(
            "note.pdf", conversation_note(self.story), "therapy-discharge-note", "Note of the surgeon"
        )

    def find_reason_on_record(self) -> Page:
        """Let the orthopaedist read the note and answer the open criterion with it."""
        page = self.desk("orthopaedist").open(f"/decisions/{self.line.public_id}/").follow("Full review page")
        page = page.follow("Note of the surgeon").press("Met", action="/criteria/3b/", note=SAID)
        assert page.status == 200, page.text
        page = page.press("Link", action="/links/", leaf="3b", quote="Therapy was stopped by the therapist")
        assert page.status == 200, page.text
        self.pages["orthopaedist after the note"] = page
        return page

    def approve_after_talk(self, because: str) -> Page:
        """Approve; after a denial with what changed since."""
        page = self.desk("orthopaedist").open(f"/decisions/{self.line.public_id}/")
        for paper in self.documents():
            page = page.follow(paper.title)
        self.pages["orthopaedist decides"] = page
        if because:
            return page.press("Change to approved", because=because)
        return page.press("Approve as asked")

    # ---- the member

    def member_page(self) -> Page:
        """Open the member's own page of the request."""
        return self.desk("member").open("/my/").follow("See this request")

    # ---- who must not

    def probe(self) -> None:
        """Try every door that must be closed, and keep the answers."""
        line, case = self.line.public_id, self.case.public_id
        papers = [f"/documents/{paper.public_id}/" for paper in self.documents()]
        letters = [f"/letters/{letter.public_id}/" for letter in Notice.objects.filter(case=self.case)]
        talks = [f"/requests/conversations/{talk.public_id}/" for talk in PeerToPeer.objects.filter(case=self.case)]
        asked = [f"/requests/questions/{item.public_id}/" for item in self.case.information_requests.all()]
        own = [f"/requests/{case}/", f"/my/{case}/", *papers, *letters, *talks, *asked]
        staff = [f"/review/{line}/", f"/cases/{case}/", f"/decisions/{line}/", *papers, *letters]
        for name, addresses in (
            ("front.desk@cape-ortho.example", [*own, *staff]),
            ("neighbour@lumen-harbor.example", [*own, *staff]),
            ("nurse@sandbox.example", [*own, *staff]),
        ):
            desk = Desk(name)
            self.facts[f"seen by {name}"] = {address: desk.status_of(address) for address in addresses}
        nobody = Client()
        self.facts["seen by nobody"] = {nobody.get(address).status_code for address in [*own, *staff]}
        nurse = self.desk("nurse")
        self.facts["the nurse tries to deny"] = self._press(nurse, f"/decisions/{line}/deny/", rationale=GAP)
        self.facts["the nurse tries to intend"] = self._press(nurse, f"/decisions/{line}/intend/", rationale=GAP)
        self.facts["the nurse tries to approve"] = self._press(nurse, f"/decisions/{line}/approve/")
        self.facts["the office tries to approve"] = self._press(
            self.desk("provider_staff"), f"/decisions/{line}/approve/"
        )

    def _press(self, desk: Desk, address: str, **fields: str) -> int:
        return desk.post(address, {"csrfmiddlewaretoken": desk.token, **fields}).status
