"""Evaluation, findings, links and maps on a real database, through the one door."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from openum.accounts.rules import PermissionRefused
from openum.audit import events_of
from openum.cases.models import Attachment, ServiceLine
from openum.cases.services import NewDocument, attach
from openum.criteria import queries
from openum.criteria.models import EvidenceLink, EvidenceMap, Finding
from openum.criteria.rules import (
    AuthorityNeeded,
    CriterionUnknown,
    EvidencePointsNowhere,
    FindingNeedsNote,
    MachineMayNotFind,
    check_note,
)
from openum.criteria.services import (
    EvidenceRef,
    confirm_link,
    evaluate_line,
    freeze_map,
    link_evidence,
    preview,
    record_finding,
    unlink_evidence,
)
from openum.criteria.services.evidence import LinkIsClosed, QuoteNotOnPage
from openum.submission.incoming import IncomingDiagnosis, IncomingEvidence, IncomingLine, IncomingMember
from openum.vocabulary.terms import Channel, FindingValue
from tests import world as worlds
from tests.conftest import NOON
from tests.criteria import shapes

pytestmark = pytest.mark.django_db

MET, NOT_MET, UNKNOWN = FindingValue.MET, FindingValue.NOT_MET, FindingValue.UNKNOWN
DAY = NOON.date()
LATER = NOON + timedelta(hours=3)


def clinical(resource, key=None):
    return IncomingEvidence(
        kind="fhir", title=resource["resourceType"], content_type="application/fhir+json", resource=resource,
        source_key=key or f"{resource['resourceType']}/{resource['id']}",
    )  # fmt: skip


def form(prefix, **changes):
    """A complete form as of the test's noon."""
    ago = lambda days: (DAY - timedelta(days=days)).isoformat()
    complete = {
        "lbp": {
            "lbp__pain_radiates": True, "lbp__pain_onset": ago(70), "lbp__care_start": ago(60), "lbp__care_end": ago(10),
            "lbp__red_flag": False, "lbp__exam_date": ago(3), "lbp__mri_last_12_months": False,
            "lbp__planned_step": shapes.coded("injection"),
        },
        "knee": {
            "knee__pain_onset": ago(300), "knee__limits_function": True, "knee__kl_grade": shapes.coded("4"),
            "knee__film_date": ago(20), "knee__film_weight_bearing": True, "knee__care_start": ago(90),
            "knee__care_end": ago(41), "knee__active_infection": False, "knee__bmi": 34.2, "knee__hba1c": 6.9,
        },
    }[prefix]  # fmt: skip
    return shapes.answers(**(complete | changes))


def knee(world, *evidence, **changes):
    """Send a knee request and return its line."""
    request = worlds.knee_request(world, at=NOON, evidence=tuple(clinical(one) for one in evidence), **changes)
    return worlds.send(world, request, at=NOON).case.lines.get()


def mri(world, *evidence, of=None, code="72148", member_key="Patient/p", **changes):
    """Send an MRI request and return its line."""
    who = of or world.member
    line = IncomingLine(sequence=1, code_system=worlds.CPT, code=code, units=Decimal(1), unit="UN",
                        first_day=DAY + timedelta(days=4), diagnosis_sequences=(1,), provider_keys=("p2", "p3"))  # fmt: skip
    member = IncomingMember(member_id=who.member_number, family=who.family_name, given=who.given_name,
                            birth_date=who.birth_date, key=member_key)  # fmt: skip
    request = worlds.knee_request(
        world, of=who, at=NOON, evidence=tuple(clinical(one) for one in evidence), lines=(line,), member=member,
        diagnoses=(IncomingDiagnosis(sequence=1, system=worlds.ICD10, code="M54.16"),), **changes,
    )  # fmt: skip
    return worlds.send(world, request, at=NOON).case.lines.get()


def found(line):
    return {leaf.key: leaf.value.value for leaf in queries.current_map(line).leaves}


def kinds(line):
    return [event.type for event in events_of(line.case.public_id)]


# ---- Evaluation


