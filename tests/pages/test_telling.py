"""Sentences of rules and services stand on a page in the reader's language, with what was filled in."""

import json
import re

import pytest
from django.utils import translation

from openum.design.telling import SENTENCES, Sentences, told
from openum.vocabulary.errors import Conflict
from tools import messages

KNOWN = json.loads(SENTENCES.read_text(encoding="utf-8"))
HOLE = re.compile(r"\{(\w+)\}")


def test_the_catalogues_hold_every_sentence_of_the_code():
    assert messages.check() == 0


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("Choose a colleague.", "Elija a un colega."),
        ("Choose at most 200 requests at once.", "Elija como máximo 200 solicitudes a la vez."),
        (
            "This line is denied; it cannot become approved. Reload the page to see what changed.",
            "Esta línea está así: denegada; no puede pasar a: aprobada. Vuelva a cargar la página para ver qué cambió.",
        ),
        ("Choose a colleague. Say what is to be done.", "Elija a un colega. Diga qué hay que hacer."),
        ("3 hospital stays in the last 12 months", "3 estancias en hospital en los últimos 12 meses"),
        ("Ruth wrote this on a Monday.", "Ruth wrote this on a Monday."),
        ("", ""),
        ("Choose a colleague. " * 200, "Choose a colleague. " * 200),
    ],
)
def test_a_sentence_is_told_in_the_language_of_the_page(english, spanish):
    with translation.override("es"):
        assert told(english) == spanish
    with translation.override("en"):
        assert told(english) == english
    with translation.override(None):
        assert told(english) == english


def test_a_refusal_is_english_in_the_record_and_told_to_its_reader():
    refusal = Conflict("This row does not wait any more. Reload the page.")
    with translation.override("es"):
        assert refusal.sentence == "Esta fila ya no espera. Vuelva a cargar la página."
        assert str(refusal) == refusal.english == "This row does not wait any more. Reload the page."


def test_of_two_sentences_that_fit_the_one_with_more_words_of_its_own_is_taken():
    known = Sentences(["{name} is empty. Fetch it again.", "{file}, line {line}: the table is empty. Fetch it again."])
    assert known.find("a.csv, line 3: the table is empty. Fetch it again.") == (
        "{file}, line {line}: the table is empty. Fetch it again.", {"file": "a.csv", "line": "3"},
    )  # fmt: skip
    assert known.find("nothing of the kind") is None
    assert Sentences(["{a} and {a}"]).find("x and y") is None


def test_every_sentence_is_found_by_itself_whatever_fills_it():
    known, lost = Sentences(KNOWN), []
    for text in KNOWN:
        said = HOLE.sub(lambda hole: f"«{hole[1]}»", text)
        found = known.find(said)
        if found is None or HOLE.sub("{}", found[0]) != HOLE.sub("{}", text):
            lost.append((text, found))
    assert lost == []


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        (
            "Started by receipt of the request on Mon Nov 16, 2026, 9:30 AM ET. That day is day 0.",
            "Empezó con la recepción de la solicitud el 16 de noviembre de 2026, 9:30 a. m. ET. Ese día es el día 0.",
        ),
        ("7 calendar days: due Mon Nov 23, 2026, 11:59:59 PM ET.", "7 días naturales: vence el 23 de noviembre de 2026, 11:59:59 p. m. ET."),
        ("Stopped by the notice on Fri Nov 20, 2026, 4:00 PM CT, in time.", "Lo detuvo el aviso el 20 de noviembre de 2026, 4:00 p. m. CT, a tiempo."),
        ("The window closed on Xyz 40, 2026.", "El plazo se cerró el Xyz 40, 2026."),
    ],
)  # fmt: skip
def test_the_steps_of_a_clock_are_told_with_their_instants_and_limits(english, spanish):
    with translation.override("es"):
        assert told(english) == spanish
