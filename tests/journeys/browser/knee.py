"""The knee replacement worked through in browsers by keyboard alone, one step of a person a method."""

from datetime import date, datetime, timedelta
from typing import Any

from openum.cases.models import Case, ServiceLine
from openum.notices.models import Notice
from openum.review.models import PeerToPeer
from openum.submission.models import Draft
from samples.portal import KneeRequest, conversation_note, film_report, therapy_log_picture
from tests.journeys.browser.keyboard import attach, choose, follow, press, tick, write
from tests.journeys.browser.screen import Screens, picture
from tests.journeys.knee import GAP, NOT_MET, SAID, UNKNOWN
from tests.journeys.lumen import Lumen, plan_time


class Story:
    """One telling: another person, knee and season come as `knee` and `days`.

    Args:
        knee: the request, its days already moved.
        days: by how many days the story's instants are moved.
        member: the sign-in address of the member; Rosa's unless given.
        pictures: what the names of pictures begin with; None takes none.
        only: the pictures to take, where most would show what another telling shows.
    """

    case: Case

    def __init__(
        self, lumen: Lumen, screens: Screens, *, knee: KneeRequest | None = None, days: int = 0, member: str = "",
        pictures: str | None = "", only: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.lumen, self.screens, self.days, self.pictures, self.only = lumen, screens, days, pictures, only
        self.knee = knee or KneeRequest()
        self.people: dict[str, Any] = {}
        self.emails = {"member": member} if member else {}

    # ---- people, time, pictures

    def person(self, persona: str) -> Any:
        """Return the page of a persona, signed in once."""
        if persona not in self.people:
            email = self.emails.get(persona) or self.lumen.email(persona)
            self.people[persona] = self.screens.sign_in(email)
        return self.people[persona]

    def moment(self, text: str) -> datetime:
        """Return an instant of the story."""
        return plan_time(text) + timedelta(days=self.days)

    def at(self, text: str) -> None:
        """Go on to an instant of the story."""
        self.lumen.at(self.moment(text).strftime("%Y-%m-%d %H:%M:%S"))

    def picture(self, page: Any, name: str, *, whole: bool = False, here: bool = False) -> None:
        """Keep a picture, of a telling that is shown."""
        if self.pictures is not None and (not self.only or name in self.only):
            picture(page, f"{self.pictures}{name}", whole=whole, here=here)

    @property
    def line(self) -> ServiceLine:
        """The line as it stands."""
        return ServiceLine.objects.get(case=self.case)

    @property
    def patient(self) -> str:
        """The member's name."""
        return f"{self.knee.given} {self.knee.family}"

    # ---- the practice

    def fill(self, page: Any, *names: str) -> None:
        """Type the fields of a page that the story knows."""
        told = self.knee.fields()
        for name in names:
            place = page.locator(f"[name='{name}']").first
            if place.evaluate("node => node.tagName") == "SELECT":
                choose(place, told[name])
            elif place.get_attribute("type") == "radio":
                tick(page.locator(f"[name='{name}'][value='{told[name]}']"))
            else:
                write(place, told[name])

    def go_on(self, page: Any) -> None:
        """Press the button that saves a page of the form; what is not saved yet is saved before it goes."""
        follow(page, page.get_by_role("button", name="Save and go on"))

    def begin_and_close_the_browser(self, at: str) -> None:
        """Type the patient and half of the service, and close the browser without pressing anything."""
        self.at(at)
        page = self.screens.sign_in(self.lumen.email("provider_staff"))
        page.goto(f"{self.screens.url}/requests/new/")
        follow(page, page.get_by_role("button", name="Begin"))
        self.fill(page, "member_number", "birth_date", "family_name")
        press(page.get_by_role("button", name="Find the member"))
        page.get_by_text(self.patient).first.wait_for()
        self.picture(page, "request-patient", whole=True)
        self.go_on(page)
        for name, text in (("line1-code", self.knee.code), ("line1-modifiers", self.knee.modifier)):
            whole = f"{name}={text}"  # a slow machine saves a half typed word as well
            with page.expect_response(lambda answer, whole=whole: whole in (answer.request.post_data or "")) as saved:
                write(page.locator(f"[name='{name}']"), text)
            assert saved.value.status == 200
        page.context.close()
        self.screens.contexts.remove(page.context)
        draft = Draft.objects.latest("pk")
        assert (draft.fields["line1-code"], draft.fields["line1-modifiers"]) == (self.knee.code, self.knee.modifier)

    def go_on_and_send(self, at: str, sent: str) -> None:
        """Open the browser again, go on where the typing ended, and send."""
        self.at(at)
        page = self.person("provider_staff")
        page.goto(f"{self.screens.url}/requests/new/")
        follow(page, page.get_by_role("link", name=self.knee.family))
        assert page.locator("[name='member_number']").input_value() == self.knee.member_number
        self.go_on(page)
        assert page.locator("[name='line1-code']").input_value() == self.knee.code
        assert page.locator("[name='line1-modifiers']").input_value() == self.knee.modifier
        self.fill(page, "line1-units", "line1-first_day", "line1-last_day")
        self.go_on(page)
        self.fill(page, *(f"diagnosis{number}" for number in range(1, len(self.knee.diagnoses) + 1)))
        self.go_on(page)
        self.fill(page, "ordering_npi", "ordering_name", "facility_npi", "facility_name", "place")
        self.go_on(page)
        self.fill(page, *(f"answer.{link}" for link, _, _ in self.knee.answers()))
        self.picture(page, "request-questions", whole=True)
        self.go_on(page)
        follow(page, page.get_by_role("link", name="Go on"))
        tick(page.get_by_label("Standard"))
        self.go_on(page)
        assert "What is still open" in page.inner_text("main")
        self.picture(page, "request-review", whole=True)
        self.at(sent)
        follow(page, page.get_by_role("button", name="Send the request"))
        page.get_by_role("heading", name="Received").wait_for()
        self.picture(page, "request-receipt", whole=True)
        self.case = Case.objects.latest("pk")

    def work(self, at: str) -> None:
        """Let the worker do what is due at an instant."""
        self.at(at)
        self.lumen.work()

    def answer(self, at: str) -> None:
        """Upload film and log."""
        self.at(at)
        page = self.person("provider_staff")
        page.goto(f"{self.screens.url}/requests/")
        self.picture(page, "provider-board")
        follow(page, page.get_by_role("row").filter(has_text=self.patient).get_by_role("link", name="Send papers"))
        for box in page.get_by_role("checkbox").all():
            tick(box)
        attach(
            page.get_by_label("Files"),
            [
                {"name": "film.pdf", "mimeType": "application/pdf", "buffer": film_report(self.knee)},
                {"name": "log.png", "mimeType": "image/png", "buffer": therapy_log_picture(self.knee)},
            ],
        )
        choose(page.get_by_label("What it is"), "imaging-report")
        self.picture(page, "provider-answers", whole=True)
        follow(page, page.get_by_role("button", name="Send", exact=True))
        page.get_by_text("film.pdf").first.wait_for()
        self.picture(page, "provider-request", whole=True)

    def book(self, at: str, starts: str) -> None:
        """The practice books a time with Dr. Farouk."""
        self.at(at)
        page = self.person("provider_staff")
        page.goto(f"{self.screens.url}/requests/{self.case.public_id}/")
        follow(page, page.get_by_role("link", name="Book a time"))
        slot = self.moment(starts)
        hour = slot.strftime("%I:%M %p").lstrip("0")
        words = f"{slot.strftime('%b')} {slot.day}, {slot.year}, {hour} ET, 10 min Dr. Omar Farouk"
        tick(page.get_by_role("radio", name=words))
        write(page.get_by_label("Number we call"), "1-555-0200")
        self.picture(page, "provider-books", whole=True)
        follow(page, page.get_by_role("button", name="Book this time"))
        page.get_by_text("A talk between doctors is booked").wait_for()

    def send_note(self, at: str) -> None:
        """The practice puts the surgeon's note on file."""
        self.at(at)
        page = self.person("provider_staff")
        page.goto(f"{self.screens.url}/requests/{self.case.public_id}/")
        press(page.get_by_text("Add a paper"))
        note = {"name": "note.pdf", "mimeType": "application/pdf", "buffer": conversation_note(self.knee)}
        attach(page.get_by_label("File"), [note])
        choose(page.get_by_label("What it is"), "therapy-discharge-note")
        write(page.get_by_label("Title"), "Note of the surgeon")
        follow(page, page.get_by_role("button", name="Add this file"))
        page.get_by_role("link", name="Note of the surgeon").wait_for()

    # ---- the member

    def member_reads(self, name: str) -> str:
        """The member opens the request and reads where it stands."""
        page = self.person("member")
        page.goto(f"{self.screens.url}/my/{self.case.public_id}/")
        self.picture(page, name, whole=True)
        return str(page.inner_text("main"))

    def read_letter(self, kind: str) -> str:
        """The member opens a letter."""
        page = self.person("member")
        letter = Notice.objects.get(case=self.case, audience="member", kind=kind)
        page.goto(f"{self.screens.url}/letters/{letter.public_id}/")
        self.picture(page, f"letter-{kind}", whole=True)
        return str(page.inner_text("body"))

    # ---- the nurse

    def review(self, at: str) -> None:
        """The nurse reads, answers, and links words of a paper."""
        self.at(at)
        page = self.person("nurse")
        page.goto(f"{self.screens.url}/review/")
        follow(page, page.get_by_role("link", name=self.case.number))
        follow(page, page.get_by_role("button", name="Take up"))
        follow(page, page.get_by_role("navigation", name="Documents").get_by_role("link", name="log.png"))
        for leaf, value, note in (
            ("1", "Met", "Pain for nine months that limits walking."),
            ("2", "Met", f"Grade {self.knee.grade} on the standing film."),
            ("4", "Met", "The practice states that there is no infection."),
            ("5", "Met", "Body mass index 34.2, HbA1c 6.9 %."), ("3a", "Not met", NOT_MET), ("3b", "Unknown", UNKNOWN),
        ):  # fmt: skip
            self.find(page, leaf, value, note)
        follow(page, page.get_by_role("navigation", name="Documents").get_by_role("link", name="film.pdf"))
        write(page.get_by_placeholder("Select text above"), f"Kellgren-Lawrence grade {self.knee.grade}.")
        choose(page.get_by_label("Link to"), "2")
        follow(page, page.get_by_role("button", name="Link", exact=True).first)
        page.locator("[id='node-2'] q").first.wait_for()
        assert page.get_by_role("button", name="Deny").count() == 0
        assert page.get_by_role("button", name="Approve as asked").is_disabled()
        page.evaluate("window.scrollTo(0, 0)")
        assert "Body mass index" in page.get_by_label("Evidence").first.inner_text()
        assert "knee.bmi" not in page.inner_text("main")
        self.picture(page, "nurse-review")

    def find(self, page: Any, leaf: str, value: str, note: str) -> None:
        """Answer one criterion."""
        node = page.locator(f"[id='node-{leaf}']")
        press(node.locator("details summary"))
        write(node.get_by_label("What shows it"), note)
        follow(page, node.get_by_role("button", name=value, exact=True))

    def refer(self, at: str) -> None:
        """The nurse hands the line to a physician."""
        self.at(at)
        page = self.person("nurse")
        follow(page, page.get_by_role("link", name="Refer to physician"))
        write(page.get_by_label("What you would look at"), "The time of care, and whether therapy could go on.")
        self.picture(page, "nurse-refers", whole=True)
        follow(page, page.get_by_role("button", name="Refer", exact=True), to="**/review/")

    # ---- physicians

    def open_evidence(self, at: str) -> Any:
        """The medical director opens the line from the list, and both papers."""
        self.at(at)
        page = self.person("medical_director")
        page.goto(f"{self.screens.url}/decisions/")
        follow(page, page.get_by_role("link", name=self.case.number))
        assert page.get_by_text("Deny, or approve less").count() == 0
        papers = page.get_by_role("navigation", name="Documents")
        follow(page, papers.get_by_role("link", name="log.png"))
        follow(page, papers.get_by_role("link", name="film.pdf"))
        page.evaluate("window.scrollTo(0, 0)")
        self.picture(page, "physician-decision")
        return page

    def deny(self, at: str) -> None:
        """The medical director sees the letter and signs."""
        self.at(at)
        page = self.person("medical_director")
        page.goto(f"{self.screens.url}/decisions/{self.line.public_id}/")
        press(page.get_by_text("Deny, or approve less"))
        write(page.get_by_label("Why not, in plain words"), GAP)
        write(page.locator("[id='answer-3a']"), NOT_MET)
        write(page.locator("[id='answer-3b']"), UNKNOWN)
        press(page.get_by_role("button", name="See the letter"))
        page.locator("#letter").get_by_text("weeks").first.wait_for()
        page.locator("#deny").evaluate("node => window.scrollTo(0, node.getBoundingClientRect().top + scrollY - 70)")
        self.picture(page, "physician-denial", here=True)
        follow(page, page.get_by_role("button", name="Sign the denial"), to="**/decided/**")
        self.lumen.work()

    def intend(self, at: str) -> None:
        """The medical director says what stands in the way; the conversation is offered at once."""
        self.at(at)
        page = self.person("medical_director")
        press(page.get_by_text("Intend to deny", exact=True))
        write(page.get_by_label("What stands in the way"), GAP)
        self.picture(page, "physician-intends", whole=True)
        follow(page, page.get_by_role("button", name="Record the intention"))
        page.get_by_text("Intention to deny").first.wait_for()
        self.lumen.work()

    def try_to_reach(self, at: str, outcome: str, *, is_final: bool = False) -> None:
        """The medical director calls the practice and logs how the call ended."""
        self.at(at)
        talk = PeerToPeer.objects.get(case=self.case)
        page = self.person("medical_director")
        page.goto(f"{self.screens.url}/conversations/{talk.public_id}/")
        press(page.get_by_text("Nobody could be reached"))
        choose(page.get_by_label("How it ended"), outcome)
        write(page.get_by_label("Number called"), "1-555-0200")
        if is_final:
            tick(page.get_by_label("Close the offer"))
            self.picture(page, "conversation-attempt", whole=True)
        follow(page, page.get_by_role("button", name="Log the attempt"))

    def talk(self, at: str, held: tuple[str, str]) -> None:
        """The orthopaedist records the conversation."""
        self.at(at)
        page = self.person("orthopaedist")
        page.goto(f"{self.screens.url}/conversations/")
        follow(page, page.get_by_role("link", name=self.case.number))
        for label, text in zip(("From", "To"), held, strict=True):
            write(page.get_by_label(label, exact=True), self.moment(text).strftime("%Y-%m-%dT%H:%M"))
        choose(page.get_by_label("Outcome"), "new information")
        write(page.get_by_label("What was said"), SAID)
        self.picture(page, "conversation", whole=True)
        follow(page, page.get_by_role("button", name="Record the conversation"), to="**/decisions/**")

    def find_reason_on_record(self, at: str) -> None:
        """The orthopaedist reads the note and finds the criterion met."""
        self.at(at)
        page = self.person("orthopaedist")
        page.goto(f"{self.screens.url}/review/{self.line.public_id}/")
        follow(page, page.get_by_role("navigation", name="Documents").get_by_role("link", name="Note of the surgeon"))
        self.find(page, "3b", "Met", SAID)

    def approve(self, at: str, *, because: str = "") -> str:
        """The orthopaedist approves; after a denial with what changed since. Return what the case page says."""
        self.at(at)
        page = self.person("orthopaedist")
        page.goto(f"{self.screens.url}/decisions/{self.line.public_id}/")
        if because:
            choose(page.get_by_label("What changed since the decision"), because)
            self.picture(page, "physician-overturns", whole=True)
            follow(page, page.get_by_role("button", name="Change to approved"), to="**/decided/**")
        else:
            for title in ("log.png", "film.pdf"):
                follow(page, page.get_by_role("navigation", name="Documents").get_by_role("link", name=title))
            follow(page, page.get_by_role("button", name="Approve as asked"), to="**/decided/**")
        self.picture(page, "decided")
        self.lumen.work()
        page.goto(f"{self.screens.url}/cases/{self.case.public_id}/")
        text = str(page.inner_text("main"))
        self.picture(page, "case-overturned" if because else "case-approved", whole=True)
        return text

    def day(self, text: str) -> date:
        """Return the day of an instant of the story."""
        return self.moment(text).date()
