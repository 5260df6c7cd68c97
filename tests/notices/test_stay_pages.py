"""The doors of forms that are handed over, and of an approval that ends early: what they show, refuse, keep and write."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from openum.audit import events_of
from openum.determination.models import Determination
from openum.determination.queries import open_leaves
from openum.determination.services import approve_line
from openum.notices.models import HandedForm, Notice
from openum.review.queries import documents_to_open
from openum.review.services import open_evidence
from openum.vocabulary.terms import LineOfBusiness
from tests.notices.letters_of_a_case.case import WHY, line_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def stay(world, at):
    return line_of(world, at, of=world.member)


@pytest.fixture
def here(stay, at):
    """The address of the stay's forms, and what the plan's clock shows some hours from now."""
    zone = ZoneInfo(stay.case.product.time_zone)
    return f"/letters/stay/{stay.public_id}/", lambda hours: (at + timedelta(hours=hours)).astimezone(zone)


@pytest.fixture(autouse=True)
def _time(at, monkeypatch):
    from openum.db import clock

    monkeypatch.setattr(clock, "now", lambda: at)
    for module in (
        "openum.notices.stay_views",
        "openum.notices.views",
        "openum.notices.desk_views",
        "openum.determination.views.ending",
    ):
        monkeypatch.setattr(f"{module}.now", lambda: at)


def hour(local):
    return local.strftime("%Y-%m-%dT%H:%M")


def test_the_end_of_coverage_is_looked_at_written_and_explained(world, stay, here, client, at):
    address, local = here
    client.force_login(world.nurse)
    page = client.get(address).content.decode()
    assert "42 CFR 422.624" in page
    assert "at least two days before the last covered day" in page
    day = local(24 * 3).date().isoformat()
    shown = client.post(f"{address}coverage-end/", {"last_covered_day": day, "look": "yes"})
    assert "Your coverage for this care ends" in shown.content.decode()
    assert not HandedForm.objects.exists()
    assert not Notice.objects.filter(kind="coverage-ends").exists()
    answer = client.post(f"{address}coverage-end/", {"last_covered_day": day})
    form = HandedForm.objects.get()
    assert answer.headers["Location"] == f"/letters/{form.notice.public_id}/"
    page = client.get(address).content.decode()
    assert form.notice.number in page
    assert "Detailed explanation for a fast appeal" in page
    detail = {"follows": str(form.public_id), "facts": "She walks alone.", "why": "", "rule": "42 CFR 409.33"}
    refused = client.post(f"{address}explanation/", detail)
    assert refused.status_code == 422
    assert "She walks alone." in refused.content.decode()
    assert client.post(f"{address}explanation/", {**detail, "why": "Daily skilled care is over."}).status_code == 302
    explained = Notice.objects.get(kind="coverage-ends-explained", language="en")
    assert "Daily skilled care is over." in explained.html
    assert explained.number in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("step", "hours", "words", "status"),
    [
        ("coverage-end", {"last_covered_day": -48}, "has passed", 422),
        ("coverage-end", {}, "required", 422),
        ("important-message", {"admitted_at": 5}, "lies ahead", 422),
        ("observation", {"began_at": 5}, "begins before now", 422),
        ("observation", {"began_at": -20, "ended_at": -1}, "no notice is owed", 409),
        ("observation", {"began_at": -20, "ended_at": -21}, "ends after it began", 422),
    ],
)
def test_a_refusal_names_the_cure_and_writes_nothing(world, here, client, step, hours, words, status):
    address, local = here
    client.force_login(world.nurse)
    typed = {key: hour(local(value)) for key, value in hours.items()}
    if "last_covered_day" in hours:
        typed["last_covered_day"] = local(hours["last_covered_day"]).date().isoformat()
    answer = client.post(f"{address}{step}/", {"why": "Chest pain, tests still run.", **typed})
    assert (answer.status_code, words in answer.content.decode()) == (status, True)
    assert not HandedForm.objects.exists()


def test_the_important_message_is_followed_by_its_copy_once(world, here, client, at):
    address, local = here
    client.force_login(world.nurse)
    client.post(f"{address}important-message/", {"admitted_at": hour(local(-1))})
    first = HandedForm.objects.get()
    copy = {"follows": str(first.public_id), "discharge_at": hour(local(24 * 5))}
    early = client.post(f"{address}follow-up/", copy)
    assert (early.status_code, "Hand it over first" in early.content.decode()) == (409, True)
    handed = {"at": hour(local(0)), "handed_to": "Mina Osgood", "way": "in_person", "outcome": "signed"}
    HandedForm.objects.update(due_by=at)
    Notice.objects.filter(pk=first.notice_id).update(prepared_at=at - timedelta(minutes=5))
    assert client.post(f"/letters/{first.notice.public_id}/handed/", handed).status_code == 302
    soon = client.post(f"{address}follow-up/", {**copy, "discharge_at": hour(local(24))})
    assert (soon.status_code, "no follow-up copy is owed" in soon.content.decode()) == (409, True)
    assert client.post(f"{address}follow-up/", copy).status_code == 302
    assert HandedForm.objects.get(follows=first).discharge_at is not None
    again = client.post(f"{address}follow-up/", copy)
    assert (again.status_code, "there already" in again.content.decode()) == (409, True)


def test_an_observation_notice_is_kept_only_when_it_was_explained(world, here, client, at):
    address, local = here
    client.force_login(world.nurse)
    client.post(f"{address}observation/", {"began_at": hour(local(-30)), "why": "Chest pain, tests still run."})
    form = HandedForm.objects.get()
    assert form.due_by == (at + timedelta(hours=6)).replace(second=0, microsecond=0)
    assert "Chest pain, tests still run." in form.notice.html
    Notice.objects.filter(pk=form.notice_id).update(prepared_at=at - timedelta(minutes=5))
    handed = {"at": hour(local(0)), "handed_to": "Mina Osgood", "way": "in_person", "outcome": "signed"}
    letter = f"/letters/{form.notice.public_id}/"
    assert "explained by word of mouth" in client.get(letter).content.decode()
    refused = client.post(f"{letter}handed/", handed)
    assert "word of mouth" in refused.content.decode()
    assert client.post(f"{letter}handed/", {**handed, "explained": "yes"}).status_code == 302
    form.refresh_from_db()
    assert form.is_explained
    assert "NoticeHandedOver" in [event.type for event in events_of(form.line.case.public_id)]
    nothing = {"follows": str(form.public_id), "facts": "a", "why": "b", "rule": "c"}
    assert client.post(f"{address}explanation/", nothing).status_code == 409


def test_the_case_leads_to_the_forms_of_its_lines(world, stay, here, client, at):
    address, _ = here
    client.force_login(world.nurse)
    assert f'href="{address}"' in client.get(f"/cases/{stay.case.public_id}/").content.decode()
    other = line_of(world, at)
    assert "/letters/stay/" not in client.get(f"/cases/{other.case.public_id}/").content.decode()
    client.force_login(world.provider)
    assert "/letters/stay/" not in client.get(f"/cases/{stay.case.public_id}/").content.decode()


def test_the_forms_are_the_nurses_and_medicares(world, here, client, at):
    address, _ = here
    client.force_login(world.provider)
    assert client.get(address).status_code == 403
    client.force_login(world.nurse)
    assert client.post(f"{address}nothing/", {}).status_code == 404
    assert client.post(f"{address}follow-up/", {"follows": "x"}).status_code == 404
    other = line_of(world, at)
    elsewhere = f"/letters/stay/{other.public_id}/"
    assert "Send a letter of advance notice instead" in client.get(elsewhere).content.decode()
    answer = client.post(f"{elsewhere}coverage-end/", {"last_covered_day": at.date().isoformat()})
    assert "belong to Medicare Advantage" in answer.content.decode()


@pytest.fixture
def approved(world, at):
    line = line_of(world, at)
    approve_line(line=line, by=world.physician, at=at, rationale="All criteria met.", cited_authority="plan page 12")
    line.refresh_from_db()
    return line


def typed_end(line, at, **changes):
    answers = {f"answer-{key}": "Not in the papers that were sent." for key in open_leaves(line)}
    return {
        "ground": "good_cause", "last_day": (at + timedelta(days=40)).date().isoformat(), "units_after": "",
        "proof": "record of November 20", "rationale": WHY, "cited_authority": "plan page 12", **answers, **changes,
    }  # fmt: skip


def test_an_approval_ends_early_through_its_page(world, approved, client, at):
    client.force_login(world.physician)
    assert approved.case.product.line_of_business != LineOfBusiness.MEDICARE_ADVANTAGE
    address = f"/decisions/{approved.public_id}/end/"
    assert address in client.get(f"/decisions/{approved.public_id}/").content.decode()
    page = client.get(address).content.decode()
    assert "29 CFR 2560.503-1(f)(2)(ii)(A)" in page
    for document in documents_to_open(approved.case):
        open_evidence(attachment=document, by=world.physician, at=at)
    shown = client.post(f"/letters/preview/{approved.public_id}/end/", typed_end(approved, at))
    assert "Your care will end early or become less" in shown.content.decode()
    assert not Determination.objects.filter(outcome="terminated_with_notice").exists()
    for changes, words in (
        ({"last_day": (at + timedelta(days=3)).date().isoformat()}, "must be told before"),
        ({"units_after": "9000"}, "fewer units"),
        ({"proof": ""}, "required"),
        ({"rationale": "No."}, "plain words"),
    ):
        answer = client.post(address, typed_end(approved, at, **changes))
        assert answer.status_code in {400, 409, 422}, changes
        assert words in answer.content.decode(), changes
    assert client.post(address, typed_end(approved, at)).status_code == 302
    approved.refresh_from_db()
    assert approved.status == "terminated_with_notice"
    assert Notice.objects.filter(case=approved.case, kind="reduction", audience="member").exists()
    again = client.post(address, typed_end(approved, at))
    assert "not approved now" in again.content.decode()
    assert "Only what is approved now can end early." in again.content.decode()


def test_the_preview_of_an_early_end_says_what_it_needs(world, approved, client, at):
    client.force_login(world.physician)
    address = f"/letters/preview/{approved.public_id}/end/"
    nothing = client.post(address, {})
    assert (nothing.status_code, "Choose the ground and the last day" in nothing.content.decode()) == (422, True)
    bare = client.post(address, typed_end(approved, at, rationale="No."))
    assert "the specific reason" in bare.content.decode()
    client.force_login(world.nurse)
    assert client.post(address, {}).status_code == 403
    assert client.get(f"/decisions/{approved.public_id}/end/").status_code == 403
