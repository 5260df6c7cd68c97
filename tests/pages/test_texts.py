"""Texts for people outside: complete in Spanish, and no placeholder lost in translation."""

import re
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "openum" / "design" / "locale" / "es" / "LC_MESSAGES" / "django.po"
OUTSIDE = (
    "openum/accounts/templates", "openum/accounts/forms.py", "openum/design/", "openum/determination/portal/",
    "openum/determination/templates/determination/my_", "openum/determination/templates/determination/help.html",
    "openum/determination/templates/determination/board.html", "openum/determination/templates/determination/request.html",
    "openum/review/portal/talks.py", "openum/review/portal/answers.py", "openum/review/templates/review/book.html",
    "openum/review/templates/review/brief.html", "openum/review/templates/review/times.html", "openum/review/templates/review/respond.html",
    "openum/submission/portal.py", "openum/submission/steps.py", "openum/submission/forms.py",
    "openum/submission/templates/submission/step.html", "openum/submission/templates/submission/check.html",
    "openum/submission/templates/submission/papers.html", "openum/submission/templates/submission/receipt.html",
    "openum/submission/templates/submission/new.html", "openum/submission/templates/submission/match.html",
    "openum/notices/templates/notices/panels/letters_public.html", "openum/criteria/faces/", "openum/criteria/views/",
    "openum/criteria/templates/criteria/blocks/", "openum/criteria/templates/criteria/guideline.html",
    "openum/criteria/templates/criteria/library.html", "openum/criteria/templates/criteria/entry.html",
    "openum/criteria/templates/criteria/compare.html", "openum/criteria/templates/criteria/chapters.html",
)  # fmt: skip


@pytest.fixture(scope="module")
def messages():
    """The project's own tool that collects texts."""
    sys.path.insert(0, str(ROOT))
    from tools import messages

    return messages


@pytest.fixture(scope="module")
def spanish():
    """The Spanish catalogue."""
    with CATALOGUE.open("rb") as source:
        return read_po(source, locale="es")


def test_every_text_that_people_outside_read_is_translated(messages, spanish):
    outside = [
        message
        for message in messages.collect()
        if message.id and any(place.startswith(OUTSIDE) for place, _line in message.locations)
    ]
    assert len(outside) > 300
    template = type(spanish)()
    for message in outside:
        template.add(message.id, context=message.context)
    assert messages.missing(spanish, template) == []


def test_translations_keep_their_placeholders(spanish):
    holder = re.compile(r"%\(\w+\)[sd]")
    for message in spanish:
        is_plural = isinstance(message.id, tuple | list)
        texts = message.string if isinstance(message.string, tuple | list) else [message.string]
        sources = message.id if is_plural else [message.id] * len(texts)
        for source, text in zip(sources, texts, strict=False):
            if source and text:
                assert set(holder.findall(text)) == set(holder.findall(source)), source
