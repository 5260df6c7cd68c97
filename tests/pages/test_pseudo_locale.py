"""Every text of every page can be translated: with a language that marks what it translates, nothing else stands unmarked.

What is left on a page after the marked texts must be data: it stands in the database, or it is a date, a number, a name
of ours. A sentence written into a template or a view without its mark is found here, on the page where it shows.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.utils.translation.trans_real import DjangoTranslation

from openum.accounts.services import register_person
from openum.design import telling
from openum.determination.linking import token_of
from openum.determination.services import make_status_link
from openum.notices.letters import LETTERS
from openum.register.queries import declared_elements
from openum.vocabulary.terms import Role
from tests.pages.test_browser import make_town, places

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
OPEN, CLOSE = "⟦", "⟧"
DATA = re.compile(
    r"C-26-\d+|\d+ CFR [\d.()a-zA-Z]+|CMS-\d+|\b[0-9a-f]{64}\b"
    r"|\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d+(, \d{4})?(, \d+:\d\d [AP]M( ET)?)?|\d+:\d\d [AP]M( ET)?"
)
OURS = {
    "openum", "sha-", "english", "español", "et", "enter", "esc", "pdf", "csv", "xlsx", "json", "h", "d", "min", "utc", "http", "v", "fhir",
    "cfr", "form", "forms", "rescission", "cpt", "hcpcs", "icd-10-cm", "npi", "loinc", "snomed ct", "crd", "dtr", "pas",
}  # fmt: skip
"""Names that are the same in every language."""
OF_GUIDELINES = ("the day the pain in this knee began",)
"""How sentences begin that a guideline says, in its own languages."""
NOT_READ = re.compile(r"<(script|style|kbd|textarea|code|pre|option)\b.*?</\1>|<!--.*?-->", re.DOTALL)
TEXT = re.compile(r">([^<]+)<")


@pytest.fixture
def marked(monkeypatch):
    """A language that sets what it translates in brackets."""
    monkeypatch.setattr(telling, "get_language", lambda: "xx")
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        if (known := getattr(DjangoTranslation, name, None)) is not None:
            monkeypatch.setattr(
                DjangoTranslation, name,
                lambda self, *words, _known=known: f"{OPEN}{said}{CLOSE}" if (said := _known(self, *words)) else said,
            )  # fmt: skip


def unmarked(text: str) -> str:
    """Return a text without what stands in brackets, at any depth."""
    kept, depth = [], 0
    for sign in text:
        if sign == OPEN:
            depth += 1
        elif sign == CLOSE:
            depth -= 1
            kept.append("\n")
        elif depth == 0:
            kept.append(sign)
    return "".join(kept)


def plain(text: str) -> str:
    """Return the words of a text alone, to be compared."""
    return " ".join(re.sub(r"[^\w\s'-]", " ", text.lower()).split())


def left_over(page: str, data: str) -> Iterator[str]:
    """Return the pieces of a page that are neither translated nor data."""
    for text in TEXT.findall(NOT_READ.sub("", page).replace("\n", " ")):
        for piece in unmarked(html.unescape(DATA.sub("\n", text))).replace(" – ", "\n").split("\n"):
            words = plain(re.sub(r"\d+", " ", piece))
            if len(words) < 3 or words in OURS or words.startswith(OF_GUIDELINES):
                continue
            if plain(piece) not in data and not all(word in OURS or word in data.split() for word in words.split()):
                yield piece.strip()


def everything_kept() -> str:
    """Return all words of the database and of the policies, to tell data from forgotten texts."""
    kept = []
    for model in apps.get_models():
        names = [
            field.name for field in model._meta.get_fields()
            if isinstance(field, models.TextField | models.CharField | models.JSONField)
        ]  # fmt: skip
        if names and model._meta.app_label not in {"audit", "sessions", "jobs"}:
            kept += [str(value) for row in model._default_manager.values_list(*names) for value in row]
    kept += [element.name for letter in LETTERS.values() for _path, element in declared_elements(letter)]
    written = [path.read_text(encoding="utf-8") for path in (ROOT / "policies").rglob("*.yaml")]
    kept += [*written, *(text.replace("-", " ") for text in written)]  # some pages show a key as its words
    return plain("\n".join(kept).replace("\\n", " "))


def test_every_text_of_every_page_can_be_translated(transactional_db, at, marked):
    town = make_town(at)
    director = register_person(
        email="d@test.invalid", name="Director", password=None, roles=[(Role.DIRECTOR, town.world.plan, None)]
    )
    link = make_status_link(case=town.members, made_for="Ines", days=7, by=town.world.member_user, at=at)
    pages = [(town.user(who), url) for who, urls in places(town).items() for url in urls if url != "/style/"]
    pages += [
        (director, url) for url in ("/command/", "/command/came/", "/deadlines/", "/desk/queues/", "/broken-seals/")
    ]
    pages += [
        (town.world.member_user, f"/share/{town.members.public_id}/"),
        (None, f"/status/{token_of(link.public_id)}/"),
        (None, "/sign-in/"),
    ]
    data, found = everything_kept(), {}
    for user, url in pages:
        if left := sorted(set(left_over(_client(user).get(url).content.decode(), data))):
            found[re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", url)] = left
    line = town.members.lines.first()
    refused = [
        (town.world.nurse, f"/review/{line.public_id}/criteria/T1/"),
        (town.world.nurse, f"/review/{line.public_id}/ask/"),
        (town.world.physician, f"/decisions/{line.public_id}/deny/"),
        (town.world.member_user, f"/share/{town.members.public_id}/"),
    ]
    for user, url in refused:
        answer = _client(user).post(url)
        assert 400 <= answer.status_code < 500, url
        if left := sorted(set(left_over(answer.content.decode(), data))):
            found[f"refused {url}"] = left
    assert found == {}


def _client(user) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client
