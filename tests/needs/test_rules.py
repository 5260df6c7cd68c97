"""Requirement lists in memory: which row answers, and what stands above every row."""

from dataclasses import replace
from datetime import date

import pytest

from openum.needs.reading import RequirementsInvalid, read_requirements
from openum.needs.rules import (
    Asked,
    Authorization,
    Covered,
    Standing,
    Status,
    compile_index,
    exempted,
    may_be_satisfied,
    rows_may_meet,
    satisfied,
)
from openum.vocabulary.terms import LineOfBusiness

LIST = """
key: test
value_sets:
  Scans: [CPT|10001-10003]
never_reviewed:
  - {key: emergency, circumstances: [emergency], reason: Never asked., citation: law}
  - {key: door, places: ["23"], reason: Never asked there., citation: law}
  - {key: early, services: [CPT|20001], ages: {to: 21}, reason: Screening., citation: law}
never_excluded:
  - {lines_of_business: [medicaid_managed_care], ages: {to: 21}, reason: A clinician looks., citation: EPSDT}
formal_determination:
  - {lines_of_business: [medicare_advantage], text: Ask for a determination., citation: law}
exemptions:
  - {npi: "9000002904", services: [CPT|10001], effective: {from: 2026-01-01, to: 2026-07-01}, reason: Gold.}
rows:
  - {key: any, value_sets: [Scans], authorization: auth-needed, reason: Any., documents: {kind: clinical}}
  - {key: office, value_sets: [Scans], places: ["11"], reason: In an office.}
  - {key: product, value_sets: [Scans], products: [gold], authorization: performpa, reason: By product.}
  - {key: old, services: [CPT|10002], effective: {to: 2026-01-01}, products: [gold], places: ["11"], reason: Old.}
  - {key: outside, value_sets: [Scans], provider_status: [out-of-network], authorization: auth-needed, reason: Out.}
  - {key: never, services: [CPT|30001], covered: not-covered, reason: No benefit.}
  - {key: maybe, services: [CPT|40001], authorization: conditional, info_needed: [performer], reason: Depends.}
"""
INDEX = compile_index([read_requirements(LIST)])


def asked(code="10001", **facts):
    return Asked(**{
        "services": (("CPT", code),) if code else (), "product": "silver", "state": "EX", "on": date(2026, 3, 1),
        "line_of_business": LineOfBusiness.MEDICARE_ADVANTAGE, **facts,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "row"),
    [
        ({}, "any"),
        ({"code": "10003"}, "any"),
        ({"place": "11"}, "office"),
        ({"product": "gold"}, "product"),
        ({"product": "gold", "place": "11"}, "product"),
        ({"code": "10002", "product": "gold", "place": "11", "on": date(2025, 12, 31)}, "old"),
        ({"code": "10002", "product": "gold", "place": "11", "on": date(2026, 1, 1)}, "product"),
        ({"status": Status.OUT_OF_NETWORK, "place": "11"}, "outside"),
        ({"place": "23"}, "door"),
        ({"circumstances": frozenset({"emergency"}), "place": "11"}, "emergency"),
        ({"code": "20001", "age": 20}, "early"),
        ({"code": "20001", "age": 21}, ""),
        ({"code": "20001"}, ""),
    ],
)
def test_the_narrowest_row_in_force_answers(facts, row):
    assert INDEX.answer(asked(**facts)).row == row


def test_a_service_that_no_list_names_is_never_called_free():
    need = INDEX.answer(asked("99999"))
    assert (need.covered, need.authorization, need.info_needed) == (
        Covered.CONDITIONAL, Authorization.CONDITIONAL, ("OTH",),
    )  # fmt: skip
    assert INDEX.answer(asked("")).info_needed == ("detail-code",)


def test_the_second_coding_of_an_order_answers_when_the_first_is_unknown():
    need = INDEX.answer(asked(services=(("SNOMED", "1"), ("CPT", "10001"))))
    assert (need.row, need.service) == ("any", ("CPT", "10001"))


def test_not_covered_says_how_to_ask_and_authorizes_nothing():
    need = INDEX.answer(asked("30001"))
    assert (need.covered, need.authorization, need.how_to_ask) == (
        Covered.NOT_COVERED, None, "Ask for a determination.",
    )  # fmt: skip


@pytest.mark.parametrize(("age", "covered"), [(20, Covered.CONDITIONAL), (21, Covered.NOT_COVERED)])
def test_no_exclusion_ends_a_request_for_a_young_medicaid_member(age, covered):
    need = INDEX.answer(asked("30001", line_of_business=LineOfBusiness.MEDICAID_MANAGED_CARE, age=age))
    assert need.covered is covered
    assert (need.citation == "EPSDT") is (age == 20)


