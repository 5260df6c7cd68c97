"""What holds a letter back, which way it goes, the proof that it went, and who may open it."""

import csv
import hashlib
import io
from datetime import timedelta

import pytest

from openum.audit import events_of
from openum.cases.services import ItemAsked
from openum.clocks.models import Clock, ClockFact
from openum.determination.rules import GuardAnswer
from openum.jobs import run_due
from openum.notices import services
from openum.notices.models import Notice, NoticeSending, Translation
from openum.notices.queries import notices_visible_to
from openum.review.services import ask_for_information, refer_to_physician
from tests.notices.letters_of_a_case.case import WHY, deny, letters, line_of

pytestmark = pytest.mark.django_db


def test_the_proof_of_sending_stops_the_clock_and_signing_does_not(world, line, at):
    deny(world, line, at + timedelta(hours=2))
    sent = [event for event in events_of(line.case.public_id) if event.type == "NoticeSent"]
    assert len(sent) == 3
    assert ClockFact.objects.filter(request=line.request, kind="notice_sent", details__recipient="enrollee").exists()
    assert not Clock.objects.filter(case=line.case, purpose="decide", stopped_at__isnull=True).exists()


def test_what_is_not_for_production_is_held_outside_demo_plans(world, at, settings):
    row = line_of(world, at, of=world.member)
    refer_to_physician(line=row, summary="Seven weeks.", by=world.nurse, at=at)
    settings.OPENUM_DEMO = False
    deny(
        world,
        row,
        at,
        conversation=GuardAnswer.NOT_APPLICABLE,
        conversation_reason="No provider can be reached; three calls logged.",
    )
    form, insert = letters(row, audience="member")
    assert form.state == "held"
    assert "CMS-10003" in form.held_because
    assert insert.state == "sent"


def test_a_spanish_letter_waits_for_a_person_and_the_english_one_goes(world, line, at):
    member = line.case.member
    member.language = "es"
    member.save()
    decision = deny(world, line, at)
    spanish = letters(line, language="es")[0]
    assert spanish.state == "held"
    assert spanish.untranslated == [WHY, "Not in the papers that were sent."]
    assert letters(line, language="en", audience="member")[0].state == "sent"
    pairs = [
        (WHY, "Vimos siete semanas de terapia."),
        ("Not in the papers that were sent.", "No estaba en los papeles."),
    ]
    services.store_translations(case=line.case, pairs=pairs, language="es", by=world.nurse, at=at + timedelta(hours=1))
    spanish.refresh_from_db()
    assert spanish.state == "sent"
    assert spanish.determination == decision
    assert "Vimos siete semanas de terapia." in spanish.html
    assert "reemplazo de rodilla, lado derecho" in spanish.html
    assert "¿Se probaron al menos doce semanas" in spanish.html
    assert WHY not in spanish.html
    assert spanish.reading_formula == "Crawford"
    assert Translation.objects.filter(reviewed_at__isnull=True).count() == 2


def test_confidential_communication_uses_the_other_address_or_waits(world, line, at):
    member = line.case.member
    member.is_confidential, member.notice_format, member.alternative_address = True, "print", "7 Other Lane\nBayline"
    member.save()
    deny(world, line, at)
    letter = letters(line, audience="member")[0]
    assert letter.document["recipient"] == [member.full_name, "7 Other Lane", "Bayline"]
    assert "2 Harbor Rd" not in letter.html


def test_confidential_communication_without_an_address_is_held(world, line, at):
    member = line.case.member
    member.is_confidential, member.notice_format = True, "print"
    member.save()
    deny(world, line, at)
    letter = letters(line, audience="member")[0]
    assert (letter.state, "household" in letter.held_because) == ("held", True)


def test_a_letter_in_a_format_that_is_not_made_here_waits_for_a_person(world, line, at):
    member = line.case.member
    member.notice_format = "braille"
    member.save()
    deny(world, line, at)
    letter = letters(line, audience="member")[0]
    assert (letter.state, "wants letters as braille" in letter.held_because) == ("held", True)
    services.release(notice=letter, by=world.nurse, at=at)
    letter.refresh_from_db()
    assert letter.state == "rendered"
    assert letters(line, audience="provider")[0].state != "held"


def test_mail_is_handed_over_once_with_a_manifest(world, line, at, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    member = line.case.member
    member.notice_format = "large_print"
    member.save()
    deny(world, line, at)
    letter = letters(line, audience="member")[0]
    assert letter.state == "rendered"
    assert letter.document["text_points"] == 18


@pytest.mark.django_db(transaction=True)
def test_the_mail_house_gets_a_pdf_and_a_manifest(world, at, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    row = line_of(world, at)
    refer_to_physician(line=row, summary="Seven weeks of therapy.", by=world.nurse, at=at)
    member = row.case.member
    member.notice_format = "print"
    member.save()
    deny(world, row, at)
    run_due(at + timedelta(minutes=1), 100)
    letter = letters(row, audience="member")[0]
    assert letter.state == "sent"
    sending = NoticeSending.objects.get(notice=letter)
    assert sending.channel == "mail"
    assert sending.handed_over_at == at + timedelta(minutes=1)
    folder = tmp_path / "outgoing" / "mail"
    (slip,) = csv.DictReader(io.StringIO((folder / f"{letter.public_id}.csv").read_text()))
    assert slip["sha256"] == letter.pdf_digest == sending.proof["sha256"]
    assert slip["pages"] == str(letter.pages)
    assert (slip["name"], slip["address"]) == (member.full_name, "2 Harbor Rd")
    assert sending.address == [member.full_name, "2 Harbor Rd"]
    assert (folder / f"{letter.public_id}.pdf").read_bytes() == bytes(letter.pdf)
    assert letter.html_only_languages == ["hi", "gu"]
    run_due(at + timedelta(hours=2), 100)
    (manifest,) = folder.glob("manifest-harbor-*.csv")
    assert letter.number in [row["letter"] for row in csv.DictReader(io.StringIO(manifest.read_text()))]
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    assert manifest.with_suffix(".csv.sha256").read_text() == f"{digest}  {manifest.name}\n"


def test_a_member_with_a_login_gets_the_address_of_the_letter(world, line, at, settings):
    settings.OPENUM_BASE_URL = "https://plan.example"
    line.case.member.user = world.member_user
    world.member.user = None
    world.member.save()
    line.case.member.save()
    deny(world, line, at)
    member, provider = letters(line)[:2]
    address = f"https://plan.example/letters/{member.public_id}/"
    assert f'<a href="{address}">' in member.html
    assert member.document["link"] == address
    assert provider.document["link"] == ""


def test_a_sandbox_plan_sends_no_letters(world, at):
    row = line_of(world, at)
    world.plan.is_sandbox = True
    world.plan.save()
    row.case.plan.refresh_from_db()
    item = ItemAsked(line=row, text="X-ray report", leaf="2")
    ask_for_information(case=row.case, request=row.request, items=[item], by=world.nurse, at=at)
    run_due(at + timedelta(seconds=1), 100)
    assert Notice.objects.count() == 0


def test_who_may_open_which_letter(world, line, at):
    member = line.case.member
    member.user = world.member_user
    world.member.user = None
    world.member.save()
    member.save()
    deny(world, line, at)
    ours = {each.audience for each in notices_visible_to(world.nurse)}
    practices = {each.audience for each in notices_visible_to(world.provider)}
    own = {each.audience for each in notices_visible_to(world.member_user)}
    assert (ours, practices, own) == ({"member", "provider"}, {"provider"}, {"member"})
