"""Every address of the server, asked in odd ways by everybody: whatever is sent, no answer is a 5xx."""

from random import Random

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

pytestmark = pytest.mark.django_db

ROUNDS = 3
"""Odd requests to each address in one run of the tests."""

METHODS = ("GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
CONTENT_TYPES = (
    "application/json", "application/fhir+json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "multipart/form-data", "text/plain", "application/xml", "", "a/b; charset=nonsense", "application/json; charset=utf-16",
)  # fmt: skip
BODIES = (
    b"", b"{}", b"[]", b"null", b"\xff\xfe", b"a=1&b[]=2", b'{"resourceType":"Bundle","entry":[]}', b"--x\r\n\r\n--x--",
    b'{"a":' * 500, b"[" * 5000, b'{"resourceType":"Subscription"}', b"%", b"a=%00&at=9999-99-99&page=-1", b"\x00" * 100,
)  # fmt: skip
VALUES = (
    "", "0", "-1", "1", "99999999999999999999999", "9" * 5000, "\u0000", "%", "'", "nonsense", "2026-02-30", "9999-12-31", "\U0010ffff",
    "0198c0de-0000-7000-8000-000000000001", "a" * 3000, "../..", "{}", "NaN", "inf", "true",
)  # fmt: skip
NAMES = (
    "q", "page", "sort", "order", "from", "to", "at", "on", "next", "status", "plan", "line", "case", "tab", "filter",
    "_count", "_id", "_offset", "patient", "identifier", "date", "format", "limit", "day", "month", "lang", "state",
)  # fmt: skip
PARTS = {
    "int": ("0", "1", "99999999999999999999"),
    "uuid": ("0198c0de-0000-7000-8000-000000000001",),
    "str": ("2.0", "2.2", "x", "%00", "order-sign", "0198c0de-0000-7000-8000-000000000001", "a" * 300),
    "slug": ("x", "a" * 300),
    "path": ("x", "a/b", "../x", "%00"),
}


def addresses(patterns=None, before=""):
    """Yield each route of the server with what its converters are called."""
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        route = before + str(one.pattern).removeprefix("^")
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, route)
        elif isinstance(one, URLPattern):
            yield route, {name: type(held).__name__ for name, held in one.pattern.converters.items()}


def filled(route, converters, dice):
    """Return an address of a route with odd values for its parts."""
    path = route
    for name, kind in converters.items():
        word = kind.removesuffix("Converter").lower()
        value = dice.choice(PARTS.get(word.replace("string", "str"), PARTS["str"]))
        for written in (f"<{word}:{name}>", f"<str:{name}>", f"<{name}>"):
            path = path.replace(written, value)
    return "/" + path.lstrip("/")


ROUTES = sorted(addresses())
WHO = ("nobody", "member_user", "provider", "nurse", "physician", "intake", "sandbox-token", "plan-token")


@pytest.mark.parametrize("who", WHO)
def test_no_odd_request_breaks_the_server(world, demo_clock, who):
    browser = Client(raise_request_exception=False)
    headers = {}
    if who.endswith("-token"):
        headers["Authorization"] = f"Bearer {who}"
    elif who != "nobody":
        browser.force_login(getattr(world, who))
    broken = []
    for number, (route, converters) in enumerate(ROUTES):
        for turn in range(ROUNDS):
            dice = Random(f"{who} {number} {turn}")
            path = filled(route, converters, dice)
            query = {dice.choice(NAMES): dice.choice(VALUES) for _ in range(dice.randint(0, 3))}
            response = browser.generic(
                dice.choice(METHODS), path, dice.choice(BODIES), content_type=dice.choice(CONTENT_TYPES),
                query_params=query, headers={**headers, "Accept": dice.choice(["*/*", "text/html", "application/xml", ""])},
            )  # fmt: skip
            if response.status_code >= 500 and response.status_code != 501:
                broken.append((response.request["REQUEST_METHOD"], path, query, response.status_code))
    assert broken == []


def test_every_address_is_asked():
    assert len(ROUTES) > 100
    assert not [route for route, _ in ROUTES if "(?P" in route]
