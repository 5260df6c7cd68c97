"""The sentences of lists stand in English and Spanish; pages show the reader's, CRD the English."""

from pathlib import Path

import pytest

from openum.cases.models import ServiceLine
from openum.determination.services import approve_line
from openum.needs.checking import check_list
from openum.needs.models import Assertion
from openum.needs.reading import RequirementsInvalid, read_requirements
from openum.needs.rules import compile_index
from openum.needs.words import OURS
from tests.adapters.crd import kit
from tests.adapters.crd.conftest import crd
from tests.needs.test_portal import form, in_general, office, page_after
from tests.world import knee_request, send

__all__ = ["crd", "office"]
LISTS = Path(__file__).parents[2] / "policies" / "requirements"
LIST = "key: x\nversion: '1'\neffective_from: 2026-01-01\nsource: test\nsource_verified: false\nrows:\n  - key: r\n    {}\n"


def in_spanish(client, answer):
    return client.get(f"/needs/{answer.public_id}/", headers={"Accept-Language": "es"}).content.decode()


@pytest.mark.parametrize("name", ["services", "common", "exemptions"])
def test_every_sentence_of_the_shipped_lists_has_its_spanish(name):
    made = read_requirements((LISTS / f"{name}.yaml").read_text(encoding="utf-8"))
    entries = (*made.rows, *made.never_reviewed, *made.never_excluded, *made.exemptions)
    said = {one.reason for one in entries} | {one.text for one in made.formal_determinations}
    for row in made.rows:
        said |= {one.label for one in (*row.alternatives, *row.companions, *row.references)} | {row.instructions}
    said |= {one.instructions for one in made.never_reviewed}
    assert said - {""} == set(made.spanish)


def test_a_list_may_stay_in_english():
    made = read_requirements("key: x\nrows:\n  - {key: r, services: [CPT|1], reason: Because.}")
    assert (made.rows[0].reason, made.spanish) == ("Because.", {})


def test_the_english_is_the_sentence_and_the_spanish_is_found_by_it():
    row = "{key: r, services: [CPT|1], reason: {en: Because., es: Porque sí.}, references: [{label: {en: Page, es: Página}, url: /x}]}"
    index = compile_index([read_requirements(f"key: x\nrows:\n  - {row}")])
    (found,) = index.by_service["CPT", "1"]
    assert (found.reason, found.references[0].label) == ("Because.", "Page")
    assert index.spanish == {"Because.": "Porque sí.", "Page": "Página"}


@pytest.mark.parametrize(
    "words",
    ["{en: Because.}", "{es: Porque sí.}", "{en: Because., es: 7}", "{en: Because., fr: Parce que.}", "{en: '', es: Sí.}",
     "[Because.]"],
)  # fmt: skip
@pytest.mark.parametrize("place", ["reason: {}", "reason: R.\n    alternatives: [{{label: {}, place: '11'}}]"])
def test_half_a_translation_is_a_fault_with_its_cure(words, place):
    text = LIST.format(place.format(words))
    with pytest.raises(RequirementsInvalid, match="both languages"):
        read_requirements(text)
    assert any("both languages" in one.text for one in check_list(text))


def test_what_people_do_not_read_has_one_language():
    with pytest.raises(RequirementsInvalid, match="must be a text"):
        read_requirements(LIST.format("reason: R.\n    citation: {en: Law, es: Ley}"))


@pytest.mark.parametrize(
    ("code", "english", "spanish"),
    [
        (
            "95806",
            "A sleep test at home needs no authorization.",
            "Un estudio del sueño en casa no necesita autorización.",
        ),
        (
            "95810",
            "A sleep test at home needs no authorization",
            "Un estudio del sueño en casa no necesita autorización",
        ),
        ("17380", "This is not a decision.", "Esto no es una decisión."),
        ("27447", "Say the side.", "Indique el lado."),
        ("93798", "Cardiac rehabilitation needs authorization.", "La rehabilitación cardíaca necesita autorización."),
        ("00001", "No published requirement speaks", "Ningún requisito publicado habla"),
    ],
)
def test_an_answer_and_its_receipt_show_the_readers_language(office, world, code, english, spanish):
    assert english in page_after(office, in_general(world, code))
    page = in_spanish(office, Assertion.objects.get())
    assert spanish in page
    assert english not in page


def test_an_authorization_in_force_is_told_in_spanish(office, world, at):
    send(world, knee_request(world, of=world.member, at=at), at=at)
    line = ServiceLine.objects.get()
    approve_line(line=line, by=world.orthopaedist, at=at, rationale="It is so.", cited_authority="plan page 1")
    page_after(office, form(world, "27447", first_day="2026-12-17"))
    assert f"La autorización {line.authorizations.get().number} cubre" in in_spanish(office, Assertion.objects.get())


def test_an_answer_kept_before_lists_had_spanish_still_shows(office, world):
    page_after(office, in_general(world, "95806"))
    answer = Assertion.objects.get()
    answer.statement.pop("spanish")
    answer.save()
    assert "A sleep test at home needs no authorization." in in_spanish(office, answer)


def test_crd_tells_the_english(crd):
    (action,) = crd.ask(kit.call(kit.order("95806")))["systemActions"]
    (parts,) = kit.information(action["resource"])
    assert parts["reason"][0] == {"text": "A sleep test at home needs no authorization."}


def test_the_sentences_of_the_rules_are_those_that_are_translated():
    source = (Path(__file__).parents[2] / "openum" / "needs" / "rules" / "answer.py").read_text(encoding="utf-8")
    assert all(one in source for one in OURS)
