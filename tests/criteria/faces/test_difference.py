"""What changed between two versions, in sentences."""

import pytest
from django.utils.translation import override

from openum.criteria.faces.difference import difference
from tests.criteria.faces.documents import guideline


def sentences(*changes):
    """The sentences about a changed copy."""
    return [change.sentence for chapter in difference(guideline(), guideline(*changes)) for change in chapter.changes]


def test_two_equal_versions_have_no_difference():
    assert difference(guideline(), guideline()) == ()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("- 42 days", "- 56 days", "In criterion 1, “Six Weeks Ago” changes from 42 days to 56 days."),
        ("N > 2.5", "N > 3", "In criterion 3a, “High Score” changes from 2.5 to 3."),
        ("Was there care?", "Was care given?", "Criterion 2a is asked in other words."),
        ("Is it so, 2a?", "Is that so?", "Criterion 2a is explained in other words."),
        ("A note about 2b.", "A letter.", "What satisfies criterion 2b has changed."),
        ("      count: 2", "      count: 3", "In group 3, the rule was “At least 2 of these”; now it is “At least 3 of these”."),
        ("HCPCS|E9998, HCPCS|E9999", "HCPCS|E9998", "It no longer decides about HCPCS E9999."),
        ("medicare_advantage, erisa_group", "medicare_advantage", "It no longer holds for Employer plans."),
        ("ages: {from: 18}", "ages: {from: 21}", "It is for people of another age."),
        ("{from: 2030-01-01, to", "{from: 2030-06-01, to", "It holds from Jun 1, 2030; the earlier version from Jan 1, 2030."),
        ("R29.6 W19.XXXA", "R29.6 W19.XXXD", "The code list “Falls” gains ICD10 W19.XXXD."),
        ("R29.6 W19.XXXA", "R29.6", "The code list “Falls” loses ICD10 W19.XXXA."),
        ("authority: LCD L00000", "authority: LCD L00001", "For Medicare Advantage, these Medicare rules now come first: LCD L00001."),
        ("reference: NCD 1.1", "reference: NCD 1.2", "It now also rests on NCD 1.2 (B)."),
        ('source", verified: no', 'source", verified: yes', "“A source” has now been compared with the original."),
        ("en: Score, es", "en: Points, es", "A question of the form reads differently."),
        ("unit: weeks", "unit: days", "“Weeks of care” is answered differently."),
        ("      none: {en: None, es: Ninguno}\n", "", "“Next step” may no longer be answered: None."),
        ("It rolls.", "It turns.", "The text for clinicians and the public has changed."),
        ("owner: Committee", "owner: Board", "Somebody else is responsible for it."),
        ('define "Fell":\n  Record.Judge(', 'define "Fell":\n  Record.Judge(false or ', "In criteria 2b and 3c, the logic of “Fell” has changed."),
        ("documents: [clinical-note], missing: [{element: Observation.value", "documents: [laboratory-report], missing: [{element: Observation.value",
         "Criterion 3a may now also be shown by: laboratory report."),
    ],
)  # fmt: skip
def test_each_kind_of_change_is_told(old, new, sentence):
    assert sentence in sentences((old, new))


def test_a_new_criterion_and_a_lost_one_are_told_with_their_question():
    lost = sentences(('key: "3c"', 'key: "3d"'), ("3c:", "3d:"))
    assert "New criterion 3d: Did the person fall again? To meet it: A note about 3c." in lost
    assert "Criterion 3c is no longer asked: Did the person fall again?" in lost


def test_it_is_told_in_spanish():
    with override("es"):
        told = sentences(("- 42 days", "- 56 days"))
    assert told == ["En el criterio 1, “Six Weeks Ago” cambia de 42 días a 56 días."]
