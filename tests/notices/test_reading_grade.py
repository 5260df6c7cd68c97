"""The reading grade: syllables by rule, known formulas, our own member texts within the aim."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openum.accounts.models import Plan
from openum.cli.main import main
from openum.directory.services import PolicyVersionChanged
from openum.notices.compose import compose
from openum.notices.content import LetterKind
from openum.notices.elements import Audience
from openum.notices.publish import set_reading_aim
from openum.notices.queries import policy_texts
from openum.notices.reading_grade import (
    AimOutOfRange,
    LetterHardToRead,
    aim_of,
    check_readable,
    gate,
    grade_of,
    long_words,
)
from openum.vocabulary.reading import (
    AIM,
    Grade,
    english_syllables,
    grade,
    sentences_of,
    spanish_syllables,
)
from openum.vocabulary.terms import LineOfBusiness
from tests.notices import examples

ENGLISH = (
    "a:1 the:1 said:1 yes:1 doctor:2 request:2 asked:1 wanted:2 decided:3 decision:3 denied:2 approve:2 approved:2 "
    "approval:3 appeal:2 letters:2 review:2 reviewer:3 knee:1 surgery:3 services:3 medicine:3 necessary:4 records:2 "
    "information:4 treatment:2 statements:2 therapy:3 physical:3 criterion:4 guideline:2 insurance:3 languages:3 copies:2 "
    "writing:2 people:2 offices:3 representative:5 family:3 friend:1 someone:2 helps:1 hours:1 hospital:3 independent:4 "
    "period:3 seriously:4 special:2 specialist:3 patients:2 physician:3 table:2 whole:1 files:1 makes:1 boxes:2 changes:2 "
    "changed:1 because:2 here:1 care:1 safely:2 safety:2 paying:2 being:2 doing:2 radiology:5 medicare:3 continued:3 "
    "value:2 manual:3 evidence:3 exercises:4 discrimination:5 disability:5 religion:3 idea:3 needed:2 available:4 "
    "possible:3 judged:1 answers:2 images:3 years:1 earlier:3 quickly:2 enough:2 tried:1 required:2 quality:3 equal:2 "
    "guarantee:3 individual:5 annual:3 immediately:5 social:2 initial:3 partial:2 material:4 clinician:3 likely:2 "
    "completely:3 diseases:3 coverage:3 covered:2 benefits:3 experimental:5 rule:1 title:2 handled:2 settled:2 called:1"
)
SPANISH = (
    "a:1 solicitud:4 médico:3 usted:2 salud:2 decisión:3 información:4 día:2 guía:2 criterios:3 apelación:4 apelar:3 "
    "aprobamos:4 negamos:3 rodilla:3 cirugía:4 que:1 quien:1 guerra:2 agua:2 averiguar:4 pingüino:3 ahora:3 ahí:2 "
    "cuando:2 nuestra:2 respuesta:3 muy:1 ley:1 leyes:2 hoy:1 y:1 años:2 ayuda:3 línea:3 leer:2 caer:2 oír:2 país:2 "
    "seis:1 veinte:2 ciudad:2 fui:1 construir:2 huelga:2 servicio:3 terapia:3 radiografía:5 tratamiento:4 inglés:2 "
    "español:3 escuela:3 evaluación:4 independiente:5 expediente:4 siguiente:3"
)


def pairs(text):
    return [(word, int(count)) for word, count in (each.rsplit(":", 1) for each in text.split())]


@pytest.mark.parametrize(("word", "count"), pairs(ENGLISH))
def test_english_syllables(word, count):
    assert english_syllables(word) == count


@pytest.mark.parametrize(("word", "count"), pairs(SPANISH))
def test_spanish_syllables(word, count):
    assert spanish_syllables(word) == count


def test_flesch_kincaid_by_hand():
    found = grade(["We said no. You can ask your doctor for help."], "en")
    assert (found.words, found.sentences, found.syllables) == (10, 2, 11)
    assert found.value == round(0.39 * 10 / 2 + 11.8 * 11 / 10 - 15.59, 1) == -0.7
    assert found.formula == "Flesch-Kincaid"


def test_crawford_by_hand():
    found = grade(["Dijimos que no. Usted puede pedir ayuda a su médico."], "es")
    assert (found.words, found.sentences, found.syllables) == (10, 2, 19)
    assert found.value == round(-0.205 * 20 + 0.049 * 190 - 3.407, 1) == 1.8
    assert found.ease == round(206.84 - 0.60 * 190 - 1.02 * 5, 1) == 87.7


def test_no_formula_no_grade():
    assert grade(["Bonjour à tous."], "fr") is None
    assert grade(["12 345"], "en") is None


def test_abbreviations_and_numbers_end_no_sentence():
    assert sentences_of("Dr. Lin saw you at 8 a.m. on Monday. She called.") == [
        "Dr Lin saw you at 8 am on Monday.", "She called.",
    ]  # fmt: skip


@given(st.text(max_size=200), st.sampled_from(["en", "es"]))
def test_any_text_can_be_measured(text, language):
    found = grade([text], language)
    assert found is None or (found.syllables >= found.words and found.sentences >= 1)


OF_MEDICARE = {
    LetterKind.INSERT, LetterKind.COVERAGE_ENDS, LetterKind.COVERAGE_ENDS_EXPLAINED, LetterKind.IMPORTANT_MESSAGE,
    LetterKind.DISCHARGE_EXPLAINED, LetterKind.OBSERVATION,
}  # fmt: skip
"""Letters that no other law knows."""


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", [kind for kind, audience in examples.readers() if audience is Audience.MEMBER])
def test_our_member_letters_reach_the_aim(kind, language):
    lob = LineOfBusiness.MEDICARE_ADVANTAGE if kind in OF_MEDICARE else LineOfBusiness.ERISA_GROUP
    letter = examples.letter(kind, Audience.MEMBER, lob=lob, language=language)
    found = grade_of(compose(letter, examples.fitting(kind, Audience.MEMBER, lob, language)))
    assert found.value <= AIM


def test_the_free_text_of_a_person_moves_the_grade():
    plain = examples.letter(LetterKind.DENIAL)
    dense = "Radiographic documentation demonstrating osteoarthritic deterioration is insufficiently corroborated. "
    hard = replace(plain, reason=replace(plain.reason, specific=dense * 12))
    template = examples.template("denial-member")
    assert grade_of(compose(hard, template)).value > grade_of(compose(plain, template)).value + 2


HARD = Grade(value=9.4, formula="Flesch-Kincaid", words=10, sentences=1, syllables=20)


def test_what_the_gate_says():
    usual = {"is_member_letter": True, "is_government_form": False, "share_of_time_left": 0.5}
    assert "grade 9.4" in gate(HARD, **usual)
    assert "shorter sentences" in gate(HARD, **usual)
    assert "send it as it is" in gate(HARD, **{**usual, "share_of_time_left": 0.1})
    assert gate(HARD, **{**usual, "is_government_form": True}) == ""
    assert gate(HARD, **{**usual, "is_member_letter": False}) == ""
    assert gate(None, **usual) == ""


@pytest.mark.parametrize(("aim", "warns"), [(6, True), (7, False), (8, False)])
def test_a_plan_sets_its_own_aim_between_six_and_eight(aim, warns):
    usual = {"is_member_letter": True, "is_government_form": False, "share_of_time_left": 1.0}
    value = replace(HARD, value=6.8)
    assert bool(gate(value, **usual, aim=aim_of(f"member_grade: {aim}"))) is warns
    assert ("the aim is 6" in gate(value, **usual, aim=aim)) is warns


@pytest.mark.parametrize("grade_typed", ["5.9", "8.1", "0", "12"])
def test_an_aim_outside_six_to_eight_is_refused(grade_typed):
    with pytest.raises(AimOutOfRange, match="6 to 8"):
        aim_of(f"member_grade: {grade_typed}")


@pytest.mark.django_db
def test_a_plans_own_aim_holds_from_its_day_and_for_no_other_plan(world, at):
    day = at.date() + timedelta(days=30)
    set_reading_aim(plan=world.plan, grade=8, first_day=day, by=world.nurse, at=at)
    assert policy_texts(plan=world.plan, on=at.date()).reading_aim == 6
    assert policy_texts(plan=world.plan, on=day).reading_aim == 8
    other = Plan.objects.exclude(pk=world.plan.pk).first()
    assert other is not None
    assert policy_texts(plan=other, on=day).reading_aim == 6
    with pytest.raises(PolicyVersionChanged):
        set_reading_aim(plan=world.plan, grade=7, first_day=day, by=world.nurse, at=at)
    with pytest.raises(AimOutOfRange):
        set_reading_aim(plan=world.plan, grade=9, first_day=day + timedelta(days=1), by=world.nurse, at=at)


@pytest.mark.django_db
def test_the_command_sets_the_aim_of_a_plan_and_refuses_what_it_cannot(world, at, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OPENUM_DATA", "")  # the command names the folder in the environment; the test puts it back
    aim = ["notices", "aim", world.plan.key]
    day = (at.date() + timedelta(days=30)).isoformat()
    assert main([*aim, "7", "--from", day, "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{world.plan.name}: grade 7 from {day} on.\n"
    assert policy_texts(plan=world.plan, on=at.date() + timedelta(days=30)).reading_aim == 7
    for arguments, sentence in (
        (["notices", "aim", "nobody", "7", "--from", day], "There is no plan nobody here. Plans: "),
        ([*aim, "7", "--from", "soon"], "soon is no day. Write it like 2027-01-01."),
        ([*aim, "9", "--from", day], "6 to 8"),
        ([*aim, "8", "--from", day], "already published with other content"),
    ):
        assert main([*arguments, "--data", str(tmp_path)]) == 1
        assert sentence in capsys.readouterr().err


HARD_WORDS = (
    "Authorization of viscosupplementation is inconsistent with contemporary evidence concerning osteoarthritis."
)


@pytest.mark.parametrize(
    ("words", "left", "kept", "stops"),
    [
        (HARD_WORDS, 1.0, "", True),
        (HARD_WORDS, 0.11, "", True),
        (HARD_WORDS, 0.1, "", False),
        (HARD_WORDS, 1.0, "so", True),
        (HARD_WORDS, 1.0, "The drug has no other name.", False),
        ("We read the notes. They do not show six weeks of care.", 1.0, "", False),
        ("", 1.0, "", False),
    ],
)
def test_only_hard_words_of_a_person_stop_a_letter_and_only_while_there_is_time(words, left, kept, stops):
    letter = Grade(value=9.0, formula="Flesch-Kincaid", words=100, sentences=5, syllables=170)
    told = {"is_member_letter": True, "is_government_form": False, "share_of_time_left": left}
    given = {"said": gate(letter, **told), "words": words, "kept_because": kept, "share_of_time_left": left, "aim": AIM}
    if stops:
        said = r"would read at grade 9.0; the aim is 6 or lower\. Your words read at grade .*: the longest sentence has 10 words, "
        with pytest.raises(LetterHardToRead, match=said + "and 5 words have 4 syllables or more"):
            check_readable(letter, **given)
    else:
        check_readable(letter, **given)


def test_a_letter_within_the_aim_and_a_government_form_stop_nothing():
    letter = Grade(value=9.0, formula="Flesch-Kincaid", words=100, sentences=5, syllables=170)
    for is_member, is_form in ((False, False), (True, True)):
        said = gate(letter, is_member_letter=is_member, is_government_form=is_form, share_of_time_left=1.0)
        check_readable(letter, said=said, words=HARD_WORDS, kept_because="", share_of_time_left=1.0, aim=AIM)
    assert long_words(HARD_WORDS)[:2] == ("Authorization", "viscosupplementation")
