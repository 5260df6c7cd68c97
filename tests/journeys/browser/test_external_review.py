"""D6 in Chromium by keyboard alone: the husband appeals, a new reviewer upholds, a body outside overturns, the care is approved."""

import pytest

from openum.appeals.models import Appeal
from openum.appeals.rules.states import AppealState
from openum.determination.models import Authorization, OverturnLesson
from openum.determination.queries import open_leaves
from openum.notices.models import Notice
from openum.vocabulary.terms import LineStatus
from tests.journeys.browser.keyboard import attach, choose, follow, press, tick, write
from tests.journeys.browser.screen import MARKS, picture
from tests.journeys.lumen import audit_is_intact
from tests.journeys.raman import STILL, denied_line, prepare
from tests.threads import in_own_thread

pytestmark = MARKS


@pytest.fixture
def lumen(lumen):
    """The world on the morning of 3 August."""
    lumen.at("2026-08-03 08:00")
    return lumen


def file_appeal(page, paper):
    """From the page of the request to the appeal."""
    follow(page, page.get_by_role("link", name="Appeal:"), to="**/appeal/**")
    tick(page.get_by_label("I act for the member"))
    page.keyboard.press("Tab")
    page.keyboard.type("Arjun Raman")
    page.keyboard.press("Tab")
    page.keyboard.type("husband")
    page.keyboard.press("Tab")
    page.keyboard.type("Nothing else helps.")
    write(page.get_by_label("Day on which the member signed"), "2026-08-19")
    attach(page.get_by_label("The signed paper"), [paper])
    picture(page, "appeal-one-tap", whole=True)
    follow(page, page.get_by_role("button", name="Appeal", exact=True), to="**/my/**")


def take_step(page, words, **fields):
    """Open a step of the coordinator, fill it and take it."""
    step = page.locator("details.more", has=page.locator("summary", has_text=words))
    press(step.locator("summary"))
    for name, text in fields.items():
        field = step.locator(f"[name='{name}']")
        if field.evaluate("node => node.tagName") == "SELECT":
            choose(field, text)
        elif field.get_attribute("type") == "checkbox":
            tick(field)
        else:
            write(field, text)
    follow(page, step.get_by_role("button", name=words))


def test_denied_appealed_upheld_and_overturned_outside(lumen, screens, tmp_path):
    amadi, member = in_own_thread(prepare, lumen)
    line = in_own_thread(denied_line, lumen)
    home = f"{screens.url}/my/{line.case.public_id}/"
    paper = tmp_path / "form.txt"
    paper.write_text("I name my husband.", encoding="utf-8")

    lumen.at("2026-08-20 11:00")
    page = screens.sign_in(member)
    page.goto(home)
    file_appeal(page, paper)
    lumen.work()
    appeal = Appeal.objects.get()
    assert (appeal.filer, appeal.filer_name, appeal.filer_relationship) == ("representative", "Arjun Raman", "husband")

    lumen.at("2026-08-24 09:00")
    desk = screens.sign_in(lumen.email("appeals"))
    desk.goto(f"{screens.url}/appeals/{appeal.public_id}/")
    director = lumen.user("medical_director")
    assert desk.locator(f"#reviewer-{director.public_id}").is_disabled()
    tick(desk.locator(f"#reviewer-{amadi.public_id}"))
    picture(desk, "appeal-reviewers", whole=True)
    follow(desk, desk.get_by_role("button", name="Assign", exact=True))

    lumen.at("2026-09-11 15:00")
    reviewer = screens.sign_in(amadi.email)
    decide = f"{screens.url}/appeals/{appeal.public_id}/decide/"
    reviewer.goto(decide)
    for title in reviewer.locator("form[action*='/documents/'] button").all_inner_texts():
        follow(reviewer, reviewer.get_by_role("button", name=title, exact=True))
        reviewer.goto(decide)
    assert reviewer.get_by_text("not opened yet").count() == 0
    tick(reviewer.get_by_label("Uphold"))
    write(reviewer.get_by_label("Why, in plain words"), STILL)
    for key in open_leaves(line):
        write(reviewer.locator(f"[id='answer-{key}']"), "BMI 36.1 in the record.")
    tick(reviewer.locator("[name='attests']"))
    picture(reviewer, "appeal-verdict", whole=True)
    follow(reviewer, reviewer.get_by_role("button", name="Sign the decision"))
    lumen.work()

    lumen.at("2026-10-02 10:00")
    page = screens.sign_in(member)
    page.goto(home)
    follow(page, page.get_by_role("button", name="Ask for a review by people who do not work for the plan"))
    lumen.work()
    outside = Appeal.objects.get(follows=appeal)

    desk = screens.sign_in(lumen.email("appeals"))
    desk.goto(f"{screens.url}/appeals/{outside.public_id}/")
    lumen.at("2026-10-07 16:00")
    take_step(desk, "End the preliminary review", result="complete", is_assigned_later="on")
    lumen.at("2026-10-08 09:00")
    follow(desk, desk.get_by_role("button", name="Assign an organization by rotation"))
    desk.get_by_text("Alder Independent Review").first.wait_for()
    lumen.work()
    lumen.at("2026-10-14 09:00")
    desk = screens.sign_in(lumen.email("appeals"))
    desk.goto(f"{screens.url}/appeals/{outside.public_id}/")
    follow(desk, desk.get_by_role("button", name="Seal and send the file"))
    assert desk.locator(".errors").all_inner_texts() == []
    lumen.work()
    lumen.at("2026-11-12 15:05")
    desk = screens.sign_in(lumen.email("appeals"))
    desk.goto(f"{screens.url}/appeals/{outside.public_id}/")
    take_step(
        desk, "Record the outside decision", outcome="overturned", reference="ALD-26-118",
        received_at="2026-11-12T14:30", rationale="The newer labelling admits a body mass index of up to 40.",
        cause_kind="node", cause_key="2", cause_words="The criterion is older than the labelling.",
    )  # fmt: skip
    picture(desk, "appeal-outside", whole=True)
    lumen.work()

    lumen.at("2026-11-12 18:00")
    page = screens.sign_in(member)
    page.goto(home)
    assert "The answer is now yes." in page.inner_text("main")
    picture(page, "member-external-review", whole=True)
    line.refresh_from_db()
    outside.refresh_from_db()
    assert (line.status, outside.state) == (LineStatus.APPROVED, AppealState.CLOSED)
    assert Authorization.objects.filter(line=line).count() == 1
    assert OverturnLesson.objects.get().key == "2"
    kinds = set(Notice.objects.filter(case=line.case, audience="member").values_list("kind", flat=True))
    assert kinds >= {"denial", "appeal-acknowledgement", "appeal-upheld", "external-review-checked", "appeal-sent-on"}
    assert screens.complaints == []
    assert audit_is_intact()
