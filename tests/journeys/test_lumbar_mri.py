"""A lumbar MRI from the submitted bundle to the letters: approved in one pass, by a rule, without a person."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import orjson
import pytest
from django.test import Client

from openum.audit.models import EventRow
from openum.cases.models import Case, InformationRequest, ServiceLine
from openum.clocks.models import Clock
from openum.criteria.queries import current_map
from openum.determination.models import Authorization, AuthorizationSegment, Determination
from openum.directory.models import Exclusion
from openum.notices.models import Notice
from openum.submission.models import Submission
from openum.vocabulary.terms import FindingValue, LineStatus
from samples.bundles import LumbarRequest, lumbar_mri_bundle
from tests.journeys.desk import Desk
from tests.journeys.lumen import NEIGHBOUR_TOKEN, TOKEN, ZONE, audit_is_intact

pytestmark = pytest.mark.django_db
ADDRESSES = ("/fhir/2.0", "/fhir/2.2")
GUIDES = {"/fhir/2.0": "2.0.1", "/fhir/2.2": "2.2.1"}


def post(address, bundle, operation="submit", token=TOKEN):
    """Post a bundle as a health record system does."""
    return Client().post(
        f"{address}/Claim/${operation}", orjson.dumps(bundle), content_type="application/fhir+json",
        headers={"authorization": f"Bearer {token}"},
    )  # fmt: skip


def response_of(content):
    """Return the ClaimResponse of an answer, one or several bundles deep."""
    answer = orjson.loads(content)
    if answer["resourceType"] == "Parameters":
        answer = answer["parameter"][0]["resource"]
    return next(e["resource"] for e in answer["entry"] if e["resource"]["resourceType"] == "ClaimResponse")


def action_of(response):
    """Return the review action of the only item."""
    (item,) = response["item"]
    (review,) = [e for e in item["adjudication"][0]["extension"] if e["url"].endswith("extension-reviewAction")]
    code = next(e for e in review["extension"] if e["url"].endswith("reviewActionCode"))
    return code["valueCodeableConcept"]["coding"][0]["code"]


@dataclass
class Told:
    """What a journey left."""

    story: LumbarRequest
    address: str
    response: dict
    raw: bytes
    case: Case
    line: ServiceLine


def tell(lumen, story, address):
    """Send the request at its instant and let the worker write the letters."""
    local = story.asked_at.astimezone(ZONE)
    lumen.at(local.strftime("%Y-%m-%d %H:%M:%S"))
    answer = post(address, lumbar_mri_bundle(story, version=GUIDES[address]))
    assert answer.status_code == 200, answer.content[:2000]
    case = Case.objects.get(requests__identifier_value=story.identifier)
    lumen.work()
    return Told(story, address, response_of(answer.content), answer.content, case, case.lines.get())


def variants(lumen):
    """The same story, and again with other people, codes of the same value sets, days, and order of facts."""
    plain = LumbarRequest()
    first, second = lumen.stranger("medicare-advantage", 2), lumen.stranger("medicare-advantage", 5)
    orderer = next(p for p in lumen.places.by_specialty["physical medicine"] if p.npi != plain.orderer)
    moved = replace(
        plain, identifier="OTHER-77/1", member_number=first.number, given=first.given, family=first.family,
        born=first.born, sex=first.sex, orderer=orderer.npi, orderer_given=orderer.given_name,
        orderer_family=orderer.family_name, diagnosis="M54.17", medicine=("310965", "Ibuprofen 200 mg"),
        asked_at=datetime(2026, 12, 28, 16, 58, 2, tzinfo=ZONE), pain_since=date(2026, 10, 2),
        therapy=(date(2026, 10, 20), date(2026, 12, 4)), visits=5, examined_on=date(2026, 12, 21),
        medicine_days=(date(2026, 10, 3), date(2026, 11, 3)), planned_step="surgery", shuffle=3,
    )  # fmt: skip
    turned = replace(
        plain, identifier="ZZ 9", member_number=second.number, given=second.given, family=second.family,
        born=second.born, sex=second.sex, diagnosis="M51.16", shuffle=11, visits=12,
        asked_at=datetime(2026, 11, 25, 0, 0, 1, tzinfo=ZONE), examined_on=date(2026, 11, 1), planned_step="medicine-change",
    )  # fmt: skip
    return {
        "the tour's request": (plain, "/fhir/2.0"),
        "the tour's request, guide 2.2.1": (replace(plain, identifier="LBP-2026-0002", shuffle=5), "/fhir/2.2"),
        "other people, codes and days": (moved, "/fhir/2.2"),
        "facts in another order": (turned, "/fhir/2.0"),
    }


NAMES = (
    "the tour's request", "the tour's request, guide 2.2.1", "other people, codes and days", "facts in another order",
)  # fmt: skip


@pytest.fixture(scope="module")
def all_told(lumen):
    """Every variant, told once, each undone before the next so that none sees another."""
    return {"variants": variants(lumen)}


@pytest.fixture(params=NAMES)
def told(request, lumen, all_told, db):
    """One variant of the journey."""
    return tell(lumen, *all_told["variants"][request.param])


def test_the_request_is_approved_at_once_by_the_rule_with_every_document_and_clock(told):
    check_answer(told)
    check_decision(told)
    check_clocks(told)
    check_evidence(told)
    check_letters(told)
    check_what_must_not_happen(told)
    assert audit_is_intact()


def check_answer(told):
    """A1, the number, the validity of 91 days with both ends, the trace echoed, each criterion told."""
    response, day = told.response, told.story.asked_at.astimezone(ZONE).date()
    assert (action_of(response), response["outcome"]) == ("A1", "complete")
    number = response["preAuthRef"]
    assert number.startswith("A-26-")
    assert (len(number), number[5:].isdecimal()) == (12, True)
    assert response["preAuthPeriod"] == {"start": day.isoformat(), "end": (day + timedelta(days=90)).isoformat()}
    assert response["identifier"][0]["value"] == told.story.identifier
    notes = [note["text"] for note in response["processNote"]]
    assert [text.rpartition("? ")[2] for text in notes] == [
        "Met.", "Met.", "Not needed.", "Met.", "Met.", "Not needed.", "Met.",
    ]  # fmt: skip


def check_decision(told):
    """One determination by the rules engine under AA-014 v3, one unit, one segment, the same number as answered."""
    decision = Determination.objects.get(line=told.line)
    assert (decision.outcome, decision.is_adverse, decision.decided_by_machine) == (LineStatus.APPROVED, False, True)
    assert (decision.approval_rule.key, decision.approval_rule.version) == ("AA-014", "v3")
    assert (decision.guideline.key, decision.guideline.version) == ("LBP-MRI", "v2026.2")
    assert decision.decided_at == told.story.asked_at
    number = Authorization.objects.get(line=told.line)
    segment = AuthorizationSegment.objects.get(authorization=number)
    day = told.story.asked_at.astimezone(ZONE).date()
    assert number.number == told.response["preAuthRef"]
    assert (segment.valid_from, segment.valid_to, segment.units) == (day, day + timedelta(days=91), Decimal(1))
    assert told.line.status == LineStatus.APPROVED
    assert Case.objects.get(pk=told.case.pk).is_open is False


def check_clocks(told):
    """Seven calendar days, to the last second of the seventh in the plan's zone; stopped by the notices."""
    received = told.story.asked_at
    last = received.astimezone(ZONE).date() + timedelta(days=7)
    due = datetime.combine(last, datetime.max.time(), ZONE).replace(microsecond=0)
    clocks = {clock.rule: clock for clock in Clock.objects.filter(case=told.case)}
    assert set(clocks) == {"ma.decide.standard", "ma.tell_provider.standard", "plan.clinical_target.standard"}
    decide = clocks["ma.decide.standard"]
    assert (decide.started_at, decide.due_at, decide.stopped_at, decide.state) == (received, due, received, "met")
    told_provider = clocks["ma.tell_provider.standard"]
    assert (told_provider.due_at, told_provider.stopped_at, told_provider.state) == (due, received, "met")
    assert all(clock.stopped_at == received for clock in clocks.values())
    types = set(EventRow.objects.filter(case_id=told.case.public_id).values_list("type", flat=True))
    assert types.isdisjoint({"ClockTolled", "ClockExtended", "ClockLapsed", "ClockMoved"})