def test_the_door_leads_to_findings_links_and_a_frozen_map(world):
    line = mri(world, form("lbp"))
    assert found(line) == {
        "1": "met",
        "2a": "met",
        "2b": "not_met",
        "3": "met",
        "4a": "met",
        "4b": "unknown",
        "5": "met",
    }
    frozen = EvidenceMap.objects.filter(line=line).order_by("version").first()
    assert (frozen.version, frozen.reason, frozen.value) == (1, "evaluated", "met")
    assert frozen.snapshot["guideline"]["id"] == "LBP-MRI"
    assert [node["key"] for node in frozen.snapshot["root"]["children"]] == ["1", "2", "3", "4", "5"]
    assert frozen.snapshot["root"]["children"][1]["children"][1]["is_not_applicable"] is True
    finding = Finding.objects.get(line=line, leaf="2a")
    assert finding.is_machine
    assert finding.policy.version == "v2026.2"
    assert finding.engine_version.startswith("openum-cql ")
    assert finding.parameters == {"Request Date": DAY.isoformat(), "Service Code": "72148"}
    assert "QuestionnaireResponse/qr" in finding.evidence
    link = EvidenceLink.objects.get(line=line, leaf="3")
    assert (link.resource_key, link.is_machine, link.confirmed_at) == ("QuestionnaireResponse/qr", True, None)
    assert link.attachment == Attachment.objects.get(case=line.case)
    assert not EvidenceLink.objects.filter(line=line, leaf="4b").exists()
    assert "CriteriaEvaluated" in kinds(line)


def test_evaluating_again_without_news_leaves_no_new_row(world):
    line = knee(world, form("knee"))
    before = Finding.objects.filter(line=line).count(), EvidenceMap.objects.filter(line=line).count()
    evaluate_line(line, by=world.engine, at=LATER)
    assert (Finding.objects.filter(line=line).count(), EvidenceMap.objects.filter(line=line).count()) == before


def test_the_answer_is_built_from_stored_rows(world):
    line = knee(world, form("knee"))
    assert found(line)["4"] == "met"
    row = Attachment.objects.get(case=line.case)
    row.resource = form("knee", knee__active_infection=True)
    row.save()
    evaluate_line(line, by=world.engine, at=LATER)
    assert found(line)["4"] == "not_met"
    old = Finding.objects.get(line=line, leaf="4", superseded_at=LATER)
    assert old.superseded_by.value == "not_met"


def test_a_changed_row_of_the_line_changes_the_answer(world):
    arthritis = shapes.condition(shapes.ICD10, "M17.11", onsetDateTime="2025-01-01", subject=None)
    line = knee(world, arthritis, form("knee", knee__pain_onset=shapes.words("long")))
    assert found(line)["1"] == "met"
    ServiceLine.objects.filter(pk=line.pk).update(modifiers=["LT"])
    evaluate_line(line, by=world.engine, at=LATER)
    assert found(line)["1"] == "unknown"


def test_the_diagnoses_of_the_request_count_as_facts(world):
    line = mri(world, shapes.answers(lbp__pain_onset=(DAY - timedelta(days=80)).isoformat()))
    assert found(line)["1"] == "met"


def test_only_the_members_own_data_count(world):
    other = form("lbp") | {"subject": {"reference": "Patient/somebody-else"}}
    assert set(found(mri(world, other)).values()) == {"unknown"}
    mine = form("lbp") | {"subject": {"reference": "Patient/p"}}
    assert found(mri(world, mine))["4a"] == "met"
    by_number = form("lbp") | {"subject": {"identifier": {"value": world.member.member_number}}}
    assert found(mri(world, by_number))["4a"] == "met"


def test_a_moved_attachment_no_longer_counts(world):
    line = knee(world, form("knee"))
    elsewhere = mri(world)
    Attachment.objects.filter(case=line.case).update(moved_to=elsewhere.case)
    evaluate_line(line, by=world.engine, at=LATER)
    assert found(line)["4"] == "unknown"


def test_the_payers_ledger_is_held_against_the_statement(world):
    line = mri(world, form("lbp"), code="72149")
    ledger = [{"resourceType": "Claim", "id": "ledger", "status": "active", "use": "claim",
               "item": [{"sequence": 1, "productOrService": shapes.concept(shapes.CPT, "72148"),
                         "servicedDate": (DAY - timedelta(days=90)).isoformat()}]}]  # fmt: skip
    evaluate_line(line, by=world.engine, at=LATER, history=ledger)
    assert found(line)["4a"] == "unknown"


