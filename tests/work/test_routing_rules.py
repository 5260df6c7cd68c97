"""Routing rules as data: which rule takes a line, what it weighs, and which documents are refused."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openum.vocabulary.terms import LineOfBusiness, ServiceClass, Urgency
from openum.work.rules.facts import Facts, Flag, Stage
from openum.work.rules.routing import (
    RoutingInvalid,
    check_queues,
    complexity_of,
    read_routing,
    read_when,
    rule_for,
)
from tests.work.conftest import RULES

SHIPPED = Path(__file__).resolve().parents[2] / "policies" / "routing" / "harbor.yaml"


@pytest.mark.parametrize(
    ("when", "facts", "points", "fits"),
    [
        ({}, Facts(), 0, True),
        ({"specialty": "orthopaedics"}, Facts(specialty="orthopaedics"), 0, True),
        ({"specialty": "orthopaedics"}, Facts(), 0, False),
        ({"specialty": ["a", "b"]}, Facts(specialty="b"), 0, True),
        ({"product": "ppo", "language": "es"}, Facts(product="ppo", language="en"), 0, False),
        ({"product": "ppo", "language": "es"}, Facts(product="ppo", language="es"), 0, True),
        ({"urgency": "expedited"}, Facts(urgency="expedited"), 0, True),
        ({"place": ["21", 22]}, Facts(place="22"), 0, True),
        ({"service": "27*"}, Facts(service="27447"), 0, True),
        ({"service": ["27*", "63047"]}, Facts(service="63047"), 0, True),
        ({"service": ["27*", "63047"]}, Facts(service="99213"), 0, False),
        ({"flags": ["minor", "court_order"]}, Facts(flags=frozenset({"minor"})), 0, True),
        ({"flags": ["minor"]}, Facts(flags=frozenset({"confidential"})), 0, False),
        ({"complexity_at_least": 20}, Facts(), 19, False),
        ({"complexity_at_least": 20}, Facts(), 20, True),
    ],
)
def test_a_condition_fits_when_every_named_fact_has_one_of_its_values(when, facts, points, fits):
    assert read_when(when, "test").fits(facts, points) is fits


def test_the_first_rule_that_fits_takes_a_line_and_complexity_is_the_sum_of_its_weights():
    routing = read_routing(RULES)
    knee = Facts(specialty="orthopaedics", urgency="expedited")
    weight = complexity_of(routing, knee)
    assert (weight.points, weight.why) == (20, ("fast", "long records"))
    assert rule_for(routing, knee, weight.points).key == "ortho"
    assert rule_for(routing, Facts(), 10).key == "rest"
    assert rule_for(routing, Facts(stage=Stage.PHYSICIAN, specialty="orthopaedics"), 10).key == "physicians"


REFUSED = [
    ("rules: [", "not YAML"),
    ("- a list", "mapping with a list of rules"),
    (RULES.replace('version: "1"\n', ""), "version is missing"),
    (RULES.replace("effective_from: 2026-01-01", "effective_from: soon"), "effective_from must be a day"),
    (RULES.replace("source: test", "source: test\neffective_to: 2025-01-01"), "later day"),
    (RULES.replace("source: test", "source: test\nsurprise: yes"), "mean nothing here: surprise"),
    (RULES.replace("specialty: orthopaedics}, queue", "colour: blue}, queue"), "colour is no fact"),
    (RULES.replace("specialty: orthopaedics}, queue", "urgency: soon}, queue"), "urgency cannot be soon"),
    (RULES.replace("specialty: orthopaedics}, queue", "specialty: []}, queue"), "specialty has no value"),
    (RULES.replace("specialty: orthopaedics}, queue", "service: '*'}, queue"), "at least one character"),
    (RULES.replace("specialty: orthopaedics}, queue", "complexity_at_least: 0}, queue"), "whole number from 1"),
    (RULES.replace("specialty: orthopaedics}, queue", "stage: nurse}, queue"), "stage is no fact"),
    (RULES.replace("queue: ortho-rn, ", ""), "queue is missing"),
    (RULES.replace("because: bones and joints", "because: ''"), "because is missing"),
    (RULES.replace("key: rest", "key: ortho"), "Two rules are called ortho"),
    (RULES.replace("stage: physician, queue", "stage: doctor, queue"), "stage is nurse or physician"),
    (RULES.replace("key: rest, queue", "key: rest, when: {place: '22'}, queue"), "last rule of the nurse stage"),
    (RULES.replace("points: 5, why: fast", "points: 500, why: fast"), "whole number from 1 to 100"),
    (RULES.replace("{urgency: expedited}, points", "{complexity_at_least: 9}, points"), "cannot depend on the sum"),
    (RULES.replace("  - {key: rest", "  - {key: any, queue: general-rn, because: all}\n  - {key: rest"),
     "Rule rest can never be reached: everything it takes, rule any takes"),
    (RULES + "examples:\n  - {key: knee, facts: {specialty: orthopaedics}, rule: rest}\n",
     "Example knee should be taken by rule rest, but rule ortho takes it"),
    (RULES + "examples:\n  - {key: knee, facts: {hat: red}, rule: rest}\n", "facts that mean nothing here: hat"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_a_document_with_a_fault_is_refused_with_its_place_and_cure(text, said):
    with pytest.raises(RoutingInvalid, match=re.escape(said)):
        read_routing(text)


@pytest.mark.parametrize(
    ("known", "without_owner", "said"),
    [
        ({"general-rn": "nurse", "md": "physician"}, set(), "Rule ortho names the queue ortho-rn, which is not open"),
        ({"ortho-rn": "physician", "general-rn": "nurse", "md": "physician"}, set(), "Rule ortho is for the nurse stage"),
        ({"ortho-rn": "nurse", "general-rn": "nurse", "md": "physician"}, {"md"}, "The queue md of rule physicians has no owner"),
    ],
)  # fmt: skip
def test_a_document_may_name_only_open_queues_of_its_stage_with_an_owner(known, without_owner, said):
    with pytest.raises(RoutingInvalid, match=said):
        check_queues(read_routing(RULES), known=known, without_owner=without_owner)


def test_the_shipped_rules_stand_by_their_examples():
    assert len(read_routing(SHIPPED.read_text(encoding="utf-8")).examples) == 6


FACTS = st.builds(
    Facts,
    stage=st.sampled_from(Stage),
    specialty=st.sampled_from(["", "orthopaedics", "psychiatry", "surgery"]),
    service=st.sampled_from(["", "27447", "63047", "95806"]),
    service_class=st.sampled_from(ServiceClass),
    line_of_business=st.sampled_from(LineOfBusiness),
    urgency=st.sampled_from(Urgency),
    language=st.sampled_from(["en", "es"]),
    kind=st.sampled_from(["authorization", "admission"]),
    standing=st.sampled_from(["provider", "member"]),
    flags=st.frozensets(st.sampled_from([flag.value for flag in Flag])),
)


@given(FACTS)
def test_every_line_finds_exactly_one_rule_of_its_stage_and_a_weight_within_bounds(facts):
    routing = read_routing(SHIPPED.read_text(encoding="utf-8"))
    weight = complexity_of(routing, facts)
    assert 1 <= weight.points <= 100
    rule = rule_for(routing, facts, weight.points)
    assert rule.stage == facts.stage
    assert rule.when.fits(facts, weight.points)
    before = routing.rules[: routing.rules.index(rule)]
    assert not any(each.stage == facts.stage and each.when.fits(facts, weight.points) for each in before)


CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "specialty": st.lists(st.sampled_from(["orthopaedics", "psychiatry"]), min_size=1, unique=True),
        "service": st.lists(st.sampled_from(["27447", "27*", "2744*", "63047"]), min_size=1, unique=True),
        "urgency": st.lists(st.sampled_from(["standard", "expedited"]), min_size=1, unique=True),
        "complexity_at_least": st.integers(1, 30),
    },
)


@given(CONDITIONS, CONDITIONS, FACTS, st.integers(0, 40))
def test_what_a_wider_condition_covers_it_takes(wide, narrow, facts, points):
    one, other = read_when(wide, "wide"), read_when(narrow, "narrow")
    if one.covers(other) and other.fits(facts, points):
        assert one.fits(facts, points)