def check_evidence(told):
    """Five nodes met, each with its sources; two branches not taken."""
    picture = current_map(told.line)
    assert picture.value is FindingValue.MET
    leaves = {leaf.key: leaf for leaf in picture.leaves}
    assert [key for key, leaf in leaves.items() if leaf.is_not_applicable] == ["2b", "4b"]
    needed = [leaf for leaf in leaves.values() if not leaf.is_not_applicable]
    assert [(leaf.key, leaf.value) for leaf in needed] == [
        (key, FindingValue.MET) for key in ("1", "2a", "3", "4a", "5")
    ]
    assert all(leaf.links for leaf in needed)
    kinds = {link.resource_key.partition("/")[0] for leaf in needed for link in leaf.links}
    assert {"Condition", "Procedure", "Observation", "QuestionnaireResponse"} <= kinds


def check_letters(told):
    """One letter to the office, one to the member in English of a grade up to 6, sent, with what each must say.

    A member who reads Spanish gets that one beside it.
    """
    notices = list(Notice.objects.filter(case=told.case))
    letters = {(notice.audience, notice.language): notice for notice in notices}
    assert len(letters) == len(notices)
    assert set(letters) == {("provider", "en"), ("member", "en"), ("member", told.case.member.language)}
    assert {letter.kind for letter in notices} == {"approval"}
    member, provider = letters["member", "en"], letters["provider", "en"]
    assert member.reading_grade <= 6
    assert (member.gate, member.not_for_production) == ("", "")
    day = told.story.asked_at.astimezone(ZONE).date()
    last = day + timedelta(days=90)
    assert {(letter.state, letter.sent_at) for letter in notices} == {("sent", told.story.asked_at)}
    for letter in (member, provider):
        for words in (
            told.story.family, told.response["preAuthRef"], told.case.number, "MRI of the lower back", "1-555-0100",
            f"{last:%B} {last.day}, {last.year}", "Lumen Harbor Health Plan",
        ):  # fmt: skip
            assert words in letter.html, (letter.audience, words)
    assert "Español" in member.html
    assert told.story.orderer_family in provider.html


