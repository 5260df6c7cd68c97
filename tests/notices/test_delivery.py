"""Letters on their roads: fax with its status, returned and sent again, made again byte for byte, handed over, minors."""

import base64
from datetime import date, timedelta

import orjson
import pytest

from openum.audit import events_of
from openum.cases.queries import current_lines
from openum.clocks.models import ClockFact
from openum.determination.ending import EndingGround, NoticeTooShort
from openum.determination.services import approve_line, end_early, record_intent_to_deny
from openum.jobs import run_due
from openum.notices import services
from openum.notices.assembly.stays import Detail
from openum.notices.handing import Handing, HandingWay
from openum.notices.models import Notice
from openum.notices.roads.fax import FaxStatusUnreadable
from openum.notices.roads.fax import line as fax_line
from openum.outbox.models import Message
from openum.review.queries import documents_to_open
from openum.review.services import open_evidence, refer_to_physician
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import LineOfBusiness
from tests.notices.letters_of_a_case.case import WHY, deny, line_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(world, at):
    row = line_of(world, at)
    refer_to_physician(line=row, summary="Seven weeks of therapy.", by=world.nurse, at=at)
    return row


def letter(line, **filters):
    return Notice.objects.filter(case=line.case, **filters).exclude(kind="information-request").order_by("pk").first()


def events(line):
    return [event.type for event in events_of(line.case.public_id)]


def wants_paper(line, **facts):
    member = line.case.member
    member.notice_format = "print"
    for name, value in facts.items():
        setattr(member, name, value)
    member.save()


@pytest.fixture
def mailed(world, line, at, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    wants_paper(line)
    deny(world, line, at)
    run_due(at + timedelta(minutes=1), 100)
    return letter(line, audience="member")


def test_a_letter_that_came_back_goes_out_again_to_the_address_known_now(world, line, at, mailed, tmp_path):
    assert mailed.state == "sent"
    first = mailed.sendings.get()
    facts = ClockFact.objects.filter(request=line.request, kind="notice_sent").count()
    services.note_returned(sending=first, reason="moved, no forward", by=world.nurse, at=at + timedelta(days=3))
    with pytest.raises(Conflict, match="noted already"):
        services.note_returned(sending=first, reason="again", by=world.nurse, at=at + timedelta(days=3))
    wants_paper(line, address="9 New Street\nBayline")
    bytes_before = bytes(mailed.pdf)
    services.send_again(notice=mailed, channel="mail", by=world.nurse, at=at + timedelta(days=3))
    with pytest.raises(Conflict, match="on its way"):
        services.send_again(notice=mailed, channel="mail", by=world.nurse, at=at + timedelta(days=3))
    run_due(at + timedelta(days=3, minutes=1), 100)
    mailed.refresh_from_db()
    second = mailed.sendings.get(round=2)
    assert second.address == [line.case.member.full_name, "9 New Street", "Bayline"]
    assert bytes(mailed.pdf) == bytes_before
    assert mailed.sent_at == first.handed_over_at
    assert ClockFact.objects.filter(request=line.request, kind="notice_sent").count() == facts
    assert [each for each in events(line) if each in {"NoticeNotDelivered", "NoticeSentAgain"}] == [
        "NoticeNotDelivered", "NoticeSentAgain",
    ]  # fmt: skip


def test_what_failed_for_good_is_on_the_desk_and_is_tried_anew(world, line, at, settings, tmp_path, client):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    settings.OPENUM_DATA = blocked
    wants_paper(line)
    deny(world, line, at)
    when = at
    for _ in range(9):
        when += timedelta(hours=1, minutes=1)
        run_due(when, 100)
    notice = letter(line, audience="member")
    message = Message.objects.get(ref_id=notice.public_id)
    assert (message.state, notice.state) == ("failed", "rendered")
    client.force_login(world.nurse)
    page = client.get("/letters/desk/?view=failed").content.decode()
    assert notice.number in page
    assert "NotADirectoryError" in page
    settings.OPENUM_DATA = tmp_path
    services.send_again(notice=notice, channel="mail", by=world.nurse, at=when)
    run_due(when + timedelta(minutes=5), 100)
    notice.refresh_from_db()
    assert notice.state == "sent"


@pytest.fixture
def faxed(world, line, at, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    world.practice.memberships.all().delete()
    world.practice.clients.update(is_active=False)
    world.practice.fax = "+1 555 0199"
    world.practice.save()
    deny(world, line, at)
    run_due(at + timedelta(seconds=5), 100)
    notice = letter(line, audience="provider")
    return (
        notice,
        str(Message.objects.get(ref_id=notice.public_id, kind="letter.fax").public_id),
        tmp_path / "outgoing" / "fax",
    )


def test_a_fax_counts_when_the_line_confirms_it(at, faxed):
    notice, key, folder = faxed
    job = orjson.loads((folder / f"{key}.job.json").read_bytes())
    assert job["number"] == "+1 555 0199"
    notice.refresh_from_db()
    assert (notice.state, job["sha256"]) == ("rendered", notice.pdf_digest)
    confirmed = at + timedelta(seconds=40)
    (folder / f"{key}.status.json").write_bytes(orjson.dumps({"state": "delivered", "at": confirmed.isoformat()}))
    run_due(at + timedelta(minutes=2), 100)
    notice.refresh_from_db()
    assert (notice.state, notice.sent_at) == ("sent", confirmed)
    assert notice.sendings.get().channel == "fax"


def test_a_fax_that_fails_goes_by_mail(line, at, faxed):
    notice, key, folder = faxed
    status = {"state": "failed", "at": at.isoformat(), "reason": "no answer"}
    (folder / f"{key}.status.json").write_bytes(orjson.dumps(status))
    run_due(at + timedelta(minutes=2), 100)
    run_due(at + timedelta(minutes=3), 100)
    notice.refresh_from_db()
    assert (notice.state, notice.sendings.get().channel) == ("sent", "mail")
    assert "NoticeNotDelivered" in events(line)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'{"state": "lost", "at": "2026-11-16T12:00:00+00:00"}',
        b'{"state": "failed", "at": "2026-11-16T12:00:00"}',
    ],
)
def test_a_status_file_that_is_not_what_was_agreed_is_refused(faxed, content):
    _notice, key, folder = faxed
    (folder / f"{key}.status.json").write_bytes(content)
    with pytest.raises(FaxStatusUnreadable, match=key):
        fax_line().status(key)


