"""The pages of calls, seals and proofs in Chromium; and a passkey with its own virtual device."""

from pathlib import Path

import pytest

from openum.accounts.models import Passkey
from openum.accounts.services import register_person
from openum.callers.rules import Fact
from openum.callers.services import Said, begin_call, note_in_call
from openum.cases.models import Case
from openum.cases.services import break_seal
from openum.db import clock
from openum.submission.incoming import IncomingDiagnosis
from openum.vocabulary.terms import Role
from tests import world as worlds
from tests.pages.test_browser import CHROMIUM, chromium, faults_of, page_of  # noqa: F401  a fixture of the module
from tests.threads import in_own_thread
from tests.world import ICD10, knee_request, send

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Chromium"),
]
PASSWORD = "a long test pass phrase"


@pytest.fixture
def world(transactional_db, at):
    def make():
        clock.set_demo_clock(at)
        return worlds.fresh()

    return in_own_thread(make)


def sign_in(page, url):
    page.goto(f"{url}/sign-in/")
    page.get_by_label("E-mail address").fill("nurse@test.invalid")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def test_a_passkey_is_made_and_used_by_keyboard(chromium, live_server, world):  # noqa: F811
    problems: list[str] = []
    context = chromium.new_context(locale="en-US")
    page = context.new_page()
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    url = live_server.url.replace("127.0.0.1", "localhost")
    sign_in(page, url)
    page.wait_for_url("**/review/")
    page.goto(f"{url}/my-account/proofs/")
    assert faults_of(page) == []
    page.get_by_label("A name for it").fill("my phone")
    page.keyboard.press("Enter")
    page.get_by_text("Your recovery codes").wait_for()
    assert faults_of(page) == []
    in_own_thread(lambda: Passkey.objects.get(name="my phone"))
    page.context.clear_cookies()
    sign_in(page, url)
    page.get_by_role("button", name="Use my passkey").wait_for()
    assert faults_of(page) == []
    page.get_by_role("button", name="Use my passkey").press("Enter")
    page.wait_for_url("**/review/")
    assert problems == []
    context.close()


@pytest.fixture
def town(transactional_db, at):
    """A verified call, a sealed case, a broken seal, and who sees each."""

    def make():
        clock.set_demo_clock(at)
        world = worlds.fresh()
        drinks = (IncomingDiagnosis(sequence=1, system=ICD10, code="F10.20"),)
        sealed = send(world, knee_request(world, at=at, diagnoses=drinks), at=at).case
        send(world, knee_request(world, at=at), at=at)
        people = {
            role: register_person(
                email=f"{role}@test.invalid", name=str(role).title(), password=None, roles=[(role, world.plan, None)]
            )
            for role in (Role.SERVICE_REPRESENTATIVE, Role.DIRECTOR, Role.AUDITOR)
        }
        voice = people[Role.SERVICE_REPRESENTATIVE]
        said = Said(facts={Fact.MEMBER_NUMBER: "C-1", Fact.NAME: "Rose Alder"})
        call = begin_call(plan=world.plan, said=said, by=voice, at=at)
        note_in_call(call=call, words="Asked when the answer comes.", by=voice, at=at)
        case = Case.objects.get(pk=sealed.pk)
        break_seal(case=case, reason="The lawyer asks for the file, request 12.", by=people[Role.AUDITOR], at=at)
        return {
            voice: ["/calls/", f"/calls/{call.public_id}/"],
            people[Role.DIRECTOR]: [
                "/cases/", f"/cases/{sealed.public_id}/seal/", "/broken-seals/", "/sign-in/rules/", "/my-account/proofs/",
            ],
        }  # fmt: skip

    return in_own_thread(make)


def test_the_pages_have_no_fault_in_either_theme_and_any_width(chromium, live_server, town):  # noqa: F811
    found: dict[str, list[str]] = {}
    for scheme, width in [("light", 1440), ("dark", 1024), ("light", 390), ("dark", 390)]:
        for user, addresses in town.items():
            problems: list[str] = []
            page = page_of(chromium, live_server, user, scheme=scheme, width=width, problems=problems)
            for address in addresses:
                page.goto(live_server.url + address)
                if faults := faults_of(page) + problems:
                    found[f"{address} {scheme} {width}"] = faults
                problems.clear()
            page.context.close()
    assert found == {}
