"""One Chromium for the module; a world and browsers for each test."""

from functools import partial

import pytest

from tests.journeys import lumen as worlds
from tests.journeys.browser.screen import CHROMIUM, TAKES_PICTURES, Screens
from tests.threads import in_own_thread


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


@pytest.fixture
def lumen(transactional_db, monkeypatch):
    """The world; for pictures the larger one, with earlier cases and the open work of today."""
    worlds.hold_time(monkeypatch)
    lumen = in_own_thread(worlds.build_with_earlier_cases if TAKES_PICTURES else worlds.build)
    for name in ("work", "open_time"):
        monkeypatch.setattr(lumen, name, partial(in_own_thread, getattr(lumen, name)))
    return lumen


@pytest.fixture
def screens(chromium, live_server, lumen):
    """Browsers for people."""
    screens = Screens(chromium, live_server.url)
    yield screens
    screens.close()
