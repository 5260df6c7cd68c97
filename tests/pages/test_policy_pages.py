"""The public library: no login, search without script, every face at its address, no accessibility fault."""

import io
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader

from openum.accounts.services import ensure_rules_engine
from openum.criteria.document import assemble, parse_guideline
from openum.criteria.faces import shelf
from openum.criteria.queries import GUIDELINE, RETIREMENT
from openum.db import clock
from openum.directory.services import publish_policy
from tests.criteria.documents import LIBRARIES
from tests.criteria.faces.documents import ROUND
from tests.pages.test_browser import CHROMIUM, VIEWS, chromium, faults_of  # noqa: F401
from tests.threads import in_own_thread

AT = datetime(2030, 3, 1, 17, tzinfo=UTC)
SECOND = (
    ROUND.replace("version: v1", "version: v2").replace("{from: 2030-01-01, to: 2031-01-01}", "{from: 2030-06-01}")
    .replace("- 42 days", "- 56 days").replace("Was there care?", "Was care given?")
)  # fmt: skip


def publish(text):
    """Put a document on the shelf as publishing does, without the tests that a real one must pass."""
    body = assemble(text, libraries=LIBRARIES, file="round.md")
    g = parse_guideline(body, file="round.md")
    return publish_policy(
        kind=GUIDELINE, key=g.id, version=g.version, body=body, effective_from=g.effective_from,
        effective_to=g.effective_to, plan=None, source="A source", source_verified=False, by=ensure_rules_engine(), at=AT,
    )  # fmt: skip


@pytest.fixture
def library(db):
    """Two versions of one guideline beside those of the pack; the clock stands on a day of the first."""
    clock.set_demo_clock(AT)
    publish(ROUND)
    publish(SECOND)


def text_of(response):
    """The words of a page, one space between."""
    return " ".join(response.content.decode().split())


def test_an_empty_library_says_so(client, db, monkeypatch):
    monkeypatch.setattr(shelf, "shelf", lambda _day: ())
    assert "No guideline is published yet." in text_of(client.get("/policies/"))


def test_the_list_shows_the_version_that_holds_today_and_what_changed_lately(client, library):
    text = text_of(client.get("/policies/"))
    assert text.count(">A round thing</a></h3>") == 1
    assert '<a href="/policies/ROUND/v1/">A round thing</a>' in text
    assert '<a href="/policies/ROUND/compare/?from=v1&amp;to=v2">since v1</a>' in text
    assert client.get("/policies/ROUND/")["Location"] == "/policies/ROUND/v1/"


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ({"q": "round thing"}, "1 policy found"),
        ({"q": "E9999"}, "1 policy found"),
        ({"q": "nothing like it"}, "0 policies found"),
        ({"line": "erisa_group", "q": "e9999"}, "1 policy found"),
        ({"line": "qhp_ffe", "q": "e9999"}, "0 policies found"),
        ({"authority": "NCD", "q": "REDÓNDA"}, "1 policy found"),
        ({"authority": "state", "q": "redonda"}, "0 policies found"),
    ],
)
def test_a_search_works_without_script(client, library, query, heading):
    assert heading in text_of(client.get("/policies/", query))


