"""A knee replacement: pended, answered, referred, denied, talked about, overturned; told by day and told on other days."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from openum.audit.models import EventRow
from openum.cases.models import Case, InformationRequest
from openum.clocks.models import Clock
from openum.clocks.queries import clocks_of, readings_of
from openum.criteria.models import EvidenceMap
from openum.criteria.queries import current_map
from openum.db import clock
from openum.determination.models import Authorization, AuthorizationSegment, Determination
from openum.notices.models import Notice
from openum.review.models import EvidenceOpened, PeerToPeer
from openum.vocabulary.terms import FindingValue, LineStatus, ReasonClass
from samples.portal import KneeRequest
from tests.journeys.desk import Desk
from tests.journeys.knee import GAP, SAID, Knee, other_story
from tests.journeys.lumen import audit_is_intact, give_login

pytestmark = pytest.mark.django_db


def tell(knee):
    """Tell the whole story, keeping what each step showed."""
    knee.submit("2026-11-24 16:31", "2026-11-24 16:40")
    knee.at("2026-11-24 16:41")
    knee.lumen.work()
    knee.facts["pended"] = snapshot(knee)
    knee.pages["member, pended"] = knee.member_page()
    knee.at("2026-11-26 12:00")
    knee.lumen.work()
    knee.facts["holiday"] = snapshot(knee)
    knee.pages["case on the holiday"] = knee.desk("nurse").open(f"/cases/{knee.case.public_id}/")
    knee.at("2026-11-30 10:05")
    knee.pages["answered"] = knee.answer_the_question()
    knee.lumen.work()
    knee.facts["answered"] = snapshot(knee)
    knee.at("2026-12-01 09:20")
    knee.review()
    knee.facts["reviewed"] = snapshot(knee)
    knee.at("2026-12-01 09:41")
    knee.refer()
    knee.probe()
    knee.facts["referred"] = snapshot(knee)
    knee.at("2026-12-02 14:12")
    page = knee.open_evidence("medical_director")
    knee.at("2026-12-02 14:20")
    knee.pages["a denial without answers"] = knee.deny(page, **{"answer-3b": ""})
    knee.facts["after the refused denial"] = snapshot(knee)
    knee.pages["denied"] = knee.deny(page)
    knee.lumen.work()
    knee.facts["denied"] = snapshot(knee)
    knee.at("2026-12-03 08:15")
    knee.pages["booked"] = knee.book("2026-12-04 07:40")
    knee.at("2026-12-04 07:50")
    knee.talk(("2026-12-04 07:41", "2026-12-04 07:49"))
    knee.at("2026-12-04 07:52")
    knee.send_note()
    knee.at("2026-12-04 07:56")
    knee.find_reason_on_record()
    knee.at("2026-12-04 07:58")
    knee.pages["overturned"] = knee.approve_after_talk("peer_to_peer")
    knee.lumen.work()
    knee.facts["overturned"] = snapshot(knee)
    knee.pages["office at the end"] = knee.desk("provider_staff").open(f"/requests/{knee.case.public_id}/")
    knee.pages["case at the end"] = knee.desk("medical_director").open(f"/cases/{knee.case.public_id}/")
    return knee


def snapshot(knee):
    """Return the state of line, criteria, clocks and letters at this instant."""
    readings = readings_of(clocks_of(knee.case), clock.now())
    return {
        "status": knee.line.status,
        "findings": {leaf.key: leaf.value for leaf in current_map(knee.line).leaves},
        "clocks": {row.rule: (row.started_at, row.due_at, row.stopped_at, row.state, row.ball) for row, _ in readings},
        "split": {row.rule: (reading.split.payer, reading.split.provider) for row, reading in readings},
        "letters": sorted((letter.kind, letter.audience) for letter in Notice.objects.filter(case=knee.case)),
        "decisions": Determination.objects.filter(line=knee.line).count(),
    }


TELLINGS = ("as the tour tells it", "another person, knee, surgeon and season")


@pytest.fixture(scope="module", params=TELLINGS)
def knee(request, lumen, django_db_blocker):
    """One telling, undone before the next."""
    with django_db_blocker.unblock(), transaction.atomic():
        if request.param == TELLINGS[0]:
            told = Knee(lumen, KneeRequest())
        else:
            told = Knee(lumen, other_story(lumen), days=210)
            lumen.open_time(told.moment("2026-12-04 07:40"))
            told.desks["member"] = Desk(give_login(lumen, lumen.stranger("commercial-ppo", 1)))
        yield tell(told)
        transaction.set_rollback(True)


def test_the_request_pends_at_once_with_an_itemised_question_and_a_copy_for_the_member(knee):
    pended = knee.facts["pended"]
    assert pended["status"] == LineStatus.PENDED_WITH_PROVIDER
    assert pended["letters"] == [("information-request", "member"), ("information-request", "provider")]
    assert pended["decisions"] == 0
    question = InformationRequest.objects.get(case=knee.case)
    assert question.asked_at == knee.moment("2026-11-24 16:40")
    assert question.asked_by.is_machine
    items = {item.leaf: item for item in question.items.all()}
    assert set(items) == {"2", "3a", "3b"}
    assert "standing X-ray" in items["2"].text
    assert "twelve weeks" in items["3a"].text
    for letter in Notice.objects.filter(case=knee.case, kind="information-request"):
        assert letter.sent_at == knee.moment("2026-11-24 16:41")
        for item in items.values():
            assert item.text in letter.html or letter.audience == "member"
    assert knee.case.number in knee.pages["receipt"].text


def test_the_office_saw_before_sending_which_criteria_were_open(knee):
    text = knee.pages["check"].text
    assert "What is still open" in text
    assert "standing X-ray" in text
    assert "twelve weeks" in text


def test_the_clock_waits_for_the_answer_and_the_holiday_is_shown_but_stops_nothing(knee):
    received, asked = knee.moment("2026-11-24 16:40"), knee.facts["pended"]["clocks"]["insured.decide.preservice"]
    assert asked == (received, None, None, "tolled", "provider")
    assert knee.facts["holiday"]["clocks"]["insured.decide.preservice"] == asked
    if knee.days == 0:
        assert "Thanksgiving" in knee.pages["case on the holiday"].text
    due = knee.moment("2026-12-30 23:59:59")
    answered = knee.facts["answered"]["clocks"]["insured.decide.preservice"]
    assert answered == (received, due, None, "running", "payer")


def test_the_decision_stops_the_clock_with_the_time_split_between_plan_and_practice(knee):
    due, decided = knee.moment("2026-12-30 23:59:59"), knee.moment("2026-12-02 14:20")
    state = knee.facts["denied"]["clocks"]["insured.decide.preservice"]
    assert state[1:4] == (due, decided, "met")
    payer, provider = knee.facts["denied"]["split"]["insured.decide.preservice"]
    assert payer == timedelta(days=2, hours=4, minutes=15)
    assert provider == timedelta(days=5, hours=17, minutes=25)
    assert knee.facts["overturned"]["clocks"]["insured.decide.preservice"] == state


def test_the_window_for_the_conversation_is_fourteen_days_and_was_used_on_the_second(knee):
    window = Clock.objects.get(case=knee.case, purpose="peer_to_peer_window")
    assert window.due_at == knee.moment("2026-12-16 23:59:59")
    assert (window.stopped_at, window.state) == (knee.moment("2026-12-04 07:50"), "met")
    talk = PeerToPeer.objects.get(case=knee.case)
    assert talk.offered_at == knee.moment("2026-12-02 14:20")
    assert talk.booked_at == knee.moment("2026-12-03 08:15")
    assert (talk.held_from, talk.held_to) == (knee.moment("2026-12-04 07:41"), knee.moment("2026-12-04 07:49"))
    assert (talk.held_by.name, talk.state, talk.note) == ("Dr. Omar Farouk", PeerToPeer.HELD, SAID)


def test_the_nurse_found_four_criteria_met_one_not_met_and_one_unknown(knee):
    met, not_met, unknown = FindingValue.MET, FindingValue.NOT_MET, FindingValue.UNKNOWN
    assert knee.facts["pended"]["findings"] == {
        "1": met,
        "2": unknown,
        "3a": unknown,
        "3b": unknown,
        "4": met,
        "5": met,
    }
    reviewed = {"1": met, "2": met, "3a": not_met, "3b": unknown, "4": met, "5": met}
    assert knee.facts["reviewed"]["findings"] == reviewed
    assert knee.facts["reviewed"]["status"] == LineStatus.PENDED_WITH_PAYER
    assert knee.facts["referred"]["status"] == LineStatus.PENDED_WITH_PHYSICIAN
    links = {leaf.key: leaf.links for leaf in current_map(knee.line).leaves}
    assert [link.quote for link in links["2"] if link.quote] == [f"Kellgren-Lawrence grade {knee.story.grade}."]
    assert "log.png" in [link.title for link in links["3a"]]
    assert [link.linked_by for link in links["3b"] if link.quote] == ["Dr. Omar Farouk"]


def test_the_nurse_has_no_way_to_deny_or_to_approve_less(knee):
    for name in ("nurse page", "nurse page after answers", "refer"):
        page = knee.pages[name]
        assert list(page.offers("deny")) == []
        assert list(page.offers("less")) == []
        assert not any("units" in form.names for form in page.forms)
    assert "Not every criterion is met" in knee.pages["nurse page after answers"].text
    assert {
        knee.facts["the nurse tries to deny"],
        knee.facts["the nurse tries to intend"],
        knee.facts["the office tries to approve"],
    } <= {403, 404}
    assert knee.facts["the nurse tries to approve"] in {403, 409, 422}
    assert knee.facts["referred"]["decisions"] == 0


def test_a_denial_appears_only_after_the_evidence_was_opened_and_needs_every_answer(knee):
    assert "Sign the denial" not in knee.pages["medical_director before evidence"].buttons
    assert "Sign the denial" in knee.pages["medical_director after evidence"].buttons
    refused = knee.pages["a denial without answers"]
    assert refused.status in {409, 422}
    assert "3b" in refused.text
    assert knee.facts["after the refused denial"]["status"] == LineStatus.PENDED_WITH_PHYSICIAN
    assert knee.facts["after the refused denial"]["decisions"] == 0


def test_the_denial_is_signed_by_a_fit_physician_with_the_exact_gap(knee):
    denial = Determination.objects.get(line=knee.line, outcome=LineStatus.DENIED)
    assert (denial.decided_by.name, denial.decided_by_machine) == ("Dr. Grace Lin", False)
    assert denial.decided_at == knee.moment("2026-12-02 14:20")
    assert (denial.licence, denial.specialty) == ("physician EX", "internal medicine")
    assert denial.reason_class == ReasonClass.NOT_MEDICALLY_NECESSARY
    assert denial.rationale == GAP
    assert set(denial.node_answers) == {"3a", "3b"}
    assert (denial.evidence_guard, len(denial.evidence_opened)) == ("done", 2)
    assert denial.conversation_guard_reason == "For this line of business the conversation is offered with the notice."


def test_the_denial_letters_go_out_the_same_day_and_name_gap_criterion_and_rights(knee):
    letters = Notice.objects.filter(case=knee.case, kind="denial")
    assert {letter.audience for letter in letters} == {"member", "provider"}
    for letter in letters:
        assert (letter.state, letter.sent_at) == ("sent", knee.moment("2026-12-02 14:20"))
        assert GAP in letter.html
        assert "180 days" in letter.html
        assert knee.case.number in letter.html
    member = letters.get(audience="member")
    assert member.reading_grade <= 8
    assert "twelve weeks" in member.html
    assert "Español" in member.html
    provider = letters.filter(audience="provider").first()
    assert "KNEE-ARTH" in provider.html
    assert "Grace Lin" in provider.html
    paper = knee.desk("medical_director").client.get(f"/letters/{member.public_id}/letter.pdf")
    assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")


def test_after_the_conversation_the_note_meets_the_open_criterion_and_the_denial_is_overturned(knee):
    met = FindingValue.MET
    assert knee.facts["overturned"]["findings"]["3b"] == met
    assert current_map(knee.line).value == met
    approval = Determination.objects.get(line=knee.line, outcome=LineStatus.APPROVED)
    assert (approval.decided_by.name, approval.supersedes_because) == ("Dr. Omar Farouk", "peer_to_peer")
    assert approval.decided_at == knee.moment("2026-12-04 07:58")
    assert approval.reason_class == ReasonClass.CRITERIA_MET
    number = Authorization.objects.get(line=knee.line)
    segment = AuthorizationSegment.objects.get(authorization=number)
    first = knee.moment("2026-12-04 07:58").date()
    assert number.number.startswith("A-26-" if knee.days == 0 else "A-27-")
    assert (segment.valid_from, segment.valid_to) == (first, first + timedelta(days=91))
    if knee.days == 0:
        assert segment.valid_to - timedelta(days=1) == date(2027, 3, 4)
    assert knee.facts["overturned"]["status"] == LineStatus.APPROVED


def test_the_earlier_denial_is_kept_as_it_was_and_shown_as_overturned(knee):
    denial, approval = Determination.objects.filter(line=knee.line).order_by("decided_at")
    assert approval.supersedes == denial
    assert (denial.outcome, denial.rationale) == (LineStatus.DENIED, GAP)
    text = knee.pages["case at the end"].text
    assert "Overturned" in text
    assert GAP in text
    assert EvidenceMap.objects.filter(line=knee.line).count() >= 3
    assert denial.evidence_map != approval.evidence_map


def test_every_letter_of_the_story_exists_once_for_each_reader(knee):
    kinds = {}
    for letter in Notice.objects.filter(case=knee.case):
        kinds.setdefault(letter.kind, []).append((letter.audience, letter.recipient_id, letter.language))
        assert letter.state == "sent"
    assert set(kinds) == {"information-request", "denial", "overturn"}
    for readers in kinds.values():
        assert len(readers) == len(set(readers))
        assert {audience for audience, *_ in readers} == {"member", "provider"}


def test_what_one_may_not_see_does_not_exist(knee):
    for name in ("front.desk@cape-ortho.example", "neighbour@lumen-harbor.example", "nurse@sandbox.example"):
        answers = knee.facts[f"seen by {name}"]
        assert set(answers.values()) <= {403, 404}, (name, answers)
        of_the_case = {path: status for path, status in answers.items() if status != 404}
        assert not [path for path in of_the_case if "documents" in path or "letters" in path], of_the_case
    assert knee.facts["seen by nobody"] == {302}


def test_no_machine_refused_and_every_adverse_event_is_a_persons(knee):
    machine = EventRow.objects.filter(case_id=knee.case.public_id, actor_kind="machine")
    changes = [row.fields() for row in machine if row.type == "LineStatusChanged"]
    assert {change["after"] for change in changes} <= {"pended_with_provider", "pended_with_payer", "approved"}
    assert not Determination.objects.filter(decided_by_machine=True, is_adverse=True).exists()
    assert EvidenceOpened.objects.filter(reader__name="Dr. Grace Lin").count() == 2


def test_the_member_reads_the_status_in_one_plain_sentence(knee):
    page = knee.pages["member, pended"]
    assert "waiting" in page.text.lower() or "asked" in page.text.lower()
    assert list(page.offers("deny")) == []
    assert "Total knee replacement" in page.text


def test_the_audit_trail_is_intact_and_tells_the_story(knee):
    assert audit_is_intact()
    types = list(EventRow.objects.filter(case_id=knee.case.public_id).order_by("seq").values_list("type", flat=True))
    order = [
        "CaseSubmitted", "InformationRequested", "InformationReceived", "LineReferred", "LineDecided",
        "PeerToPeerOffered", "PeerToPeerBooked", "PeerToPeerHeld", "AuthorizationIssued",
    ]  # fmt: skip
    assert [types.index(name) for name in order] == sorted(types.index(name) for name in order)
    assert Case.objects.get(pk=knee.case.pk).is_open is False