def test_an_empty_request_leaves_open_nodes_that_say_what_would_close_them(world):
    nodes = queries.open_nodes(knee(world))
    assert [node.key for node in nodes] == ["1", "2", "3a", "3b", "4", "5"]
    assert nodes[1].documents == ("imaging-report",)
    assert nodes[1].to_satisfy.en.startswith("The report of a standing X-ray")
    assert nodes[1].missing[0]["element"] == "Observation.value"


def test_a_preview_writes_nothing(world):
    picture = preview(
        plan=world.plan, product=world.commercial, code_system=worlds.CPT, code="27447", on=DAY,
        resources=[form("knee")], modifiers=["RT"],
    )  # fmt: skip
    assert [leaf.key for leaf in picture.open_leaves] == ["3a", "3b"]
    assert [leaf.key for leaf in picture.questions] == ["3b"]
    assert Finding.objects.count() == EvidenceMap.objects.count() == 0
    assert preview(plan=world.plan, code_system=worlds.CPT, code="00000", on=DAY, resources=[]).leaves == ()


def test_the_form_asks_typed_questions(world):
    fields = queries.form_questions(plan=world.plan, code_system="CPT", code="72148", on=DAY)
    assert [(field.link, field.kind, field.leaf) for field in fields][:2] == [
        ("lbp.pain-radiates", "yes-no", "1"), ("lbp.pain-onset", "date", "1"),
    ]  # fmt: skip
    assert [code for code, _ in fields[-1].options][:2] == ["injection", "surgery"]


# ---- A person's finding


def test_a_persons_finding_outranks_the_machines(world):
    line = knee(world, form("knee"))
    assert found(line)["3a"] == "not_met"
    finding = record_finding(
        line=line, leaf="3a", value=MET, note="Log shows thirteen weeks.", by=world.nurse, at=LATER
    )
    leaf = queries.current_map(line).leaf("3a")
    assert (leaf.value, leaf.machine.value, leaf.person.value) == (MET, NOT_MET, MET)
    assert leaf.person.made_by == "Nurse"
    assert not leaf.is_to_be_reconsidered
    evaluate_line(line, by=world.engine, at=LATER)
    assert found(line)["3a"] == "met"
    assert finding.superseded_at is None
    assert kinds(line).count("FindingRecorded") == 1


def test_new_evidence_against_a_person_is_shown_and_replaces_nothing(world):
    line = knee(world)
    record_finding(line=line, leaf="4", value=MET, note="Said on the phone.", by=world.nurse, at=NOON)
    attach(
        case=line.case, request=line.request, channel=Channel.PORTAL, by=world.provider, at=LATER,
        documents=[NewDocument(title="form", content_type="application/fhir+json",
                               resource=shapes.answers(knee__active_infection=True))],
    )  # fmt: skip
    evaluate_line(line, by=world.engine, at=LATER)
    leaf = queries.current_map(line).leaf("4")
    assert (leaf.value, leaf.machine.value, leaf.is_to_be_reconsidered) == (MET, NOT_MET, True)
    record_finding(line=line, leaf="4", value=NOT_MET, note="Infection found.", by=world.nurse, at=LATER)
    assert not queries.current_map(line).leaf("4").is_to_be_reconsidered


def test_a_later_finding_of_a_person_supersedes_the_earlier_one(world):
    line = knee(world)
    first = record_finding(line=line, leaf="3b", value=UNKNOWN, by=world.nurse, at=NOON)
    second = record_finding(
        line=line, leaf="3b", value=MET, note="Told by the surgeon.", by=world.orthopaedist, at=LATER
    )
    first.refresh_from_db()
    assert (first.superseded_at, second.supersedes) == (LATER, first)


def test_machines_and_outsiders_record_no_finding(world):
    line = knee(world)
    with pytest.raises(MachineMayNotFind, match="Only a person may record this finding"):
        record_finding(line=line, leaf="4", value=MET, by=world.engine, at=NOON)
    with pytest.raises(PermissionRefused):
        record_finding(line=line, leaf="4", value=MET, by=world.provider, at=NOON)
    assert not Finding.objects.filter(line=line, is_machine=False).exists()


