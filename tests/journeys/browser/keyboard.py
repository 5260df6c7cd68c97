"""Work at a browser by keyboard alone: every control is reached with Tab and filled or taken with keys."""

from collections.abc import Sequence
from typing import Any

_PATIENCE = 60
"""So many approaches to a control before it counts as one that Tab does not reach."""

_IN_PARTS = ("date", "datetime-local", "time")
"""Fields in which Tab goes from the month to the day, the year and the calendar."""

_STOPS_BETWEEN = """node => {
    const here = document.activeElement;
    if (here === node) return 0;
    const sameGroup = node.type === "radio" && here.type === "radio" && here.name === node.name && here.form === node.form;
    if (sameGroup) return 0;
    const kinds = "a[href], button, input, select, textarea, summary, iframe, [tabindex]";
    const stops = [...document.querySelectorAll(kinds)].filter(
        (each) => each.tabIndex >= 0 && !each.disabled && each.type !== "hidden" && each.checkVisibility());
    const from = stops.indexOf(here), to = stops.indexOf(node);
    if (to < 0) return null;
    return from < 0 ? to + 1 : to - from;
}"""
"""The stops of Tab between where one is and a control; at most, as a group of radio buttons is one stop."""


def reach(control: Any) -> None:
    """Press Tab, or Shift and Tab, until a control has the focus; for a radio button, until its group has it."""
    page, key = control.page, "Tab"
    for _ in range(_PATIENCE):
        stops = control.evaluate(_STOPS_BETWEEN)
        assert stops is not None, f"{control} is hidden, disabled or no stop of Tab"
        if stops == 0:
            break
        key = "Tab" if stops > 0 else "Shift+Tab"
        for _ in range(max(1, abs(stops) // 2)):
            page.keyboard.press(key)
    else:
        raise AssertionError(f"Tab does not reach {control}")
    if key == "Shift+Tab" and control.get_attribute("type") in _IN_PARTS:  # back to its first part
        while control.evaluate("node => node === document.activeElement"):
            page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")


def press(control: Any, key: str = "Enter") -> None:
    """Reach a link, a button or the head of a disclosure, and press it."""
    reach(control)
    control.page.keyboard.press(key)


def follow(page: Any, control: Any, to: str = "**") -> None:
    """Press what leads to another page and wait until that page is there, so that nothing is read of half a page."""
    reach(control)
    with page.expect_navigation(url=to):
        page.keyboard.press("Enter")


def write(control: Any, text: str) -> None:
    """Reach a field and type over what stands in it; a day as 2026-08-19, a time as 17:48, a moment as 2026-08-19T07:40."""
    reach(control)
    keyboard = control.page.keyboard
    kind = control.get_attribute("type")
    if kind in _IN_PARTS:
        day, _, time = text.partition("T") if kind != "time" else ("", "", text)
        if day:
            year, month, number = day.split("-")
            keyboard.type(f"{month}{number}{year}")
        if day and time:
            keyboard.press("ArrowRight")
        if time:
            hour, minute = time.split(":")
            keyboard.type(f"{int(hour) % 12 or 12:02}{minute}{'AM' if int(hour) < 12 else 'PM'}")
        assert control.input_value() == text, f"{control} holds {control.input_value()} after {text} was typed"
        return
    keyboard.press("Control+A")
    keyboard.type(text)


def tick(control: Any) -> None:
    """Reach a check box and tick it, or a group of radio buttons and choose one with the arrows."""
    reach(control)
    keyboard = control.page.keyboard
    for _ in range(_PATIENCE):
        if control.is_checked():
            return
        has_focus = control.evaluate("node => node === document.activeElement")
        keyboard.press("Space" if has_focus else "ArrowDown")
    raise AssertionError(f"no key chooses {control}")


def choose(control: Any, option: str) -> None:
    """Reach a list and go down to an option, named by its value or its words."""
    reach(control)
    place = control.evaluate(
        """(node, sought) => [...node.options].filter((each) => !each.disabled).findIndex(
            (each) => each.value === sought || each.label.trim() === sought)""",
        option,
    )
    assert place >= 0, f"{control} offers no {option}"
    control.page.keyboard.press("Home")
    for _ in range(place):
        control.page.keyboard.press("ArrowDown")
    assert option in control.evaluate("node => [node.value, node.selectedOptions[0].label.trim()]")


def attach(control: Any, files: Sequence[Any]) -> None:
    """Reach a field for files and choose some in the window that Enter opens."""
    reach(control)
    with control.page.expect_file_chooser() as chosen:
        control.page.keyboard.press("Enter")
    chosen.value.set_files(list(files))
