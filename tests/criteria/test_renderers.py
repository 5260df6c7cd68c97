"""One evidence map, one renderer per audience; a frozen map renders as it stood; evidence says value and date."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from openum.cli.main import main
from openum.criteria.document import parse_guideline
from openum.criteria.maps import FindingFact, LinkFact, build_map
from openum.criteria.models import EvidenceLink
from openum.criteria.quoting import Quoter
from openum.criteria.renderers.answer import notes_of
from openum.criteria.renderers.appeal import packet_of, text_of
from openum.criteria.renderers.letter import gaps_of, note_for
from openum.criteria.renderers.member import answers_of
from openum.criteria.renderers.places import numbered_links, origin_of
from openum.criteria.renderers.provider import points_of
from openum.criteria.renderers.reviewer import nodes_of
from openum.criteria.snapshots import snapshot_of, view_of
from openum.criteria.tree import Group, Mode, Text
from openum.vocabulary.terms import FindingValue
from tests.criteria.documents import LIBRARIES, SMALL
from tests.criteria.test_services import form, knee

MET, NOT_MET, UNKNOWN = FindingValue.MET, FindingValue.NOT_MET, FindingValue.UNKNOWN
AT = datetime(2030, 5, 1, 12, tzinfo=UTC)


def fact(leaf, value, *, is_machine=True, note="", by="Rules engine", missing=()):
    return FindingFact(
        id=f"f-{leaf}", leaf=leaf, question="Q", authority="", value=value, is_machine=is_machine, note=note,
        missing=tuple(missing), evidence=(), input_digest="abc", engine_version="openum-cql 1" if is_machine else "",
        made_by=by, made_at=AT,
    )  # fmt: skip


def link(leaf, title, *, page=None, quote="", is_machine=False, is_confirmed=True, key=""):
    return LinkFact(
        id=f"l-{leaf}-{title}", leaf=leaf, title=title, attachment_id="" if key else "a1", resource_key=key, page=page,
        quote=quote, quote_start=None, quote_end=None, linked_by="Nurse", linked_at=AT, is_machine=is_machine,
        is_confirmed=is_confirmed,
    )  # fmt: skip


GUIDELINE = parse_guideline(SMALL, file="walk.md", libraries=LIBRARIES)
ONE, TWO = GUIDELINE.leaves


def shaped(mode, *, count=0, facts=(), links=()):
    """A map of three leaves: 1 alone, then a and b joined in some way."""
    a, b = replace(TWO, key="a"), replace(TWO, key="b", question=Text("Is there an infection?", "¿Hay una infección?"))
    children = (b,) if mode is Mode.NOT else (a, b, replace(TWO, key="c"))
    inner = Group("2", mode, children, Text("Some", "Algunos"), count=count)
    guideline = replace(GUIDELINE, root=Group("", Mode.ALL, (ONE, inner)))
    return build_map(guideline, policy_digest="d1", findings=facts, links=links)


def test_a_frozen_map_says_what_the_living_one_said():
    view = shaped(
        Mode.AT_LEAST, count=2, facts=[fact("1", MET), fact("a", NOT_MET, is_machine=False, note="Seen", by="Nurse")],
        links=[link("1", "Report", page=2, quote="walks with help")],
    )  # fmt: skip
    frozen = view_of(snapshot_of(view))
    assert snapshot_of(frozen) == snapshot_of(view)
    assert {leaf.key for leaf in frozen.questions} == {"b", "c"}
    assert [leaf.key for leaf in frozen.leaves] == ["1", "a", "b", "c"]


def test_a_frozen_map_without_a_guideline_is_read_back():
    cited = replace(fact("x", MET, is_machine=False, by="Nurse"), authority="42 CFR 410.60", question="Skilled need?")
    view = build_map(None, policy_digest="", findings=[cited], links=[])
    assert snapshot_of(view_of(snapshot_of(view))) == snapshot_of(view)
    assert list(gaps_of(view_of(snapshot_of(view)))) == []


@pytest.mark.parametrize(
    ("mode", "count", "found", "gaps"),
    [
        (
            Mode.ANY,
            0,
            {"a": NOT_MET},
            [("a", ("a", "b", "c"), 1), ("b", ("a", "b", "c"), 1), ("c", ("a", "b", "c"), 1)],
        ),
        (Mode.ALL, 0, {"a": MET, "b": NOT_MET, "c": UNKNOWN}, [("b", (), 0), ("c", (), 0)]),
        (Mode.AT_LEAST, 2, {"a": MET}, [("b", ("a", "b", "c"), 2), ("c", ("a", "b", "c"), 2)]),
        (Mode.AT_LEAST, 2, {"a": MET, "b": MET}, []),
        (Mode.NOT, 0, {"b": MET}, [("b", (), 0)]),
        (Mode.NOT, 0, {"b": NOT_MET}, []),
    ],
)
def test_a_letter_quotes_what_is_not_as_asked_with_its_alternatives(mode, count, found, gaps):
    view = shaped(mode, count=count, facts=[fact("1", MET), *(fact(key, value) for key, value in found.items())])
    assert [(gap.leaf.key, gap.beside, gap.enough) for gap in gaps_of(view)] == gaps


def test_a_letter_to_the_member_leaves_out_what_the_engine_counted():
    view = shaped(
        Mode.ANY, facts=[fact("a", NOT_MET, note="2 visits"), fact("b", NOT_MET, is_machine=False, note="No")]
    )
    by_key = {leaf.key: leaf for leaf in view.leaves}
    assert [note_for(by_key["a"], is_member=who) for who in (True, False)] == ["", "2 visits"]
    assert [note_for(by_key["b"], is_member=who) for who in (True, False)] == ["No", "No"]


def test_the_member_reads_whether_each_point_is_as_asked():
    view = shaped(Mode.NOT, facts=[fact("1", MET), fact("b", NOT_MET)])
    assert [(one.question, one.value, one.must_not_be, one.help) for one in answers_of(view, "en")] == [
        ("Do you need help?", "met", False, ""),
        ("Did you fall?", "met", True, ""),
    ]
    assert view.value is MET
    assert view.open_leaves == ()


def test_the_provider_reads_what_stands_in_the_way_in_their_language():
    missing = [{"element": "Condition.code", "note": "a coded fall"}]
    view = shaped(Mode.ANY, facts=[fact("1", NOT_MET), fact("a", UNKNOWN, missing=missing)])
    assert [(point.leaf, point.value) for point in points_of(view, "es")] == [("1", "not_met")]
    view = shaped(Mode.ANY, facts=[fact("1", MET), fact("a", UNKNOWN, missing=missing)])
    point = next(point for point in points_of(view, "es") if point.leaf == "a")
    assert (point.question, point.to_satisfy, point.missing) == (
        "¿Se cayó la persona?",
        "Un diagnóstico.",
        ("a coded fall",),
    )


def test_the_reviewer_sees_rows_with_numbered_evidence():
    view = shaped(
        Mode.AT_LEAST, count=2, facts=[fact("1", MET), fact("a", MET)],
        links=[link("1", "Report", page=2), link("a", "Report", page=2), link("a", "Condition/request-diagnosis-1",
               key="Condition/request-diagnosis-1", is_machine=True, is_confirmed=False)],
    )  # fmt: skip
    rows = nodes_of(view, "en")
    assert [(row.key, row.depth, row.mode, row.count, row.numbers) for row in rows] == [
        ("1", 0, "", 0, (1,)), ("2", 0, "at_least", 2, ()), ("a", 1, "", 0, (1, 2)), ("b", 1, "", 0, ()), ("c", 1, "", 0, ()),
    ]  # fmt: skip
    assert rows[2].links[1][2] == "Diagnosis 1 of the request"
    assert numbered_links(view) == {"a1:2": 1, "Condition/request-diagnosis-1": 2}
    assert [origin_of(one) for one in view.leaf("a").links] == ["person", "proposed"]


def test_the_answer_of_the_api_tells_no_names():
    notes = notes_of(shaped(Mode.NOT, facts=[fact("1", MET, by="Nadia"), fact("b", MET)]))
    assert notes == (
        "Criterion 1: Is help needed to walk? Met.",
        "Criterion b: Is there an infection? Met. It must not be so. To satisfy it: A diagnosis.",
    )


def test_the_appeal_packet_holds_everything_an_independent_reviewer_needs():
    missing = [{"element": "Condition.code", "note": "a coded fall"}]
    view = shaped(
        Mode.ANY,
        facts=[fact("1", NOT_MET, note="engine words"), fact("1", MET, is_machine=False, note="Seen", by="Nurse"),
               fact("a", UNKNOWN, missing=missing)],
        links=[link("1", "Report", page=2, quote="walks with help"),
               link("a", "Observation/1", key="Observation/1", quote="34 kg", is_machine=True, is_confirmed=False)],
    )  # fmt: skip
    packet = packet_of(view)
    first = packet.entries[0]
    assert (first.value, [given.value for given in first.answers]) == ("met", ["met", "not_met"])
    assert [(place.number, place.origin, place.quote) for place in packet.index] == [
        (1, "person", "walks with help"), (2, "proposed", "34 kg"),
    ]  # fmt: skip
    text = "\n".join(text_of(packet))
    assert "Guideline WALK v1, content d1. Outcome: unknown." in text
    assert "- met: Nurse, 2030-05-01T12:00:00+00:00. Seen" in text
    assert "- not met: the rule engine (openum-cql 1, input abc), 2030-05-01T12:00:00+00:00. engine words" in text
    assert "- Missing: Condition.code: a coded fall" in text
    assert "- What would satisfy it: A diagnosis." in text
    assert "1. Report, page 2: “walks with help”; linked by a person (Nurse, 2030-05-01T12:00:00+00:00)" in text
    assert "2. Observation/1: “34 kg”; proposed by the rule engine, not confirmed" in text


# ---- What evidence says


@pytest.mark.parametrize(
    ("resource", "quote"),
    [
        ({"resourceType": "Observation", "code": {"text": "BMI"}, "valueQuantity": {"value": 34.2, "unit": "kg/m2"},
          "effectiveDateTime": "2030-04-20"}, "BMI; 34.2 kg/m2; 2030-04-20"),
        ({"resourceType": "Condition", "code": {"coding": [{"code": "M17.11"}]}, "onsetDateTime": "2030-01"},
         "M17.11; 2030-01"),
        ({"resourceType": "Procedure", "code": {"coding": [{"display": "Therapy"}]},
          "performedPeriod": {"start": "2030-01-01", "end": "2030-03-01"}}, "Therapy; 2030-01-01 to 2030-03-01"),
        ({"resourceType": "Claim", "item": [{"servicedDate": "2030-01-01"}]}, "2030-01-01"),
        ({"resourceType": "Condition", "code": {"text": "words"}}, ""),
        ({"resourceType": "Observation", "code": "wrong", "effectivePeriod": []}, ""),
        ({"resourceType": "QuestionnaireResponse", "item": [
            {"linkId": "page", "item": [{"linkId": "w.a", "answer": [{"valueBoolean": True}]}]},
            {"linkId": "w.b", "answer": [{"valueCoding": {"code": "x"}}]}, {"linkId": "w.c", "answer": []}]},
         "Needs help: yes"),
    ],
)  # fmt: skip
def test_a_resource_is_quoted_with_value_and_date(resource, quote):
    quoter = Quoter([{"id": "1", **resource}])
    key = f"{resource['resourceType']}/1"
    assert quoter.quote(key, {"w.a": "Needs help", "w.c": "Fell"}) == quote
    assert quoter.quote(key, {}) == ("" if resource["resourceType"] == "QuestionnaireResponse" else quote)
    assert quoter.quote("Observation/of somebody else", {}) == ""


def test_the_machines_proposals_quote_what_they_found(world):
    line = knee(world, form("knee"))
    proposed = EvidenceLink.objects.get(line=line, leaf="5")
    assert proposed.quote == "Body mass index: 34.2; Latest HbA1c: 6.9"
    assert proposed.is_machine


def test_the_command_prints_the_packet_of_a_case(world, monkeypatch, capsys, tmp_path):
    line = knee(world, form("knee"))
    monkeypatch.setattr("openum.cli.environment.prepare", lambda _data: tmp_path)
    monkeypatch.setattr("openum.cli.environment.start_django", lambda: None)
    assert main(["criteria", "packet", line.case.number]) == 0
    out = capsys.readouterr().out
    assert "## 3b. Is there a medical reason why therapy is not possible or had to stop?" in out