def test_a_finding_needs_a_known_criterion_and_a_reason(world):
    line = knee(world, form("knee"))
    with pytest.raises(CriterionUnknown, match="It has: 1, 2, 3a, 3b, 4, 5"):
        record_finding(line=line, leaf="9", value=MET, by=world.nurse, at=NOON)
    with pytest.raises(FindingNeedsNote):
        record_finding(line=line, leaf="3b", value=NOT_MET, by=world.nurse, at=NOON)
    with pytest.raises(FindingNeedsNote):
        record_finding(line=line, leaf="4", value=UNKNOWN, by=world.nurse, at=NOON)


def test_a_finding_against_the_request_says_why_also_where_the_criterion_must_not_hold():
    against = {"machine": None, "note": " "}
    check_note(value=NOT_MET, against=MET, **against)
    with pytest.raises(FindingNeedsNote):
        check_note(value=MET, against=MET, **against)
    with pytest.raises(FindingNeedsNote):
        check_note(value=NOT_MET, **against)


def test_where_no_guideline_holds_the_reviewer_cites_an_authority(world):
    line = knee(world, lines=(IncomingLine(sequence=1, code_system=worlds.CPT, code="97110", modifiers=("RT",),
                                           units=Decimal(4), unit="UN", first_day=date(2026, 12, 17),
                                           diagnosis_sequences=(1,), provider_keys=("p2", "p3")),))  # fmt: skip
    picture = queries.current_map(line)
    assert (picture.has_guideline, picture.value, picture.leaves) == (False, UNKNOWN, ())
    with pytest.raises(AuthorityNeeded):
        record_finding(line=line, leaf="a", value=MET, by=world.nurse, at=NOON)
    record_finding(
        line=line, leaf="a", value=MET, question="Skilled need?", authority="42 CFR 410.60", by=world.nurse, at=NOON
    )
    frozen = freeze_map(line=line, reason=EvidenceMap.DECIDED, by=world.nurse, at=LATER)
    assert frozen.value == "met"
    assert frozen.snapshot["cited"][0]["person"]["authority"] == "42 CFR 410.60"


# ---- Links


TEXT = "Weight-bearing view. Kellgren-Lawrence grade 4 of the right knee."


def with_report(world):
    line = knee(world)
    report, = attach(
        case=line.case, request=line.request, channel=Channel.PORTAL, by=world.provider, at=NOON,
        documents=[NewDocument(title="X-ray report", content_type="text/plain", content=TEXT.encode())],
    )  # fmt: skip
    return line, report


def test_selected_words_are_linked_to_a_criterion(world):
    line, report = with_report(world)
    link = link_evidence(
        line=line, leaf="2", attachment=report, page=1, quote="Kellgren-Lawrence grade 4", by=world.nurse, at=LATER
    )
    assert TEXT[link.quote_start : link.quote_end] == "Kellgren-Lawrence grade 4"
    shown = queries.current_map(line).leaf("2").links
    assert [(one.title, one.page, one.is_confirmed) for one in shown] == [("X-ray report", 1, True)]
    assert "EvidenceLinked" in kinds(line)


def test_a_finding_may_bring_its_evidence(world):
    line, report = with_report(world)
    record_finding(
        line=line, leaf="2", value=MET, by=world.nurse, at=LATER,
        evidence=[EvidenceRef(attachment=report, page=1, quote="grade 4")],
    )  # fmt: skip
    leaf = queries.current_map(line).leaf("2")
    assert (leaf.value, len(leaf.links)) == (MET, 1)


def test_a_link_must_point_into_this_case(world):
    line, report = with_report(world)
    elsewhere = mri(world)
    with pytest.raises(EvidencePointsNowhere):
        link_evidence(line=elsewhere, leaf="3", attachment=report, by=world.nurse, at=LATER)
    with pytest.raises(EvidencePointsNowhere):
        link_evidence(line=line, leaf="2", resource_key="Observation/none", by=world.nurse, at=LATER)
    with pytest.raises(EvidencePointsNowhere, match="no page 7"):
        link_evidence(line=line, leaf="2", attachment=report, page=7, by=world.nurse, at=LATER)
    with pytest.raises(QuoteNotOnPage):
        link_evidence(line=line, leaf="2", attachment=report, page=1, quote="grade 1", by=world.nurse, at=LATER)
    with pytest.raises(PermissionRefused):
        link_evidence(line=line, leaf="2", attachment=report, by=world.provider, at=LATER)
    assert not EvidenceLink.objects.filter(is_machine=False).exists()


