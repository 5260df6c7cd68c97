"""How soon a page can be used in Chromium, with nothing in its cache: from the asking to the end of the page's scripts."""

import os
import re
from collections.abc import Mapping, Sequence

CHROMIUM = os.environ.get("OPENUM_CHROMIUM", "/usr/bin/chromium")
BUDGET_MS = 1000
_ENDED = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


def times_to_interactive(
    cookies: Mapping[str, str],
    *,
    flows: Mapping[str, Sequence[str]],
    lists: Mapping[str, str],
    port: int,
    rounds: int,
) -> dict[str, list[float]]:
    """Open each page of each role in a browser of its own and return milliseconds by kind of page.

    Args:
        cookies: the signed-in session of each role, as a Cookie header.
        flows: what a role opens, in turn; `*` is a row of the page that lists them.
        lists: which page lists the rows of a kind.
        rounds: how often each page is opened.
    """
    from playwright.sync_api import sync_playwright

    address, found = f"http://127.0.0.1:{port}", dict[str, list[float]]()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for role, cookie in cookies.items():
            signed_in = [
                {"name": name, "value": value, "url": address}
                for name, _, value in (part.partition("=") for part in cookie.split("; "))
            ]
            rows: dict[str, list[str]] = {}
            for turn in range(rounds):
                for page in dict.fromkeys(flows[role]):
                    if page in lists and not rows.get(page):
                        continue
                    context = browser.new_context()
                    context.add_cookies(signed_in)  # type: ignore[arg-type]
                    tab = context.new_page()
                    tab.goto(address + (rows[page][turn % len(rows[page])] if page in lists else page))
                    found.setdefault(page, []).append(float(tab.evaluate(_ENDED)))
                    text = tab.content()
                    context.close()
                    for kind, holder in lists.items():
                        if page in {holder, kind}:
                            rows[kind] = re.findall(rf'href="({holder}[0-9a-f-]{{36}}/)"', text) or rows.get(kind, [])
        browser.close()
    return found
