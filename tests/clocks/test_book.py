"""The book of rows: what it refuses, which row a bare question means, and what a code, a modifier or a diagnosis names."""

from dataclasses import replace
from datetime import date

import pytest

from openum.clocks.rules import Force, InvalidRule, Missed, RuleBook, rows_of
from openum.vocabulary.terms import ClockPurpose
from tests.clocks.book import BOOK

DECIDE = BOOK.rule("ma.decide.standard", 2)
TRIAL, DRUG = "clinical_trial_coverage", "part_b_drug_standard"


@pytest.mark.parametrize(
    ("request_type", "code", "is_named"),
    [
        (TRIAL, "S9988", True),
        (TRIAL, "S9991", True),
        (TRIAL, "S9992", False),
        (TRIAL, "J9306", False),
        (DRUG, "J9306", True),
        (DRUG, "Q5117", True),
        (DRUG, "J93061", False),
        (DRUG, "S9988", False),
        ("standard_preservice_pa", "J9306", False),
    ],
)
def test_a_code_names_a_kind_of_request(request_type, code, is_named):
    assert BOOK.names_code(request_type, [code]) is is_named


@pytest.mark.parametrize(
    ("request_type", "modifiers", "diagnoses", "is_named"),
    [
        (TRIAL, ["Q1"], [], True),
        (TRIAL, ["LT", "Q0"], ["M17.12"], True),
        (TRIAL, [], ["Z00.6"], True),
        (TRIAL, ["LT"], ["M17.12"], False),
        (TRIAL, [], [], False),
        (DRUG, ["Q1"], ["Z00.6"], False),
    ],
)
def test_a_modifier_or_a_diagnosis_names_a_clinical_trial(request_type, modifiers, diagnoses, is_named):
    """42 CFR 438.210; the codes are those of CMS for care in approved trials."""
    assert BOOK.names_mark(request_type, modifiers=modifiers, diagnoses=diagnoses) is is_named


@pytest.mark.parametrize(
    ("services", "state", "is_named"),
    [
        ([("http://hl7.org/fhir/sid/ndc", "medical")], "CA", True),
        ([("HCPCS", "medical"), ("", "pharmacy")], "CA", True),
        ([("HCPCS", "medical")], "CA", False),
        ([], "CA", False),
        ([("http://hl7.org/fhir/sid/ndc", "pharmacy")], "NY", False),
    ],
)
def test_the_pharmacy_benefit_or_a_code_list_of_drugs_names_a_drug_in_california(services, state, is_named):
    """Cal. Health and Safety Code 1367.241."""
    assert BOOK.names_service("drug_pa_standard", lambda: services, state=state) is is_named


def test_services_are_read_only_where_a_state_has_a_row_for_them():
    def never():
        raise AssertionError

    assert not BOOK.names_service("drug_pa_standard", never, state="NY")


def test_a_row_may_name_modifiers_alone():
    row = replace(DECIDE, upgrades_to="", modifiers=frozenset({"Q1"}))
    assert RuleBook([row]).names_mark("standard_preservice_pa", modifiers=["Q1"], diagnoses=[])


def test_two_rows_of_one_id_have_two_versions_and_two_times():
    with pytest.raises(InvalidRule, match=r"ma.decide.standard: two rows have the same version."):
        RuleBook([*BOOK, replace(DECIDE, effective_from=date(2031, 1, 1))])
    with pytest.raises(InvalidRule, match=r"ma.decide.standard: versions .* are in force together."):
        RuleBook([*BOOK, replace(DECIDE, version=99, effective_from=date(2031, 1, 1))])
    ended = replace(DECIDE, effective_to=date(2031, 1, 2))
    with pytest.raises(InvalidRule, match=r"ma.decide.standard: versions 2 and 99 are in force together."):
        RuleBook(
            [
                replace(row, upgrades_to="")
                for row in (ended, replace(DECIDE, version=99, effective_from=date(2031, 1, 1)))
            ]
        )


@pytest.mark.parametrize("text", ["[]", "rules: 3", "title: no rows"])
def test_a_file_without_a_list_of_rows_is_refused(text):
    with pytest.raises(InvalidRule, match="a mapping with a list of rules"):
        rows_of(text)


@pytest.mark.parametrize("other", [{"purpose": ClockPurpose.ACKNOWLEDGE}, {"force": Force.ACCREDITATION}])
def test_a_bare_question_means_the_time_to_decide_and_the_law(other):
    """The other row would come first by its name."""
    row = replace(DECIDE, upgrades_to="")
    book = RuleBook([replace(row, id="a.row.before", **other), row])
    found = book.answer_for(
        line_of_business=min(row.line_of_business),
        request_type=min(row.asked_as),
        state="",
        received_on=date(2026, 11, 24),
    )
    assert found.id == DECIDE.id


@pytest.mark.parametrize(
    ("changes", "binds"),
    [
        ({}, True),
        ({"force": Force.ACCREDITATION}, True),
        ({"force": Force.PLAN}, False),
        ({"missed": Missed.WINDOW_CLOSES}, False),
    ],
)
def test_law_and_accreditation_compete_for_the_binding_clock_and_windows_do_not(changes, binds):
    assert replace(DECIDE, **changes).binds is binds