def check_what_must_not_happen(told):
    """No pend, no question, no person: every event is the client's or the rules engine's."""
    events = list(EventRow.objects.filter(case_id=told.case.public_id))
    assert {event.actor_kind for event in events} == {"client", "machine"}
    changes = [event.fields() for event in events if event.type == "LineStatusChanged"]
    assert [(change["before"], change["after"]) for change in changes] == [("received", "approved")]
    assert not InformationRequest.objects.filter(case=told.case).exists()
    assert not told.line.reviews.exists()


# ---- around the story: told once


@pytest.fixture
def one(lumen, all_told, db):
    """The tour's own request."""
    return tell(lumen, *all_told["variants"][NAMES[0]])


def test_the_same_request_again_gets_the_same_bytes_and_makes_no_second_case(one, lumen):
    lumen.at("2026-11-23 11:40")
    again = post(one.address, lumbar_mri_bundle(one.story))
    assert again.status_code == 200
    assert again.content == one.raw
    assert (Case.objects.count(), Submission.objects.count(), Determination.objects.count()) == (1, 1, 1)


def test_the_same_facts_in_another_order_of_keys_are_the_same_request(one):
    body = orjson.loads(orjson.dumps(lumbar_mri_bundle(one.story), option=orjson.OPT_SORT_KEYS))
    assert post(one.address, body).content == one.raw
    assert Case.objects.count() == 1


def test_an_inquiry_answers_what_the_rows_say_now(one):
    inquiry = lumbar_mri_bundle(one.story)
    before = response_of(post(one.address, inquiry, "inquire").content)
    assert (action_of(before), before["preAuthRef"]) == ("A1", one.response["preAuthRef"])
    assert before["preAuthPeriod"]["end"] == "2027-02-21"
    Authorization.objects.filter(line=one.line).update(number="A-26-7654321")
    AuthorizationSegment.objects.filter(authorization__line=one.line).update(valid_to=date(2027, 1, 16))
    after = response_of(post(one.address, inquiry, "inquire").content)
    assert (after["preAuthRef"], after["preAuthPeriod"]["end"]) == ("A-26-7654321", "2027-01-15")
    assert b"2027-02-21" not in post(one.address, inquiry, "inquire").content


def test_another_practice_finds_nothing_with_the_same_question(one):
    answer = post(one.address, lumbar_mri_bundle(one.story), "inquire", token=NEIGHBOUR_TOKEN)
    assert answer.status_code == 200
    for secret in (one.response["preAuthRef"], one.case.number, "A1"):
        assert secret.encode() not in answer.content


@pytest.mark.parametrize(
    ("left_out", "leaf"),
    [({"form"}, "4a"), ({"mri-answer"}, "4a"), ({"step-answer"}, "5"), ({"therapy", "medicine"}, "2a")],
)
def test_a_fact_that_is_missing_never_approves_and_never_refuses(lumen, db, left_out, leaf):
    story = LumbarRequest(identifier=f"WITHOUT {sorted(left_out)}", leave_out=frozenset(left_out))
    told = tell(lumen, story, "/fhir/2.0")
    assert action_of(told.response) == "A4"
    assert told.line.status in {LineStatus.PENDED_WITH_PROVIDER, LineStatus.PENDED_WITH_PAYER}
    assert not Determination.objects.filter(line=told.line).exists()
    assert next(item for item in current_map(told.line).leaves if item.key == leaf).value is not FindingValue.MET
    assert audit_is_intact()


def test_staff_see_the_machine_decision_with_its_rule_and_evidence(one, lumen):
    page = Desk(lumen.email("nurse")).open(f"/cases/{one.case.public_id}/")
    for words in (one.case.number, "Mensah Osei", one.response["preAuthRef"], "LBP-MRI", "AA-014"):
        assert words in page.text, words
    assert EventRow.objects.filter(type="CasesRead").exists()
    assert audit_is_intact()


@pytest.mark.parametrize("who", ["orderer", "imaging"])
def test_a_listed_provider_turns_the_same_bundle_into_a_persons_work(lumen, all_told, db, who):
    """42 CFR 422.222, 1001.1901: every criterion is met and the rule fits, and still no software approves."""
    story, address = all_told["variants"]["the tour's request"]
    Exclusion.objects.create(
        plan=lumen.places.plan, npi=getattr(story, who), list_name="oig", source="test", valid_from=date(2025, 1, 1)
    )
    told = tell(lumen, story, address)
    assert action_of(told.response) == "A4"
    assert not Determination.objects.filter(line=told.line).exists()
    assert told.line.status == LineStatus.PENDED_WITH_PAYER
