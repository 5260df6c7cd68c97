"""Both journeys again in Chromium, clicked as people click; no complaint in any console, no breach of the policy."""

import urllib.request
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import orjson
import pytest
from django.db import connections

from openum.cases.models import Case
from openum.clocks.models import Clock
from openum.determination.models import Authorization, Determination
from openum.notices.models import Notice
from openum.submission.models import Draft
from openum.vocabulary.terms import LineStatus
from samples.bundles import LumbarRequest, lumbar_mri_bundle
from samples.portal import KneeRequest, conversation_note, film_report, therapy_log_picture
from tests.journeys import lumen as worlds
from tests.journeys.knee import GAP, NOT_MET, SAID, UNKNOWN
from tests.journeys.lumen import audit_is_intact, plan_time
from tests.journeys.screen import CHROMIUM, TAKES_PICTURES, Screens, picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Chromium: install it, or name it in OPENUM_CHROMIUM"),
]


@pytest.fixture(scope="module")
def chromium():
    """One Chromium. Its event loop lives in this thread, so Django must allow database work beside it."""
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


def in_own_thread(work, *arguments):
    """Work on the database in a thread of its own: beside a browser's event loop Django opens a second connection."""

    def run():
        try:
            return work(*arguments)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.fixture
def lumen(transactional_db, monkeypatch):
    """The world; for pictures the larger one, with earlier cases and the open work of today."""
    worlds.hold_time(monkeypatch)
    lumen = in_own_thread(worlds.build_with_earlier_cases if TAKES_PICTURES else worlds.build)
    monkeypatch.setattr(lumen, "work", partial(in_own_thread, lumen.work))
    return lumen


@pytest.fixture
def screens(chromium, live_server, lumen):
    """Browsers for people."""
    screens = Screens(chromium, live_server.url)
    yield screens
    screens.close()


