"""The reader of typed forms: labels beside and above their values, and values put right by their form."""

import pytest

from openum.intake.reading import engine
from openum.intake.reading.fields import SURE, read_fields
from openum.intake.reading.language import language_of
from openum.intake.reading.turning import turned
from openum.intake.reading.values import JUDGES
from openum.intake.reading.words import Word
from tests.world import npi
from tools.faxes.forms import form_pages, form_values
from tools.faxes.noise import noised

NPI = npi(900000201)

VALUES = [
    ("birth_date", "03/07/1951", "1951-03-07", True),
    ("birth_date", "O3/O7/l951", "1951-03-07", True),
    ("birth_date", "7 Mar 1951", "1951-03-07", True),
    ("birth_date", "Feb 30, 1951", "Feb 30, 1951", False),
    ("birth_date", "1951-13-01", "1951-13-01", False),
    ("birth_date", "18/11/1951", "1951-11-18", False),
    ("ordering_npi", NPI.replace("0", "O"), NPI, True),
    ("ordering_npi", NPI[:-1] + str((int(NPI[-1]) + 1) % 10), NPI[:-1] + str((int(NPI[-1]) + 1) % 10), False),
    ("diagnosis1", "MI711", "M17.11", True),
    ("diagnosis1", "E119", "E11.9", True),
    ("diagnosis1", "X", "X", False),
    ("line1-code", "2744 7", "27447", True),
    ("line1-code", "J1745", "J1745", True),
    ("line1-code", "JI745", "J1745", True),
    ("line1-code", "knee", "KNEE", False),
    ("line1-units", "l2 visits", "12", True),
    ("line1-units", "0", "0", False),
    ("member_number", "AB - 123", "AB-123", True),
    ("member_number", "none", "NONE", False),
    ("family_name", "O’Dell ", "O'Dell", True),
    ("family_name", "4lder", "4lder", False),
    ("line1-modifiers", "rt,59", "RT 59", True),
    ("ordering_phone", "(555) 555-0102", "(555) 555-0102", True),
]


@pytest.mark.parametrize(("key", "text", "value", "is_right"), VALUES)
def test_a_value_is_put_right_by_its_form(key, text, value, is_right):
    assert JUDGES[key](text) == (value, is_right)


def word(text, left, top, width=0.2, confidence=0.99):
    return Word(text, confidence, (left, top, left + width, top + 0.012))


def found(*words):
    return {one.key: one.value for one in read_fields(words)}


def test_a_value_stands_in_the_piece_of_its_label():
    assert found(word("Member ID: AB-123", 0.1, 0.1)) == {"member_number": "AB-123"}


def test_a_value_stands_beside_its_label():
    assert found(word("Member ID", 0.1, 0.1), word("AB-123", 0.4, 0.1005)) == {"member_number": "AB-123"}


def test_a_value_stands_below_its_label_in_a_box():
    words = (
        word("Member number", 0.1, 0.1), word("Date of birth", 0.4, 0.1), word("AB-123", 0.1, 0.115),
        word("03/07/1951", 0.4, 0.115),
    )  # fmt: skip
    assert found(*words) == {"member_number": "AB-123", "birth_date": "1951-03-07"}


def test_an_empty_field_does_not_take_the_next_ones_value():
    words = word("Member ID:", 0.1, 0.1), word("Date of birth:", 0.1, 0.12), word("03/07/1951", 0.4, 0.12)
    assert found(*words) == {"birth_date": "1951-03-07"}


def test_the_rows_of_a_table_are_services_of_their_own():
    heads = (("Procedure code", 0.1), ("Units", 0.35), ("Start date", 0.55))
    rows = (
        ("27447", "1", "12/01/2026"),
        ("97110", "12", "12/05/2026"),
        ("J1745", "", "12/09/2026"),
        ("Notes: 12345", "", ""),
    )
    words = [word(text, left, 0.4, width=0.18) for text, left in heads]
    words += [
        word(text, left + 0.01, 0.42 + 0.02 * number, width=0.15)
        for number, row in enumerate(rows)
        for text, (_, left) in zip(row, heads, strict=True)
        if text
    ]
    assert found(*words) == {
        "line1-code": "27447", "line1-units": "1", "line1-first_day": "2026-12-01",
        "line2-code": "97110", "line2-units": "12", "line2-first_day": "2026-12-05",
        "line3-code": "J1745", "line3-first_day": "2026-12-09",
    }  # fmt: skip


def test_a_label_that_comes_again_with_another_code_begins_another_service():
    said = [
        ("CPT code: 27447", 0.30), ("Units: 1", 0.32), ("CPT code: 97110", 0.36), ("Units: 12", 0.38), ("CPT code: 27447", 0.50),
    ]  # fmt: skip
    assert found(*(word(text, 0.1, top) for text, top in said)) == {
        "line1-code": "27447", "line1-units": "1", "line2-code": "97110", "line2-units": "12",
    }  # fmt: skip