def test_a_stored_letter_is_made_again_byte_for_byte(world, line, at):
    member = line.case.member
    member.language = "es"
    member.save()
    deny(world, line, at)
    for notice in Notice.objects.filter(case=line.case).order_by("pk"):
        services.ensure_pdf(notice=notice)
        made = services.reproduce(notice)
        assert made.is_same, (notice.number, made.parts)
        assert made.pdf == bytes(notice.pdf)
        assert made.drawn_with == ""
    notice.inputs["member"]["name"] = "Somebody Else"
    changed = services.reproduce(notice)
    assert [part.is_same for part in changed.parts] == [False, False, False]


def test_a_member_without_a_letter_in_the_own_language_is_marked_for_staff(world, line, at, client):
    member = line.case.member
    member.language = "ko"
    member.save()
    deny(world, line, at)
    notice = letter(line, audience="member")
    assert (notice.language, notice.wanted_language) == ("en", "ko")
    client.force_login(world.nurse)
    assert "The member reads ko" in client.get("/letters/desk/?view=english").content.decode()


def test_a_vietnamese_letter_waits_for_its_free_texts_and_says_the_standard_ones(world, line, at):
    member = line.case.member
    member.language = "vi"
    member.save()
    deny(world, line, at)
    notice = letter(line, audience="member", language="vi")
    assert notice.state == "held"
    assert WHY in notice.untranslated
    assert "Chúng tôi đã từ chối yêu cầu của quý vị" in notice.html
    assert notice.catalogue.kind == "notice-language"
    assert notice.fallbacks == []
    assert letter(line, audience="member", language="en").state == "sent"