def test_the_lumbar_mri_is_approved_and_everybody_sees_why(lumen, screens):
    story = LumbarRequest()
    email = in_own_thread(worlds.give_login, lumen, next(p for p in lumen.everybody if p.number == story.member_number))
    lumen.at("2026-11-23 09:13:20")
    request = urllib.request.Request(
        f"{screens.url}/fhir/2.0/Claim/$submit", orjson.dumps(lumbar_mri_bundle(story)),
        {"Content-Type": "application/fhir+json", "Authorization": f"Bearer {worlds.TOKEN}"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
    lumen.work()
    number = Authorization.objects.latest("pk").number
    case = Case.objects.get(requests__identifier_value=story.identifier)

    for persona, name in (("nurse", "nurse-worklist"), ("medical_director", "physician-worklist")):
        picture(screens.sign_in(lumen.email(persona)), name)
    nurse = screens.sign_in(lumen.email("nurse"))
    nurse.keyboard.press("/")
    nurse.keyboard.type(case.number)
    nurse.keyboard.press("Enter")
    nurse.get_by_text(number).first.wait_for()
    text = nurse.inner_text("main")
    for words in ("AA-014 v3", "LBP-MRI v2026.2", "OpenUM rules engine", "Mensah Osei", number):
        assert words in text, words
    picture(nurse, "case-approved-by-rule", whole=True)

    member = screens.sign_in(email)
    member.get_by_role("link", name="See this request").first.click()
    assert "approved" in member.inner_text("main").lower() or "said yes" in member.inner_text("main").lower()
    picture(member, "member-approved", whole=True)
    letter = Notice.objects.get(case=case, audience="member")
    member.goto(f"{screens.url}/letters/{letter.public_id}/")
    assert "We said yes to your request" in member.inner_text("body")
    picture(member, "letter-approval", whole=True)
    assert screens.complaints == []
    assert audit_is_intact()


class Story:
    """The knee replacement, one chapter a method."""

    def __init__(self, lumen, screens):
        self.lumen, self.screens, self.knee = lumen, screens, KneeRequest()
        self.people = {}

    def person(self, persona):
        """Return the page of a persona, signed in once."""
        if persona not in self.people:
            self.people[persona] = self.screens.sign_in(self.lumen.email(persona))
        return self.people[persona]

    def fill(self, page, *names):
        """Type the fields of a page that the story knows."""
        told = self.knee.fields()
        for name in names:
            place = page.locator(f"[name='{name}']").first
            if place.evaluate("node => node.tagName") == "SELECT":
                place.select_option(told[name])
            elif place.get_attribute("type") == "radio":
                page.locator(f"[name='{name}'][value='{told[name]}']").check()
            else:
                place.fill(told[name])

    def go_on(self, page):
        page.get_by_role("button", name="Save and go on").click()
        page.wait_for_load_state()

    def begin_and_close_the_browser(self):
        """Type the patient and half of the service, and close the browser without pressing anything."""
        self.lumen.at("2026-11-24 16:20")
        page = self.screens.sign_in(self.lumen.email("provider_staff"))
        page.goto(f"{self.screens.url}/requests/new/")
        page.get_by_role("button", name="Begin").click()
        self.fill(page, "member_number", "birth_date", "family_name")
        page.get_by_role("button", name="Find the member").click()
        page.get_by_text("Rosa Alvarez").first.wait_for()
        picture(page, "request-patient", whole=True)
        self.go_on(page)
        with page.expect_response(lambda answer: "/save/" in answer.url) as saved:
            page.locator("[name='line1-code']").press_sequentially("27447", delay=20)
        assert saved.value.status == 200
        with page.expect_response(lambda answer: "/save/" in answer.url) as saved:
            page.locator("[name='line1-modifiers']").press_sequentially("RT", delay=20)
        assert saved.value.status == 200
        page.context.close()
        self.screens.contexts.remove(page.context)
        draft = Draft.objects.latest("pk")
        assert (draft.fields["line1-code"], draft.fields["line1-modifiers"]) == ("27447", "RT")

    def go_on_and_send(self):
        """Open the browser again, go on where the typing ended, and send."""
        self.lumen.at("2026-11-24 16:31")
        page = self.person("provider_staff")
        page.goto(f"{self.screens.url}/requests/new/")
        page.get_by_role("link", name="Alvarez").click()
        assert page.locator("[name='member_number']").input_value() == self.knee.member_number
        self.go_on(page)
        assert page.locator("[name='line1-code']").input_value() == "27447"
        assert page.locator("[name='line1-modifiers']").input_value() == "RT"
        self.fill(page, "line1-units", "line1-first_day", "line1-last_day")
        self.go_on(page)
        self.fill(page, "diagnosis1", "diagnosis2")
        self.go_on(page)
        self.fill(page, "ordering_npi", "ordering_name", "facility_npi", "facility_name", "place")
        self.go_on(page)
        self.fill(page, *(f"answer.{link}" for link, _, _ in self.knee.answers()))
        picture(page, "request-questions", whole=True)
        self.go_on(page)
        page.get_by_role("link", name="Go on").click()
        page.get_by_label("Standard").check()
        self.go_on(page)
        assert "What is still open" in page.inner_text("main")
        picture(page, "request-review", whole=True)
        self.lumen.at("2026-11-24 16:40")
        page.get_by_role("button", name="Send the request").click()
        page.get_by_role("heading", name="Received").wait_for()
        picture(page, "request-receipt", whole=True)
        self.case = Case.objects.latest("pk")
        self.line = self.case.lines.get()
        self.lumen.at("2026-11-24 16:41")
        self.lumen.work()

    def member_reads(self, name):
        """The member opens the request and reads where it stands."""
        page = self.person("member")
        page.goto(f"{self.screens.url}/my/{self.case.public_id}/")
        picture(page, name, whole=True)
        return page.inner_text("main")

    def answer(self):
        """Upload film and log."""
        self.lumen.at("2026-11-30 10:05")
        page = self.person("provider_staff")
        page.goto(f"{self.screens.url}/requests/")
        picture(page, "provider-board")
        page.get_by_role("row").filter(has_text="Rosa Alvarez").get_by_role("link", name="Send papers").click()
        for box in page.get_by_role("checkbox").all():
            box.check()
        page.get_by_label("Files").set_input_files(
            [
                {"name": "film.pdf", "mimeType": "application/pdf", "buffer": film_report(self.knee)},
                {"name": "log.png", "mimeType": "image/png", "buffer": therapy_log_picture(self.knee)},
            ]
        )
        page.get_by_label("What it is").select_option("imaging-report")
        picture(page, "provider-answers", whole=True)
        page.get_by_role("button", name="Send", exact=True).click()
        page.get_by_text("film.pdf").first.wait_for()
        picture(page, "provider-request", whole=True)

    def review(self):
        """The nurse reads, answers, links selected words, and refers."""
        self.lumen.at("2026-12-01 09:20")
        page = self.person("nurse")
        page.goto(f"{self.screens.url}/review/")
        page.get_by_role("link", name=self.case.number).click()
        page.get_by_role("button", name="Take up").click()
        page.get_by_role("navigation", name="Documents").get_by_role("link", name="log.png").click()
        for leaf, value, note in (
            ("1", "Met", "Pain for nine months that limits walking."), ("2", "Met", "Grade 4 on the standing film."),
            ("4", "Met", "The practice states that there is no infection."),
            ("5", "Met", "Body mass index 34.2, HbA1c 6.9 %."), ("3a", "Not met", NOT_MET), ("3b", "Unknown", UNKNOWN),
        ):  # fmt: skip
            node = page.locator(f"[id='node-{leaf}']")
            node.locator("details summary").click()
            node.get_by_label("What shows it").fill(note)
            node.get_by_role("button", name=value, exact=True).click()
            page.wait_for_load_state()
        page.get_by_role("navigation", name="Documents").get_by_role("link", name="film.pdf").click()
        words = f"Kellgren-Lawrence grade {self.knee.grade}."
        page.locator("pre.page-text").evaluate(
            """(node, words) => { const at = node.textContent.indexOf(words); const range = document.createRange();
            range.setStart(node.firstChild, at); range.setEnd(node.firstChild, at + words.length);
            const chosen = document.getSelection(); chosen.removeAllRanges(); chosen.addRange(range); }""",
            words,
        )
        assert page.get_by_placeholder("Select text above").input_value() == words
        page.get_by_label("Link to").select_option("2")
        page.get_by_role("button", name="Link", exact=True).first.click()
        page.locator("[id='node-2'] q").first.wait_for()
        assert page.get_by_role("button", name="Deny").count() == 0
        assert page.get_by_role("button", name="Approve as asked").is_disabled()
        page.evaluate("document.getSelection().removeAllRanges(); window.scrollTo(0, 0)")
        assert "Body mass index" in page.get_by_label("Evidence").first.inner_text()
        assert "knee.bmi" not in page.inner_text("main")
        picture(page, "nurse-review")
        self.lumen.at("2026-12-01 09:41")
        page.get_by_role("link", name="Refer to physician").click()
        page.get_by_label("What you would look at").fill("The time of care, and whether therapy could go on.")
        picture(page, "nurse-refers", whole=True)
        page.get_by_role("button", name="Refer", exact=True).click()
        page.wait_for_url("**/review/")

    def deny(self):
        """The medical director opens the evidence, sees the letter, and signs."""
        self.lumen.at("2026-12-02 14:12")
        page = self.person("medical_director")
        page.goto(f"{self.screens.url}/decisions/")
        page.get_by_role("link", name=self.case.number).click()
        assert page.get_by_text("Deny, or approve less").count() == 0
        papers = page.get_by_role("navigation", name="Documents")
        papers.get_by_role("link", name="log.png").click()
        papers.get_by_role("link", name="film.pdf").click()
        page.get_by_text("Deny, or approve less").wait_for()
        page.evaluate("window.scrollTo(0, 0)")
        picture(page, "physician-decision")
        self.lumen.at("2026-12-02 14:20")
        page.get_by_text("Deny, or approve less").click()
        page.get_by_label("Why not, in plain words").fill(GAP)
        page.locator("[id='answer-3a']").fill(NOT_MET)
        page.locator("[id='answer-3b']").fill(UNKNOWN)
        page.get_by_role("button", name="See the letter").click()
        page.locator("#letter").get_by_text("weeks").first.wait_for()
        page.locator("#deny").evaluate("node => window.scrollTo(0, node.getBoundingClientRect().top + scrollY - 70)")
        picture(page, "physician-denial", here=True)
        page.get_by_role("button", name="Sign the denial").click()
        page.wait_for_url("**/decided/**")
        self.lumen.work()

    def read_letter(self):
        """The member opens the denial."""
        page = self.person("member")
        letter = Notice.objects.get(case=self.case, audience="member", kind="denial")
        page.goto(f"{self.screens.url}/letters/{letter.public_id}/")
        assert GAP in page.inner_text("body")
        picture(page, "letter-denial", whole=True)

    def talk(self):
        """The practice books, the physicians talk, the note arrives."""
        self.lumen.at("2026-12-03 08:15")
        office = self.person("provider_staff")
        office.goto(f"{self.screens.url}/requests/{self.case.public_id}/")
        office.get_by_role("link", name="Book a time").click()
        office.get_by_role("radio", name="Dec 4, 2026, 7:40 AM ET, 10 min Dr. Omar Farouk").check()
        office.get_by_label("Who will take the call").fill(self.knee.surgeon_name)
        office.get_by_label("Number we call").fill("1-555-0200")
        picture(office, "provider-books", whole=True)
        office.get_by_role("button", name="Book this time").click()
        office.get_by_text("A talk between doctors is booked").wait_for()
        self.lumen.at("2026-12-04 07:50")
        page = self.person("orthopaedist")
        page.goto(f"{self.screens.url}/conversations/")
        page.get_by_role("link", name=self.case.number).click()
        page.get_by_label("From").fill("2026-12-04T07:41")
        page.get_by_label("To", exact=True).fill("2026-12-04T07:49")
        page.get_by_label("Outcome").select_option("new information")
        page.get_by_label("What was said").fill(SAID)
        picture(page, "conversation", whole=True)
        page.get_by_role("button", name="Record the conversation").click()
        page.wait_for_url("**/decisions/**")
        self.lumen.at("2026-12-04 07:52")
        office.reload()
        office.get_by_text("Add a paper").click()
        note = {"name": "note.pdf", "mimeType": "application/pdf", "buffer": conversation_note(self.knee)}
        office.get_by_label("File").set_input_files([note])
        office.get_by_label("What it is").select_option("therapy-discharge-note")
        office.get_by_label("Title").fill("Note of the surgeon")
        office.get_by_role("button", name="Add this file").click()
        office.get_by_role("link", name="Note of the surgeon").wait_for()

    def overturn(self):
        """The orthopaedist reads the note, finds the criterion met, and changes the decision."""
        self.lumen.at("2026-12-04 07:56")
        page = self.person("orthopaedist")
        page.goto(f"{self.screens.url}/review/{self.line.public_id}/")
        page.get_by_role("navigation", name="Documents").get_by_role("link", name="Note of the surgeon").click()
        node = page.locator("[id='node-3b']")
        node.locator("details summary").click()
        node.get_by_label("What shows it").fill(SAID)
        node.get_by_role("button", name="Met", exact=True).click()
        page.wait_for_load_state()
        self.lumen.at("2026-12-04 07:58")
        page.goto(f"{self.screens.url}/decisions/{self.line.public_id}/")
        page.get_by_label("What changed since the decision").select_option("peer_to_peer")
        picture(page, "physician-overturns", whole=True)
        page.get_by_role("button", name="Change to approved").click()
        page.wait_for_url("**/decided/**")
        picture(page, "decided")
        self.lumen.work()
        page.goto(f"{self.screens.url}/cases/{self.case.public_id}/")
        assert "Overturned" in page.inner_text("main")
        picture(page, "case-overturned", whole=True)


def test_the_knee_replacement_from_the_first_key_to_the_overturned_denial(lumen, screens):
    story = Story(lumen, screens)
    story.begin_and_close_the_browser()
    story.go_on_and_send()
    assert story.line.status == LineStatus.PENDED_WITH_PROVIDER
    assert "knee replacement" in story.member_reads("member-waiting")
    story.answer()
    story.review()
    story.deny()
    story.read_letter()
    assert "no" in story.member_reads("member-page").lower()
    story.talk()
    story.overturn()
    decisions = Determination.objects.filter(line=story.line).order_by("decided_at")
    assert [(each.outcome, each.decided_by.name, each.decided_at) for each in decisions] == [
        (LineStatus.DENIED, "Dr. Grace Lin", plan_time("2026-12-02 14:20")),
        (LineStatus.APPROVED, "Dr. Omar Farouk", plan_time("2026-12-04 07:58")),
    ]
    decide = Clock.objects.get(case=story.case, rule="insured.decide.preservice")
    assert (decide.due_at, decide.stopped_at, decide.state) == (
        plan_time("2026-12-30 23:59:59"), plan_time("2026-12-02 14:20"), "met",
    )  # fmt: skip
    kinds = set(Notice.objects.filter(case=story.case).values_list("kind", flat=True))
    assert kinds == {"information-request", "denial", "overturn"}
    assert screens.complaints == []
    assert audit_is_intact()
