"""People at real browsers, without a mouse: Chromium contexts, one for each person, whose complaints are collected."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from samples.people import PASSWORD
from tests.journeys.browser import keyboard

CHROMIUM = os.environ.get("OPENUM_CHROMIUM", "/usr/bin/chromium")
PICTURES = Path(__file__).resolve().parents[3] / "docs" / "screenshots"
TAKES_PICTURES = os.environ.get("OPENUM_SCREENSHOTS") == "1"
MARKS = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Chromium: install it, or name it in OPENUM_CHROMIUM"),
]


@dataclass
class Screens:
    """The browsers of a journey."""

    chromium: Any
    url: str
    complaints: list[str] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)

    def sign_in(self, email: str) -> Any:
        """Open a fresh browser, as after a restart, and sign in."""
        context = self.chromium.new_context(
            viewport={"width": 1440, "height": 900}, locale="en-US", timezone_id="America/New_York"
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", self._hear)
        page.on("filechooser", lambda _chooser: None)  # heard from the first, so that no window for files is missed
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.goto(f"{self.url}/sign-in/")
        keyboard.write(page.get_by_label("E-mail address"), email)
        keyboard.write(page.get_by_label("Password"), PASSWORD)
        keyboard.follow(page, page.get_by_role("button", name="Sign in"))
        assert "/sign-in/" not in page.url
        return page

    def _hear(self, message: Any) -> None:
        address = str(message.location.get("url", ""))
        if address.endswith("/favicon.ico"):  # a paper shown by itself names no icon, and the browser asks for one
            return
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{address}: {message.text}")

    def close(self) -> None:
        """Close every browser."""
        for context in self.contexts:
            context.close()


def picture(page: Any, name: str, *, whole: bool = False, here: bool = False) -> None:
    """Keep a picture for the documentation, only when asked for: of the top, the whole page, or what is in view."""
    if TAKES_PICTURES:
        PICTURES.mkdir(parents=True, exist_ok=True)
        if not here:
            page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)