def test_a_proposed_link_is_confirmed_and_survives_the_next_evaluation(world):
    line = knee(world, form("knee"))
    link = EvidenceLink.objects.get(line=line, leaf="4")
    confirm_link(link=link, by=world.nurse, at=LATER)
    row = Attachment.objects.get(case=line.case)
    row.resource = form("knee", knee__active_infection=True)
    row.save()
    evaluate_line(line, by=world.engine, at=LATER)
    shown = queries.current_map(line).leaf("4").links
    assert [(one.id, one.is_confirmed) for one in shown] == [(str(link.public_id), True)]


def test_a_closed_link_stays_in_the_table(world):
    line, report = with_report(world)
    link = link_evidence(line=line, leaf="2", attachment=report, by=world.nurse, at=NOON)
    unlink_evidence(link=link, by=world.physician, at=LATER)
    unlink_evidence(link=link, by=world.nurse, at=LATER + timedelta(hours=1))
    link.refresh_from_db()
    assert (link.unlinked_by, link.unlinked_at) == (world.physician, LATER)
    assert queries.current_map(line).leaf("2").links == ()
    assert kinds(line).count("EvidenceUnlinked") == 1
    with pytest.raises(LinkIsClosed):
        confirm_link(link=link, by=world.nurse, at=LATER)


# ---- Frozen maps


def test_maps_count_up_only_when_something_changed(world):
    line = knee(world)
    assert freeze_map(line=line, reason=EvidenceMap.REFERRED, by=world.nurse, at=NOON).version == 1
    record_finding(line=line, leaf="3b", value=UNKNOWN, by=world.nurse, at=NOON)
    assert freeze_map(line=line, reason=EvidenceMap.REFERRED, by=world.nurse, at=NOON).version == 2
    assert freeze_map(line=line, reason=EvidenceMap.DECIDED, by=world.physician, at=LATER).version == 2
    record_finding(line=line, leaf="3b", value=MET, note="Heard in the call.", by=world.orthopaedist, at=LATER)
    third = freeze_map(line=line, reason=EvidenceMap.PEER_TO_PEER, by=world.orthopaedist, at=LATER)
    assert (third.version, third.reason) == (3, "peer-to-peer")
    assert [row.version for row in queries.maps_of(line)] == [1, 2, 3]


# ---- Rows that never change


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Finding, {"value": "not_met"}),
        (Finding, {"note": "other"}),
        (EvidenceMap, {"snapshot": {}}),
        (EvidenceMap, {"version": 9}),
        (EvidenceLink, {"quote": "other"}),
        (EvidenceLink, {"region": [0, 0, 500, 500]}),
    ],
)
def test_the_database_refuses_to_change_a_row(world, model, change):
    line = knee(world, form("knee"))
    with pytest.raises(DatabaseError, match="rows are never changed"), transaction.atomic():
        model.objects.filter(line=line).update(**change)


def test_a_superseded_finding_stays_superseded(world):
    line = knee(world)
    record_finding(line=line, leaf="3b", value=UNKNOWN, by=world.nurse, at=NOON)
    record_finding(line=line, leaf="3b", value=MET, note="Told.", by=world.nurse, at=LATER)
    with pytest.raises(DatabaseError), transaction.atomic():
        Finding.objects.filter(line=line, superseded_at__isnull=False).update(superseded_at=None)


def test_two_current_findings_of_one_origin_are_impossible(world):
    line = knee(world)
    row = Finding.objects.get(line=line, leaf="4")
    with pytest.raises(DatabaseError), transaction.atomic():
        Finding.objects.create(
            line=line, policy=row.policy, leaf="4", question="q", value="met", is_machine=True, engine_version="x",
            made_by=world.engine, made_at=LATER,
        )  # fmt: skip
    assert replace(queries.finding_fact(row), leaf="4").value is UNKNOWN