@pytest.mark.parametrize(
    ("npi", "on", "held"),
    [("9000002904", date(2026, 6, 30), True), ("9000002904", date(2026, 7, 1), False), ("2", date(2026, 6, 30), False)],
)
def test_an_exemption_holds_for_its_provider_and_period(npi, on, held):
    assert (INDEX.exemption(asked(npis=frozenset({npi}), on=on)) is not None) is held


def test_an_exempt_provider_needs_no_authorization_and_sends_nothing():
    need = exempted(INDEX.answer(asked()), INDEX.exemptions["9000002904"][0])
    assert (need.authorization, need.reason_code, need.documents) == (Authorization.NONE, "gold-card", None)


def test_a_standing_authorization_satisfies_with_its_number():
    need = satisfied(INDEX.answer(asked()), Standing(number="A-1"))
    assert (need.covered, need.authorization, need.documents) == (Covered.COVERED, Authorization.SATISFIED, None)
    assert need.standing.number == "A-1"


def test_five_thousand_rows_leave_one_to_look_at():
    rows = "\n".join(f"  - {{key: r{n}, services: [CPT|{n}], reason: R.}}" for n in range(10000, 15000))
    index = compile_index([read_requirements(f"key: big\nrows:\n{rows}")])
    assert len(index.by_service) == 5000
    assert [row.key for row in index.by_service["CPT", "12345"]] == ["r12345"]
    assert index.for_any == ()
    assert index.answer(asked("12345")).row == "r12345"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{key: a, services: [CPT|1], reasn: x}", "row a: nothing is called reasn"),
        ("{key: a, services: [CPT|1]}", "row a: “reason” is missing"),
        ("{key: a, services: [XYZ|1], reason: x}", "row a: “XYZ|1” must read SYSTEM|code"),
        ("{key: a, services: [CPT|10-9], reason: x}", "row a: the range 10-9 must run upwards"),
        ("{key: a, value_sets: [None], reason: x}", "row a: the list has no value set called None"),
        ("{key: a, services: [CPT|1], reason: x, authorization: maybe}", "row a: “maybe” is none of"),
        ("{key: a, services: [CPT|1], reason: x, authorization: satisfied}", "a list cannot say satisfied"),
        ("{key: a, services: [CPT|1], reason: x, authorization: conditional}", "info_needed stands exactly where"),
        ("{key: a, services: [CPT|1], reason: x, info_needed: [performer]}", "info_needed stands exactly where"),
        ("{key: a, services: [CPT|1], reason: x, effective: {from: 2026-02-01, to: 2026-02-01}}", "ends before"),
        ("{key: a, services: [CPT|1], reason: x, documents: {kind: all}}", "one of: admin, both, clinical, patient"),
    ],
)
def test_a_fault_of_a_list_is_told_with_its_row(row, words):
    with pytest.raises(RequirementsInvalid) as refused:
        read_requirements(f"key: t\nrows:\n  - {row}")
    assert words in refused.value.sentence


def test_a_row_key_stands_once():
    with pytest.raises(RequirementsInvalid, match="the row a stands in the list twice"):
        read_requirements("key: t\nrows:\n  - {key: a, reason: x}\n  - {key: a, reason: y}")


def test_care_cannot_be_free_of_review_without_naming_it():
    with pytest.raises(RequirementsInvalid, match="nothing would be reviewed"):
        read_requirements("key: t\nnever_reviewed:\n  - {key: a, reason: x, citation: y}")


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ("places: ['11']", "places: ['11', '22']", True),
        ("places: ['11']", "places: ['22']", False),
        ("places: ['11']", "products: [gold]", False),
        ("ages: {to: 21}", "ages: {from: 21}", False),
        ("ages: {to: 21}", "ages: {from: 20}", True),
        ("ages: {from: 21}", "ages: {to: 21}", False),
        ("ages: {from: 20}", "ages: {to: 21}", True),
        ("effective: {to: 2026-01-01}", "effective: {from: 2026-01-01}", False),
        ("effective: {to: 2026-01-02}", "effective: {from: 2026-01-01}", True),
    ],
)
def test_rows_that_could_hold_for_one_request_are_told(first, second, meet):
    rows = "".join(
        f"  - {{key: {key}, services: [CPT|10001], reason: R., {narrowed}}}\n"
        for key, narrowed in (("a", first), ("b", second))
    )
    one, other = read_requirements(f"key: test\nrows:\n{rows}").rows
    assert rows_may_meet(one, other) is meet
    assert rows_may_meet(other, one) is meet


@pytest.mark.parametrize(
    ("authorization", "may"),
    [
        (Authorization.NEEDED, True),
        (Authorization.CONDITIONAL, True),
        (Authorization.BY_PERFORMER, True),
        (Authorization.NONE, False),
        (Authorization.SATISFIED, False),
    ],
)
def test_an_authorization_can_change_only_what_wants_one(authorization, may):
    need = replace(INDEX.answer(asked()), authorization=authorization)
    assert may_be_satisfied(need) is may
