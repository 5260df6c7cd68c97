"""The registration pages in Chromium: sound in both themes, at both widths, and usable to the end."""

from pathlib import Path

import pytest

from openum.db import clock
from tests import world as worlds
from tests.identity.conftest import Town
from tests.identity.signing import ec_key, public_keys
from tests.pages.test_browser import CHROMIUM, VIEWS, chromium, faults_of, page_of
from tests.threads import in_own_thread

__all__ = ["chromium"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Chromium: install it, or name it in OPENUM_CHROMIUM"),
]


@pytest.fixture
def town(transactional_db, at):
    """The town, with a registration that waits."""

    def make():
        clock.set_demo_clock(at)
        town = Town(None, worlds.fresh(), at)
        town.waiting = town.register(
            "Bayline record system, production", keys=public_keys(ec_key()), issuer="https://ehr.example/fhir"
        )
        return town

    return in_own_thread(make)


def test_the_pages_have_no_fault_in_either_theme_and_width(chromium, live_server, town):
    places = {
        "integrator": ["/connections/", "/connections/new/", f"/connections/{town.client.public_id}/"],
        "director": ["/connections/", f"/connections/{town.waiting.public_id}/"],
    }
    found: dict[str, list[str]] = {}
    for scheme, width in VIEWS:
        for who, addresses in places.items():
            problems: list[str] = []
            page = page_of(chromium, live_server, getattr(town, who), scheme=scheme, width=width, problems=problems)
            for address in addresses:
                page.goto(live_server.url + address)
                if faults := faults_of(page) + problems:
                    found[f"{address} {scheme} {width}"] = faults
            page.context.close()
    assert found == {}


def test_a_system_is_registered_and_its_private_key_is_shown_once(chromium, live_server, town):
    problems: list[str] = []
    page = page_of(chromium, live_server, town.integrator, scheme="light", width=390, problems=problems)
    page.goto(f"{live_server.url}/connections/")
    page.get_by_role("link", name="Register a system").click()
    page.get_by_label("Name of the system").fill("Test bench")
    page.get_by_label("Make a pair for me").check()
    page.get_by_role("button", name="Register", exact=True).click()
    page.get_by_text("This is shown once").wait_for()
    assert "PRIVATE KEY" in page.get_by_label("As PEM").inner_text()
    assert faults_of(page) == []
    page.get_by_role("link", name="I have copied it").click()
    page.get_by_role("heading", name="Test bench").wait_for()
    assert page.get_by_text("PRIVATE KEY").count() == 0
    assert faults_of(page) == []
    assert problems == []
    page.context.close()