def test_a_search_by_script_answers_only_the_part_that_was_found(client, library):
    answer = client.get("/policies/", {"q": "round thing"}, headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert "1 policy found" in text_of(answer)


def test_an_empty_search_offers_a_way_on(client, library):
    text = text_of(client.get("/policies/", {"q": "zzz"}))
    assert "Try one word, or the first digits of a code." in text
    assert '<a href="/policies/">Show all policies</a>' in text


def test_one_version_shows_everything_to_anybody(client, library):
    answer = client.get("/policies/ROUND/v1/")
    text = text_of(answer)
    assert answer.status_code == 200
    for words in (
        "When a round thing helps.", "NCD 1.1 B", "LCD L00000", "no, not yet", "2a. Was there care?", "A note about 2a.",
        "Enough Care: at least 6", "ICD10: R29.6 W19.XXXA", "2029-10", "a person looks at every request",
        "Invented test patients: 1.", "It rolls.", "define &quot;Six Weeks Ago&quot;",
    ):  # fmt: skip
        assert words in text, words
    assert 'id="criterion-2a"' in text
    assert "<svg" in text
    assert 'href="#criterion-2a"' in text


def test_a_version_that_does_not_hold_today_says_so(client, library):
    assert "This version does not hold yet." in text_of(client.get("/policies/ROUND/v2/"))
    clock.set_demo_clock(datetime(2031, 6, 1, tzinfo=UTC))
    assert "This version no longer holds." in text_of(client.get("/policies/ROUND/v1/"))


def test_a_retired_version_says_when_and_the_list_leaves_it(client, library):
    clock.set_demo_clock(datetime(2030, 7, 1, tzinfo=UTC))
    publish_policy(
        kind=RETIREMENT, key="ROUND v2", version="v2", body="Harm was reported.", effective_from=date(2030, 6, 15),
        effective_to=None, plan=None, source="s", source_verified=False, by=ensure_rules_engine(), at=AT,
    )  # fmt: skip
    text = text_of(client.get("/policies/ROUND/v2/"))
    assert "This version no longer holds." in text
    assert "Jun 15, 2030" in text
    assert client.get("/policies/ROUND/")["Location"] == "/policies/ROUND/v1/"


def test_it_speaks_spanish(client, library):
    client.cookies["django_language"] = "es"
    text = text_of(client.get("/policies/ROUND/v1/"))
    assert "Una cosa redonda" in text
    assert "2a. ¿Pregunta 2a?" in text
    assert "Al menos 2 de estas" in text


def test_two_versions_are_compared_in_sentences(client, library):
    text = text_of(client.get("/policies/ROUND/compare/?from=v1&to=v2"))
    assert "In criterion 1, “Six Weeks Ago” changes from 42 days to 56 days." in text
    assert "Criterion 2a is asked in other words." in text
    assert "Before: Was there care?" in text
    assert "“Six Weeks Ago” changes from 42 days" in text_of(client.get("/policies/ROUND/compare/"))
    assert "no word, is different" in text_of(client.get("/policies/ROUND/compare/?from=v1&to=v1"))


def test_files_of_a_version(client, library):
    pdf = client.get("/policies/ROUND/v1/policy.pdf?paper=a4")
    assert pdf["Content-Type"] == "application/pdf"
    assert "ROUND v1" in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    assert ET.fromstring(client.get("/policies/ROUND/v1/flow.svg").content).tag.endswith("svg")
    assert client.get("/policies/ROUND/v1/document.md").content.decode().startswith("---\nid: ROUND\n")
    assert b"urn:sha256:" in client.get("/policies/changes.atom").content


def test_fhir_faces_stand_at_their_addresses(client, library):
    form = json.loads(client.get("/policies/ROUND/v1/fhir/Questionnaire").content)
    assert form["url"].endswith("/policies/ROUND/fhir/Questionnaire")
    place = client.get("/policies/ROUND/fhir/Questionnaire")
    assert place["Location"] == "/policies/ROUND/v1/fhir/Questionnaire"
    named = client.get("/policies/ROUND/fhir/ValueSet/falls", follow=True)
    assert json.loads(named.content)["resourceType"] == "ValueSet"
    bundle = client.get("/policies/ROUND/v1/fhir/")
    assert bundle["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert json.loads(bundle.content)["entry"][0]["resource"] == form


@pytest.mark.parametrize(
    "address",
    [
        "/policies/NONE/", "/policies/NONE/compare/", "/policies/NONE/v1/", "/policies/ROUND/v9/",
        "/policies/ROUND/compare/?from=v9&to=v1", "/policies/ROUND/v1/fhir/Patient", "/policies/ROUND/v1/fhir/ValueSet/x",
        "/policies/NONE/fhir/Questionnaire", "/policies/NONE/v1/policy.pdf",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client, library, address):
    assert client.get(address).status_code == 404


def test_a_row_that_cannot_be_read_does_not_hide_the_others(client, library):
    publish_policy(
        kind=GUIDELINE, key="BROKEN", version="v1", body="no front matter", effective_from=date(2030, 1, 1),
        effective_to=None, plan=None, source="s", source_verified=False, by=ensure_rules_engine(), at=AT,
    )  # fmt: skip
    text = text_of(client.get("/policies/"))
    assert "A round thing" in text
    assert "BROKEN" not in text


PAGES = (
    "/policies/",
    "/policies/?q=round+thing",
    "/policies/?q=zzz",
    "/policies/ROUND/v1/",
    "/policies/ROUND/compare/",
)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Chromium: install it, or name it in OPENUM_CHROMIUM")
def test_pages_have_no_fault_in_either_theme_width_and_on_paper(chromium, live_server):  # noqa: F811
    def make():
        clock.set_demo_clock(AT)
        publish(ROUND)
        publish(SECOND)

    in_own_thread(make)
    found = {}
    for scheme, width in [*VIEWS, ("light", 1024)]:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-US")
        page = context.new_page()
        problems: list[str] = []
        page.on(
            "console", lambda message, kept=problems: kept.append(message.text) if message.type == "error" else None
        )
        for address in PAGES:
            page.goto(live_server.url + address)
            if faults := faults_of(page) + problems:
                found[f"{address} {scheme} {width}"] = list(faults)
            problems.clear()
            if folder := os.environ.get("OPENUM_PICTURES"):
                name = address.strip("/").replace("/", "-").replace("?", "-") or "library"
                page.screenshot(path=f"{folder}/{name}-{scheme}-{width}.png", full_page=True)
        if width == 1440 and scheme == "light":
            page.goto(live_server.url + "/policies/")
            page.get_by_label("Words, a code, a service or a rule").fill("e9999")
            page.get_by_role("heading", name="1 policy found").wait_for()
            page.goto(live_server.url + "/policies/ROUND/v1/")
            page.emulate_media(media="print")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            assert not page.get_by_role("link", name="Print (PDF)").is_visible()
        context.close()
    assert found == {}
