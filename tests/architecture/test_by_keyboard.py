"""The stories told in a browser use no mouse and reach nothing past the keyboard."""

import re
from pathlib import Path

JOURNEYS = Path(__file__).resolve().parents[1] / "journeys" / "browser"
PAST_THE_KEYBOARD = re.compile(
    r"\.(click|dblclick|tap|check|uncheck|set_checked|select_option|set_input_files|drag_to|focus|mouse)\b"
    r"|(?<!self)\.fill\(|(?<!keyboard)\.(press|type)\("
)


def test_no_journey_goes_past_the_keyboard():
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted(JOURNEYS.glob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if PAST_THE_KEYBOARD.search(line)
    ]
    assert found == []


def test_the_rule_knows_a_mouse_when_it_sees_one():
    assert PAST_THE_KEYBOARD.search('page.get_by_role("button").click()')
    assert PAST_THE_KEYBOARD.search('page.locator("#code").fill("E1390")')
    assert not PAST_THE_KEYBOARD.search('page.keyboard.press("Tab")')
    assert not PAST_THE_KEYBOARD.search('self.fill(page, "line1-units")')
