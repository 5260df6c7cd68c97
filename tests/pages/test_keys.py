"""By keyboard alone: words are linked by the number of a criterion, keys are chosen anew, a lost network loses nothing."""

from openum.criteria.models import EvidenceLink
from tests.pages.test_browser import chromium, page_of, pytestmark, town  # noqa: F401
from tests.threads import in_own_thread

SELECT = (
    "() => { const text = document.querySelector('[data-page]').firstChild; const range = document.createRange();"
    " range.setStart(text, 0); range.setEnd(text, 10); getSelection().removeAllRanges(); getSelection().addRange(range) }"
)


def test_words_are_linked_by_one_key_and_a_criterion_is_answered_by_another(chromium, live_server, town):  # noqa: F811
    problems: list[str] = []
    page = page_of(chromium, live_server, town.world.nurse, scheme="light", width=1440, problems=problems)
    page.goto(f"{live_server.url}/review/{town.waiting.lines.get().public_id}/")
    page.evaluate(SELECT)
    page.wait_for_function("document.querySelector('#link-quote').value === 'KL grade 4'")
    page.keyboard.press("2")
    page.wait_for_url("**#node-2")
    assert page.locator("#node-2 q").inner_text() == "KL grade 4"
    assert in_own_thread(lambda: EvidenceLink.objects.filter(leaf="2", quote="KL grade 4").count()) == 1
    page.keyboard.press("3")
    page.keyboard.press("b")
    assert page.evaluate("document.activeElement.id") == "node-3b"
    page.keyboard.press("u")
    assert page.evaluate("document.activeElement.value") == "unknown"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert problems == []
    page.context.close()


def test_keys_are_chosen_anew_and_a_lost_network_keeps_the_form(chromium, live_server, town):  # noqa: F811
    problems: list[str] = []
    page = page_of(chromium, live_server, town.world.nurse, scheme="light", width=1440, problems=problems)
    line = town.waiting.lines.get()
    page.goto(f"{live_server.url}/review/{line.public_id}/")
    page.keyboard.press("?")
    page.get_by_label("Refer to physician", exact=True).fill("r")
    page.keyboard.press("Tab")
    page.get_by_text("Kept in this browser.").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.wait_for_url("**/refer/")
    words = page.get_by_label("The situation in a paragraph")
    words.fill("Therapy seven weeks.")
    page.locator(".saved", has_text="Saved 13:0").wait_for()
    page.context.set_offline(True)
    page.get_by_role("button", name="Refer", exact=True).press("Enter")
    page.get_by_text("There is no connection.").wait_for()
    assert words.input_value() == "Therapy seven weeks."
    page.context.set_offline(False)
    page.get_by_text("There is no connection.").wait_for(state="hidden")
    page.get_by_role("button", name="Refer", exact=True).press("Enter")
    page.wait_for_url("**/review/")
    page.go_back()
    with page.expect_response("**/refer/") as told:
        page.get_by_role("button", name="Refer", exact=True).press("Enter")
    assert told.value.status == 409  # the line waits for a physician now: nothing is sent twice
    assert [each for each in problems if "409" not in each and "422" not in each] == []
    page.context.close()