def test_a_parent_gets_the_letter_of_a_minor_and_not_what_the_minor_decides_alone(world, line, at):
    wants_paper(line, birth_date=date(2012, 1, 1))
    deny(world, line, at)
    parents = letter(line, audience="member")
    assert parents.copy_for == "guardian"
    assert parents.document["recipient"] == [
        f"To the parent or guardian of {line.case.member.full_name}",
        "2 Harbor Rd",
    ]


def test_a_minors_own_service_goes_to_the_minor_at_the_other_address_only(world, line, at):
    diagnosis = line.diagnoses.first()
    diagnosis.code = "F32.1"
    diagnosis.save()
    wants_paper(line, birth_date=date(2012, 1, 1), alternative_address="")
    deny(world, line, at)
    (own,) = Notice.objects.filter(case=line.case, audience="member", kind="denial")
    assert (own.copy_for, own.state) == ("", "held")
    assert "household" in own.held_because
    assert own.document["recipient"] == [line.case.member.full_name]


def test_an_offer_of_a_talk_goes_to_the_practice_in_writing(world, line, at):
    record_intent_to_deny(line=line, by=world.physician, at=at, rationale=WHY)
    run_due(at + timedelta(minutes=1), 100)
    offer = letter(line, kind="peer-to-peer-offer")
    assert (offer.audience, offer.state) == ("provider", "sent")
    assert "We have not decided" in offer.html
    assert line.status != "denied"


@pytest.fixture
def approved(world, line, at):
    approve_line(line=line, by=world.physician, at=at, rationale="All criteria met.", cited_authority="plan page 12")
    line.refresh_from_db()
    return line


def ends(world, line, at, last_day, **facts):
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=world.physician, at=at)
    from openum.determination.queries import open_leaves

    answers = dict.fromkeys(open_leaves(line), "Not in the papers that were sent.")
    given = {
        "ground": EndingGround.GOOD_CAUSE, "proof": "record of November 20", "rationale": WHY,
        "node_answers": answers, "cited_authority": "plan page 12",
    }  # fmt: skip
    return end_early(line=line, last_day=last_day, by=world.physician, at=at, **(given | facts))


def test_an_approval_that_ends_early_is_told_in_advance(world, approved, at):
    later = at + timedelta(days=2)
    with pytest.raises(NoticeTooShort, match="must be told before"):
        ends(world, approved, later, later.date() + timedelta(days=3))
    with pytest.raises(Invalid, match="shows the ground"):
        ends(world, approved, later, later.date() + timedelta(days=40), proof=" ")
    last_day = later.date() + timedelta(days=40)
    decision = ends(world, approved, later, last_day)
    approved.refresh_from_db()
    assert (approved.status, decision.is_adverse) == ("terminated_with_notice", True)
    assert decision.segments.get().valid_to == last_day + timedelta(days=1)
    member = letter(approved, kind="reduction", audience="member")
    assert "Your care will end early or become less" in member.html
    assert "You can appeal" in member.html
    assert member.inputs["change"]["last_day"] == last_day.isoformat()


@pytest.fixture
def stay(world, at):
    row = line_of(world, at, of=world.member)
    assert row.case.product.line_of_business == LineOfBusiness.MEDICARE_ADVANTAGE
    return row


def test_the_end_of_coverage_is_handed_over_signed_and_late_notice_moves_the_day(world, stay, at, client):
    form = services.write_coverage_end(line=stay, last_covered_day=at.date() + timedelta(days=1), by=world.nurse, at=at)
    assert form.notice.state == "rendered"
    assert "CMS-10123" in form.notice.not_for_production
    client.force_login(world.nurse)
    assert form.notice.number in client.get("/letters/desk/?view=hand").content.decode()
    told = Handing(
        at=at + timedelta(hours=2), way=HandingWay.IN_PERSON, handed_to="Mina Osgood", to_representative=False,
        refused_at=at + timedelta(hours=2), witness="Nurse Day",
    )  # fmt: skip
    row = services.record_handing(form=form, told=told, by=world.nurse, at=at + timedelta(hours=3))
    assert row.last_covered_day == at.date() + timedelta(days=2)
    assert row.notice.sendings.get().channel == "hand"
    event = next(event for event in events_of(stay.case.public_id) if event.type == "NoticeHandedOver")
    assert event.cause == "refused"
    with pytest.raises(Conflict, match="already"):
        services.record_handing(form=form, told=told, by=world.nurse, at=at + timedelta(hours=3))
    detail = Detail(
        facts="She walks alone.", why="Daily skilled care is no longer needed.", rule="42 CFR 409.33",
        last_day=row.last_covered_day,
    )  # fmt: skip
    explained = services.explain_end(form=form, detail=detail, by=world.nurse, at=at + timedelta(hours=4))
    assert explained.kind == "coverage-ends-explained"
    assert "She walks alone." in explained.html


