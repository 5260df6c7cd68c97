"""D10 in Chromium by keyboard alone: a fax in Spanish is read, confirmed on Saturday, and approved by the nurse on Monday."""

import pytest

from openum.clocks.models import Clock
from openum.determination.models import Authorization, Determination
from openum.directory.models import Member
from openum.intake.models import FieldReading, Paper
from openum.notices.models import Notice
from openum.vocabulary.terms import LineStatus
from samples import named
from tests.journeys.browser.keyboard import attach, choose, follow, press, write
from tests.journeys.browser.screen import MARKS, picture
from tests.journeys.lumen import audit_is_intact, plan_time
from tests.threads import in_own_thread
from tools.faxes.forms import SPANISH, form_pdf

pytestmark = MARKS
SATURATION = "Saturación de oxígeno 86 % en aire ambiente, en reposo, 18/11/2026."
NOTES = (
    "Nota de la visita del 18/11/2026. La prueba fue ordenada y leída por la médica que trata a la paciente.",
    SATURATION,
    "La prueba se hizo en la clínica y no por el proveedor del equipo.",
    "No hay dolor de pecho. La falta de aire viene con el oxígeno bajo.",
    "Plan: oxígeno en casa por doce meses y otra prueba en tres meses.",
)


@pytest.fixture
def lumen(lumen):
    """The world on the Friday of the fax."""
    lumen.at("2026-11-20 17:48")
    return lumen


def spanish_speaker(lumen):
    """A Medicare Advantage member who reads Spanish."""
    person = lumen.stranger("medicare-advantage", 2)
    Member.objects.filter(member_number=person.number).update(language="es")
    return person


def fax(person):
    """Six pages: the form and five pages of notes. The first day may be 4 December or 12 April."""
    values = {
        "member_number": person.number, "family_name": person.family, "given_name": person.given,
        "birth_date": person.born.isoformat(), "ordering_npi": named.LINDQVIST, "ordering_name": "Dr. Tobias Lindqvist",
        "ordering_phone": "1-555-0200", "facility_npi": named.BAYLINE_SURGERY_PAVILION,
        "facility_name": "Bayline Surgery Pavilion", "diagnosis1": "J44.9", "diagnosis2": "J96.11", "line1-code": "E1390",
        "line1-units": "1", "line1-first_day": "2026-12-04", "line1-last_day": "2027-12-20", "urgency": "standard",
    }  # fmt: skip
    return form_pdf(values, layout=SPANISH, notes=NOTES)


def accept(page, key):
    """Accept a field and wait until the desk shows it as kept."""
    row = page.locator(".reading", has=page.locator(f"#field-{key}"))
    press(row.get_by_role("button", name="Accept"))
    row.get_by_text("kept by a person").wait_for()


def find(page, leaf, value, note):
    """Answer one criterion."""
    node = page.locator(f"[id='node-{leaf}']")
    press(node.locator("details summary"))
    write(node.get_by_label("What shows it"), note)
    follow(page, node.get_by_role("button", name=value, exact=True))


def test_a_fax_in_spanish_is_confirmed_on_saturday_and_approved_on_monday(lumen, screens):
    person = in_own_thread(spanish_speaker, lumen)
    lumen.at("2026-11-21 08:02")
    desk = screens.sign_in(lumen.email("intake"))
    desk.goto(f"{screens.url}/intake/papers/")
    attach(
        desk.get_by_label("Fax, letter or scan"),
        [{"name": "fax.pdf", "mimeType": "application/pdf", "buffer": fax(person)}],
    )
    choose(desk.get_by_label("How it came"), "Fax")
    write(desk.get_by_label("Day it was received"), "2026-11-20")
    write(desk.get_by_label("Time it was received"), "17:48")
    follow(desk, desk.get_by_role("button", name="Put it on the desk"))
    lumen.work()

    lumen.at("2026-11-21 08:10")
    FieldReading.objects.filter(key__in=["birth_date", "ordering_npi"]).update(
        confidence=0.6
    )  # as a bad line would leave them
    desk.reload()
    said = desk.inner_text("main")
    for words in ("6 pages", "written in Español", "3 fields were read with doubt", "Dec 4, 2026"):
        assert words in said, words
    assert desk.locator("#field-line1-first_day").input_value() == "2026-12-04"
    picture(desk, "desk-spanish-fax")
    for key in ("birth_date", "ordering_npi", "line1-first_day"):
        accept(desk, key)
    follow(desk, desk.get_by_role("button", name=f"This one {person.given} {person.family}"))
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**/cases/*-*/")
    case = Paper.objects.get().submission.case
    line = case.lines.get()
    clock = Clock.objects.get(case=case, rule="ma.decide.standard")
    assert (clock.started_at, clock.due_at) == (plan_time("2026-11-20 17:48"), plan_time("2026-11-27 23:59:59"))
    lumen.work()

    lumen.at("2026-11-23 09:40")
    nurse = screens.sign_in(lumen.email("nurse"))
    nurse.goto(f"{screens.url}/review/{line.public_id}/")
    follow(nurse, nurse.get_by_role("button", name="Take up"))
    paper = nurse.get_by_role("navigation", name="Documents").get_by_role("link").first
    follow(nurse, paper)
    for _ in range(2):
        follow(nurse, nurse.get_by_role("link", name="Next page"))
    assert SATURATION in nurse.inner_text("main")
    write(nurse.get_by_placeholder("Select text above"), SATURATION)
    choose(nurse.get_by_label("Link to"), "3a")
    follow(nurse, nurse.get_by_role("button", name="Link", exact=True).first)
    for leaf, value, note in (
        ("1", "Met", "Test of 18 November, ordered and read by the treating physician."),
        ("2", "Met", "Done in the clinic."), ("3a", "Met", "86 % at rest on room air."),
        ("4a", "Not met", "The oxygen in the blood is low; there is no chest pain."),
    ):  # fmt: skip
        find(nurse, leaf, value, note)
    picture(nurse, "nurse-reads-spanish", whole=True)
    lumen.at("2026-11-23 10:02")
    follow(nurse, nurse.get_by_role("button", name="Approve as asked"))
    lumen.work()

    line.refresh_from_db()
    decision = Determination.objects.get(line=line)
    assert (line.status, decision.decided_by, decision.decided_at) == (
        LineStatus.APPROVED, lumen.user("nurse"), plan_time("2026-11-23 10:02"),
    )  # fmt: skip
    clock.refresh_from_db()
    assert clock.state == "met"
    assert (clock.stopped_at - clock.started_at).total_seconds() == ((2 * 24 + 16) * 60 + 14) * 60
    authorization = Authorization.objects.get(line=line)
    assert authorization.number
    letters = Notice.objects.filter(case=case, kind="approval")
    assert set(letters.filter(audience="member").values_list("language", flat=True)) >= {"es"}
    assert letters.filter(audience="provider").exists()
    assert screens.complaints == []
    assert audit_is_intact()
