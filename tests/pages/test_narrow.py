"""400 % zoom: at 320 pixels nothing is wider than the screen, on any page; and each page is light on a cold cache."""

import gzip

import pytest

from openum.accounts.services import register_person
from openum.vocabulary.terms import Role
from tests.pages.test_browser import chromium, page_of, places, pytestmark, town  # noqa: F401
from tests.threads import in_own_thread

MOST_BYTES = 300_000


@pytest.fixture
def pages(town):  # noqa: F811
    """Who sees which addresses."""

    def make():
        director = register_person(
            email="d@test.invalid", name="Director", password=None, roles=[(Role.DIRECTOR, town.world.plan, None)]
        )
        found = {town.user(who): urls for who, urls in places(town).items()}
        found[director] = ["/command/", "/command/came/", "/deadlines/", "/desk/queues/", "/broken-seals/"]
        return found

    return in_own_thread(make)


def test_no_page_is_wider_than_320_pixels_or_heavier_than_it_may_be(chromium, live_server, pages):  # noqa: F811
    wide, heavy = [], []
    for user, addresses in pages.items():
        page = page_of(chromium, live_server, user, scheme="light", width=320, problems=[])
        sizes: list[int] = []
        page.on("requestfinished", lambda asked, sizes=sizes: sizes.append(_compressed(asked)))
        for address in addresses:
            sizes.clear()
            page.goto(live_server.url + address, wait_until="load")
            if page.evaluate("document.documentElement.scrollWidth - window.innerWidth") > 0:
                wide.append(address)
            if sum(sizes) > MOST_BYTES:
                heavy.append(f"{address}: {sum(sizes)}")
        page.context.close()
    assert (wide, heavy) == ([], [])


def _compressed(asked) -> int:
    answer = asked.response()
    return len(gzip.compress(answer.body())) if answer is not None and answer.status == 200 else 0