def test_the_important_message_has_a_follow_up_copy_only_where_the_law_asks(world, stay, at):
    first = services.write_important_message(line=stay, admitted_at=at, by=world.nurse, at=at)
    with pytest.raises(Conflict, match="not handed over yet"):
        services.write_follow_up(form=first, discharge_at=at + timedelta(days=5), by=world.nurse, at=at)
    told = Handing(
        at=at + timedelta(hours=1), way=HandingWay.IN_PERSON, handed_to="Mina Osgood", to_representative=False,
        signed_at=at + timedelta(hours=1),
    )  # fmt: skip
    first = services.record_handing(form=first, told=told, by=world.nurse, at=at + timedelta(hours=1))
    with pytest.raises(Conflict, match="no follow-up copy"):
        services.write_follow_up(
            form=first, discharge_at=at + timedelta(days=2), by=world.nurse, at=at + timedelta(days=1)
        )
    copy = services.write_follow_up(
        form=first, discharge_at=at + timedelta(days=5), by=world.nurse, at=at + timedelta(days=4)
    )
    assert copy.due_by == at + timedelta(days=5) - timedelta(hours=4)
    assert "The day planned for you to leave is" in copy.notice.html


def test_the_forms_of_medicare_belong_to_medicare(world, line, at):
    with pytest.raises(Invalid, match="Medicare Advantage"):
        services.write_coverage_end(line=line, last_covered_day=at.date() + timedelta(days=9), by=world.nurse, at=at)


def test_the_desk_and_the_templates_open_for_staff_only(world, client):
    client.force_login(world.nurse)
    assert client.get("/letters/desk/").status_code == 200
    page = client.get("/letters/templates/?letter=denial/member&language=zh&line=erisa_group").content.decode()
    assert "我们拒绝了您的申请" in page
    pdf = client.get("/letters/templates/?letter=reduction/member&language=vi&form=pdf&size=large&paper=a4")
    assert pdf["Content-Type"] == "application/pdf"
    client.force_login(world.provider)
    assert client.get("/letters/desk/").status_code == 403
    assert client.get("/letters/templates/").status_code == 403


def test_every_letter_of_the_desk_belongs_to_the_actor(world, line, at, client):
    deny(world, line, at)
    client.force_login(world.nurse)
    assert letter(line).number in client.get("/letters/desk/?view=all").content.decode()
    assert current_lines(line.case)


def test_a_connected_system_reads_the_letter_as_a_communication(world, line, at, client, demo_clock):
    world.practice.memberships.all().delete()
    deny(world, line, at)
    notice = letter(line, audience="provider")
    assert (notice.state, notice.sendings.get().channel) == ("sent", "fhir")
    path = f"/fhir/2.2/Communication/{notice.public_id}"
    found = client.get(path, headers={"Authorization": "Bearer plan-token"})
    assert found.status_code == 200, found.content
    resource = orjson.loads(found.content)
    notice.refresh_from_db()
    payload = resource["payload"][0]["contentAttachment"]
    assert base64.b64decode(payload["data"]) == bytes(notice.pdf)
    assert (resource["status"], payload["title"]) == ("completed", notice.number)
    member_letter = letter(line, audience="member")
    for public_id in (member_letter.public_id, line.public_id):
        refused = client.get(f"/fhir/2.2/Communication/{public_id}", headers={"Authorization": "Bearer plan-token"})
        assert refused.status_code == 404
