"""Every page in Chromium: no accessibility fault, no breach of the content policy, nothing wider than the screen."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from openum.accounts.models import User
from openum.accounts.services import register_person
from openum.cases.models import Case
from openum.db import clock
from openum.determination.linking import token_of
from openum.determination.models import StatusLink
from openum.determination.services import make_status_link
from openum.directory.models import Policy
from openum.grievances.rules import About
from openum.grievances.services import Complained, answer_grievance, file_grievance
from openum.needs.models import Assertion
from openum.needs.queries import Question
from openum.needs.services import Asker, answer_person
from openum.notices.services import write_important_message
from openum.review.models import PeerToPeer, Review, UnsentForm
from openum.review.services import add_slot, offer_conversation, refer_to_physician
from openum.sampling.models import Sample
from openum.sampling.queries import Wanted
from openum.sampling.rules import Universe
from openum.sampling.services import draw_sample
from openum.submission.incoming import IncomingMember
from openum.submission.models import Draft, Submission
from openum.vocabulary.terms import Channel, Role
from tests import world as worlds
from tests.appeals.story import coordinator
from tests.threads import in_own_thread
from tests.world import World, knee_request, note, send

CHROMIUM = os.environ.get("OPENUM_CHROMIUM", "/usr/bin/chromium")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
REFUSED = {"/forms/launch/?iss=https://records.example/fhir&launch=l1": "422"}
MISSING = {"/not-here/": "404"}
"""Pages that come with a status that the console of a browser complains about."""
VIEWS = [("light", 1440), ("light", 390), ("dark", 1440), ("dark", 390)]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Chromium: install it, or name it in OPENUM_CHROMIUM"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    """One browser for the module. Its event loop lives in this thread, so Django must allow database work beside it."""
    from playwright.sync_api import sync_playwright

    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@dataclass
class Town:
    """The small world, and its cases in several states."""

    world: World
    waiting: Case
    members: Case
    referred: Case
    talk: PeerToPeer
    link: StatusLink
    sample: Sample

    def user(self, name: str) -> User:
        """The person of that name."""
        return self.sample.drawn_by if name == "auditor" else getattr(self.world, name)


@pytest.fixture
def town(transactional_db, at):
    """The small world with cases in several states."""
    return in_own_thread(make_town, at)


def make_town(at: datetime) -> Town:
    """Make the cases."""
    world = worlds.fresh()
    evidence = (note("Visit note", "KL grade 4 on standing film."),)
    waiting = send(world, knee_request(world, at=at, evidence=evidence), at=at).case
    members = send(world, knee_request(world, of=world.member, at=at), at=at).case
    write_important_message(line=members.lines.get(), admitted_at=at, by=world.nurse, at=at)
    referred = send(world, knee_request(world, of=world.erisa_member, at=at, evidence=evidence), at=at).case
    line = referred.lines.get()
    refer_to_physician(line=line, summary="Therapy seven weeks.", by=world.nurse, at=at, specialty="orthopaedics")
    talk = offer_conversation(line=line, how="before the decision", open_until=None, by=world.orthopaedist, at=at)
    add_slot(physician=world.orthopaedist, starts_at=at + timedelta(days=1), by=world.orthopaedist, at=at)
    unknown = IncomingMember(member_id="C-9", family="Nobody")
    send(world, knee_request(world, at=at, member=unknown), at=at)
    question = Question(
        plan=world.plan, product=world.medicare, member=world.member, services=(("CPT", "95806"),), on=at.date(),
        organization=world.practice,
    )  # fmt: skip
    answer_person(
        question=question, asker=Asker(user=world.provider, plan=world.plan, organization=world.practice), at=at
    )
    link = make_status_link(case=members, made_for="Ines", days=7, by=world.member_user, at=at)
    auditor = register_person(
        email="aude@example.test", name="Aude", password=None, roles=[(Role.AUDITOR, world.plan, None)]
    )
    complained = Complained(about=About.SERVICE, issue="Nobody called.", channel=Channel.PHONE, received_at=at)
    complaint = file_grievance(member=world.member, case=None, complained=complained, by=world.intake, at=at)
    answer_grievance(
        grievance=complaint, found="The call was lost.", done="We call you on Monday.", is_substantiated=True,
        by=coordinator(world), at=at,
    )  # fmt: skip
    wanted = Wanted(universe=Universe.COMPLAINTS, first_day=at.date(), last_day=at.date())
    sample = draw_sample(plan=world.plan, wanted=wanted, size=1, purpose="Yearly look.", by=auditor, at=at)
    clock.set_demo_clock(at + timedelta(hours=1))
    return Town(world, waiting, members, referred, talk, link, sample)


def page_of(chromium, live_server, user: User, *, scheme: str, width: int, problems: list[str]):
    """A page of a signed-in person that collects what the console complains about."""
    client = Client()
    client.force_login(user)
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-US")
    context.add_cookies(
        [{"name": name, "value": morsel.value, "url": live_server.url} for name, morsel in client.cookies.items()]
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("console", lambda message: problems.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return page


def faults_of(page) -> list[str]:
    """What axe finds, and whether something is wider than the screen.

    Seen from the top: where the last step scrolled to, the head that stays may cover half a button. A page in a tab of its
    own is judged when its style sheets are there.
    """
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_load_state("load")
    page.evaluate("window.scrollTo(0, 0)")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    faults = [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found.response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth - window.innerWidth") > 0:
        faults.append("wider than the screen")
    return faults


def places(town: Town) -> dict[str, list[str]]:
    """The addresses each person sees."""
    waiting, referred, members = town.waiting, town.referred, town.members
    line, other = waiting.lines.get(), referred.lines.get()
    submission = Submission.objects.get(case__isnull=True)
    question = waiting.information_requests.get()
    answer = Assertion.objects.get()
    return {
        "nurse": [
            "/review/", "/review/?view=waiting", f"/review/{line.public_id}/", f"/review/{line.public_id}/ask/",
            f"/review/{line.public_id}/refer/", f"/time/{waiting.requests.get().public_id}/", "/cases/", f"/cases/{waiting.public_id}/", "/capture/", "/style/",
            "/deadlines/", "/deadlines/hours/9/", "/deadlines/breaches/", f"/cases/{waiting.public_id}/flags/",
            "/letters/desk/", "/letters/desk/?view=all", "/letters/templates/",
            f"/letters/stay/{members.lines.get().public_id}/", "/safeguards/statement/", "/desk/", "/desk/hand-over/", "/desk/on-call/",
        ],
        "intake": [
            "/intake/", f"/intake/{submission.public_id}/", "/intake/moved/", "/capture/calls/",
            f"/intake/requests/{waiting.requests.get().public_id}/move/", f"/decisions/{line.public_id}/close/",
        ],
        "orthopaedist": [
            "/decisions/", "/readings/", f"/decisions/{other.public_id}/", f"/decisions/{other.public_id}/reopen/",
            f"/decisions/{other.public_id}/end/", f"/decisions/{other.public_id}/return/", "/conversations/",
            f"/conversations/{town.talk.public_id}/",
            "/conversations/calendar/", "/conversations/schedule/", f"/conversations/{town.talk.public_id}/arrange/",
        ],
        "physician": [
            "/sandbox/", "/safeguards/", "/safeguards/approvals/", "/safeguards/statement/", "/machines/", "/automation/", "/figures/", "/figures/check/", "/figures/operations/",
            "/figures/harbor/medicare_advantage/no%20contract%20number/2026/", "/public-metrics/",
            "/command/", "/command/with-plan/", "/command/due/", "/readings/rules/", "/figures/worth/", "/agreement/", "/figures/claims/", "/figures/snapshots/", "/attention/",
        ],
        "provider": [
            "/requests/", f"/requests/{waiting.public_id}/", f"/requests/questions/{question.public_id}/",
            f"/requests/conversations/{town.talk.public_id}/", "/requests/new/",
            f"/receipts/{waiting.submissions.get().public_id}/", "/needs/", f"/needs/{answer.public_id}/", "/forms/", *REFUSED,
        ],
        "auditor": [
            "/rules/", "/rules/?law=42%20CFR%20422.568", f"/rules/{Policy.objects.latest('pk').public_id}/", "/samples/", "/samples/new/", f"/samples/{town.sample.public_id}/", f"/samples/{town.sample.public_id}/files/1/",
        ],
        "member_user": [
            "/my/", f"/my/{town.members.public_id}/", f"/share/{town.members.public_id}/",
            f"/status/{token_of(town.link.public_id)}/", "/not-here/",
        ],
    }  # fmt: skip


@pytest.mark.parametrize("who", ["nurse", "intake", "orthopaedist", "physician", "provider", "auditor", "member_user"])
def test_pages_have_no_fault_in_either_theme_and_width(chromium, live_server, town, who):
    found: dict[str, list[str]] = {}
    for scheme, width in VIEWS:
        problems: list[str] = []
        page = page_of(chromium, live_server, town.user(who), scheme=scheme, width=width, problems=problems)
        for address in places(town)[who]:
            page.goto(live_server.url + address)
            faults = faults_of(page)
            faults += [each for each in problems if (REFUSED | MISSING).get(address, "no status") not in each]
            problems.clear()
            if faults:
                found[f"{address} {scheme} {width}"] = faults
        page.context.close()
    assert found == {}


def test_pages_print_without_controls_with_everything_opened_and_nothing_cut(chromium, live_server, town):
    problems: list[str] = []
    page = page_of(chromium, live_server, town.world.orthopaedist, scheme="dark", width=720, problems=problems)
    line = town.referred.lines.get()
    for address in (f"/cases/{town.referred.public_id}/", f"/decisions/{line.public_id}/", "/review/"):
        page.goto(live_server.url + address)
        page.emulate_media(media="print")
        assert page.locator("button:visible, input:visible, textarea:visible, kbd:visible").count() == 0, address
        closed = page.locator("details:not(.no-print):not(:has(form)) > :not(summary)")
        assert all(each.is_visible() for each in closed.all()), address
        assert page.get_by_text("saw it on").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, address
        wide = page.locator(".wide").all()
        assert all(each.evaluate("node => node.scrollWidth - node.clientWidth") <= 0 for each in wide), address
        page.emulate_media(media="screen")
    assert problems == []
    page.context.close()


def test_a_request_is_written_by_keyboard_and_every_field_is_saved_as_it_is_typed(chromium, live_server, town):
    problems: list[str] = []
    page = page_of(chromium, live_server, town.world.provider, scheme="light", width=1440, problems=problems)
    page.goto(live_server.url + "/requests/new/")
    page.get_by_role("button", name="Begin").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/patient/")
    page.get_by_label("Member number").focus()
    with page.expect_response("**/save/"):
        page.keyboard.insert_text("C-1")
    page.locator(".saved", has_text="Saved ").wait_for()
    assert Draft.objects.get().fields["member_number"] == "C-1"
    assert faults_of(page) == []
    assert problems == []
    page.context.close()


def cookies_of(user: User, url: str) -> list[dict[str, str]]:
    """The cookies of a new session."""
    client = Client()
    client.force_login(user)
    client.get("/review/")
    return [{"name": name, "value": morsel.value, "url": url} for name, morsel in client.cookies.items()]


def test_a_lost_session_loses_nothing_that_was_typed(chromium, live_server, town):
    problems: list[str] = []
    line = town.waiting.lines.get()
    page = page_of(chromium, live_server, town.world.nurse, scheme="light", width=1440, problems=problems)
    page.goto(f"{live_server.url}/review/{line.public_id}/refer/")
    words = page.get_by_label("The situation in a paragraph")
    with page.expect_response("**/unsent/refer/"):
        words.fill("Therapy seven weeks.")
    page.locator(".saved", has_text="Saved 13:0").wait_for()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    words.press_sequentially(" No reason given.", delay=5)
    page.locator(".saved", has_text="you are signed out").wait_for()
    page.get_by_role("button", name="Refer", exact=True).click()
    page.get_by_role("link", name="Sign in in a new tab").wait_for()
    assert page.url.endswith("/refer/")
    assert words.input_value() == "Therapy seven weeks. No reason given."
    page.context.add_cookies(cookies_of(town.world.nurse, live_server.url))
    page.get_by_role("button", name="Refer", exact=True).click()
    page.wait_for_url("**/review/")
    assert Review.objects.get(line=line).summary == "Therapy seven weeks. No reason given."
    assert not UnsentForm.objects.exists()
    assert [each for each in problems if "401" not in each] == []
    page.context.close()


def test_what_was_typed_in_a_closed_tab_is_there_again(chromium, live_server, town):
    problems: list[str] = []
    line = town.referred.lines.get()
    page = page_of(chromium, live_server, town.world.orthopaedist, scheme="light", width=1440, problems=problems)
    page.goto(f"{live_server.url}/decisions/{line.public_id}/")
    page.get_by_text("Intend to deny", exact=True).click()
    with page.expect_response("**/unsent/intend/"):
        page.get_by_label("What stands in the way").fill("Seven weeks only.")
    page.close()
    page = page_of(chromium, live_server, town.world.orthopaedist, scheme="light", width=390, problems=problems)
    page.goto(f"{live_server.url}/decisions/{line.public_id}/")
    assert page.get_by_label("What stands in the way").input_value() == "Seven weeks only."
    assert faults_of(page) == []
    assert problems == []
    page.context.close()


def test_selected_words_are_linked_to_a_criterion(chromium, live_server, town):
    problems: list[str] = []
    line = town.waiting.lines.get()
    page = page_of(chromium, live_server, town.world.nurse, scheme="light", width=1440, problems=problems)
    page.goto(f"{live_server.url}/review/{line.public_id}/")
    page.evaluate(
        "() => { const text = document.querySelector('[data-page]').firstChild; const range = document.createRange();"
        " range.setStart(text, 0); range.setEnd(text, 10); getSelection().removeAllRanges(); getSelection().addRange(range) }"
    )
    page.wait_for_function("document.querySelector('#link-quote').value === 'KL grade 4'")
    page.select_option("#link-leaf", "2")
    page.locator("form[data-link] button").click()
    page.wait_for_url("**#node-2")
    assert page.locator("#node-2 q").inner_text() == "KL grade 4"
    assert problems == []
    page.context.close()


def test_shortcuts_move_and_open_and_can_be_switched_off(chromium, live_server, town):
    problems: list[str] = []
    page = page_of(chromium, live_server, town.world.nurse, scheme="light", width=1440, problems=problems)
    page.goto(live_server.url + "/cases/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*-*/")
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/review/")
    page.keyboard.press("?")
    page.get_by_label("Switch shortcuts off").check()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("c")
    assert page.url.endswith("/review/")
    assert problems == []
    page.context.close()


def test_a_physician_sees_the_letter_before_signing(chromium, live_server, town):
    problems: list[str] = []
    line = town.referred.lines.get()
    attachment = line.case.attachments.get(kind="document")
    page = page_of(chromium, live_server, town.world.orthopaedist, scheme="light", width=1440, problems=problems)
    page.goto(f"{live_server.url}/decisions/{line.public_id}/?document={attachment.public_id}")
    page.locator("#deny summary").first.click()
    page.locator("#deny [name=rationale]").fill("The record does not show twelve weeks of care without surgery.")
    page.get_by_role("button", name="See the letter").click()
    page.locator("#letter", has_text="The record does not show twelve weeks").wait_for()
    assert problems == []
    assert PeerToPeer.objects.count() == 1
    assert Case.objects.get(pk=line.case_id).is_open
    page.context.close()


def test_another_service_is_certified_where_the_requester_accepts_it(chromium, live_server, town):
    line = town.referred.lines.get()
    for scheme, width in VIEWS:
        problems: list[str] = []
        page = page_of(chromium, live_server, town.world.orthopaedist, scheme=scheme, width=width, problems=problems)
        page.goto(f"{live_server.url}/decisions/{line.public_id}/")
        page.locator("#alternative").evaluate("box => { box.open = true }")  # open already where something is kept
        page.locator("#alternative [name=code]").fill("27447")
        page.locator("#alternative [name=accepted_by]").fill("Sam Surgeon")
        page.locator("#alternative [name=rationale]").fill("One compartment is affected.")
        page.get_by_role("button", name="Certify this service instead").click()
        page.locator("#alternative .errors", has_text="Name another service").wait_for()
        assert faults_of(page) == []
        assert [each for each in problems if "422" not in each] == []
        if width == VIEWS[-1][1] and scheme == VIEWS[-1][0]:
            page.locator("#alternative [name=code]").fill("27446")
            page.get_by_role("button", name="Certify this service instead").click()
            page.get_by_text("Certified in its place").wait_for()
        page.context.close()