def test_a_label_with_a_wrong_letter_is_known():
    assert found(word("Menber ID:", 0.1, 0.1), word("AB-123", 0.4, 0.1)) == {"member_number": "AB-123"}


def test_the_numbers_of_clinician_and_place_are_told_apart():
    words = (
        word("Requesting provider NPI:", 0.1, 0.1), word(NPI, 0.4, 0.1), word("Facility NPI:", 0.1, 0.13),
        word(npi(900000202), 0.4, 0.13),
    )  # fmt: skip
    assert found(*words) == {"ordering_npi": NPI, "facility_npi": npi(900000202)}


def test_a_value_of_the_wrong_form_is_doubtful_however_clear_it_was():
    (field,) = read_fields([word("Date of birth: soon", 0.1, 0.1)])
    assert field.confidence < 0.5


def test_a_name_is_parted_by_its_comma():
    assert found(word("Patient name: Alder, Rose", 0.1, 0.1)) == {"family_name": "Alder", "given_name": "Rose"}
    assert found(word("Patient name: Rose Alder", 0.1, 0.1)) == {"family_name": "Alder", "given_name": "Rose"}


def test_fast_track_is_heard_only_where_it_is_asked_for():
    assert found(word("Type of request: Urgent", 0.1, 0.1)) == {"urgency": "expedited"}
    assert found(word("Type of request: Standard", 0.1, 0.1)) == {"urgency": "standard"}
    assert found(word("Urgent care center", 0.1, 0.1)) == {}


@pytest.mark.parametrize(
    ("text", "value", "is_sure"),
    [
        ("18/11/2026", "2026-11-18", True),
        ("18-11-2026", "2026-11-18", True),
        ("18 nov 2026", "2026-11-18", True),
        ("18 de noviembre de 2026", "2026-11-18", True),
        ("5 de enero de 2027", "2027-01-05", True),
        ("04/04/2027", "2027-04-04", True),
        ("03/07/1951", "1951-07-03", False),
        ("11/18/2026", "2026-11-18", False),
        ("31/02/2026", "31/02/2026", False),
    ],
)
def test_a_spanish_form_writes_the_day_first_and_what_may_be_either_is_doubtful(text, value, is_sure):
    (field,) = read_fields([word(f"Fecha de inicio: {text}", 0.1, 0.1)])
    assert (field.key, field.value, field.confidence >= SURE) == ("line1-first_day", value, is_sure)


def test_a_spanish_form_names_its_fields_with_accents_and_people_with_two_family_names():
    words = (
        word("Número de miembro:", 0.1, 0.1), word("AB-123", 0.4, 0.1), word("Nombre de la paciente:", 0.1, 0.13),
        word("Marina Delgado Ruiz", 0.4, 0.13), word("Médico solicitante: Íñigo Peña", 0.1, 0.16),
        word("Diagnóstico principal", 0.1, 0.19), word("J449", 0.1, 0.205),
    )  # fmt: skip
    assert found(*words) == {
        "member_number": "AB-123", "family_name": "Delgado Ruiz", "given_name": "Marina",
        "ordering_name": "Íñigo Peña", "diagnosis1": "J44.9",
    }  # fmt: skip
    assert found(word("Paciente: Marina Delgado", 0.1, 0.1)) == {"family_name": "Delgado", "given_name": "Marina"}


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("Non-urgent", "standard"), ("Not urgent", "standard"), ("STAT", "expedited"), ("Urgente", "expedited"),
        ("No urgente", "standard"), ("Acelerada", "expedited"), ("Estándar", "standard"),
    ],
)  # fmt: skip
def test_only_who_asks_for_the_fast_track_gets_it(text, urgency):
    assert found(word(f"Type of request: {text}", 0.1, 0.1)) == {"urgency": urgency}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Please approve the request of the patient for this date", "en"),
        ("Solicitud de la paciente para una resonancia, por favor, con fecha", "es"),
        ("请批准该患者的申请", "zh"),
        ("27447 12 M17.11", ""),
    ],
)
def test_the_language_is_a_hint(text, language):
    assert language_of([text]) == language


def test_four_quarter_turns_lead_back():
    box = (0.1, 0.2, 0.3, 0.25)
    assert turned(turned(box, by=90), by=270) == pytest.approx(box)
    assert turned(box, by=90) == pytest.approx((0.75, 0.1, 0.8, 0.3))


@pytest.mark.skipif(not engine.is_available(), reason="text recognition is not installed (extra `ocr`)")
@pytest.mark.parametrize(("layout", "level"), [("boxes", 2), ("letter", 1)])
def test_a_noised_form_is_read(layout, level):
    """Two forms; the figures over many are those of `python -m tools.faxes` (docs/intake.md)."""
    values = form_values(40)
    (page,) = form_pages(values, layout=layout)
    read = {one.key: one.value for one in read_fields(engine.recognise(noised(page, level=level, seed=40)).words)}
    wrong = {key: (read.get(key), value) for key, value in values.items() if read.get(key) != value}
    assert len(wrong) <= 1, wrong
