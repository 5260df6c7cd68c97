"""The lumbar MRI in Chromium: a bundle is posted, and everybody sees on their pages why it was approved."""

import urllib.request

import orjson

from openum.cases.models import Case
from openum.determination.models import Authorization
from openum.notices.models import Notice
from samples.bundles import LumbarRequest, lumbar_mri_bundle
from tests.journeys import lumen as worlds
from tests.journeys.browser.keyboard import follow
from tests.journeys.browser.screen import MARKS, picture
from tests.journeys.lumen import audit_is_intact
from tests.threads import in_own_thread

pytestmark = MARKS


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
    with nurse.expect_navigation():
        nurse.keyboard.press("Enter")
    nurse.get_by_text(number).first.wait_for()
    text = nurse.inner_text("main")
    for words in ("AA-014 v3", "LBP-MRI v2026.2", "OpenUM rules engine", "Mensah Osei", number):
        assert words in text, words
    picture(nurse, "case-approved-by-rule", whole=True)

    member = screens.sign_in(email)
    follow(member, member.get_by_role("link", name="See this request").first)
    assert "approved" in member.inner_text("main").lower() or "said yes" in member.inner_text("main").lower()
    picture(member, "member-approved", whole=True)
    letter = Notice.objects.get(case=case, audience="member")
    member.goto(f"{screens.url}/letters/{letter.public_id}/")
    assert "We said yes to your request" in member.inner_text("body")
    picture(member, "letter-approval", whole=True)
    assert screens.complaints == []
    assert audit_is_intact()
