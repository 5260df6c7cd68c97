"""The published table of fit deciders, row by row: which licence and field say no to what, where and since when."""

from dataclasses import replace
from datetime import date

import pytest
import yaml
from django.conf import settings

from openum.accounts.rules import ROLE_PERMISSIONS, LicenceFact, ReviewerFacts
from openum.determination.queries import _rows_of
from openum.determination.reasons import SIGNERS, ReasonDoesNotFit, Signer, check_may_sign, signer_of
from openum.determination.rules import (
    ConflictOfInterest,
    Judged,
    ReviewerNotQualified,
    check_may_deny,
    check_no_interest,
    decider_row,
)
from openum.notices.wording import parse_reasons
from openum.vocabulary.terms import LineOfBusiness, ReasonClass, Role

TODAY = date(2026, 11, 30)
PACK = settings.OPENUM_POLICIES / "deciders" / "first-decision.yaml"
ROWS = _rows_of("the pack", PACK.read_text(encoding="utf-8"))


def row_for(line_of_business, state="", specialty="", benefit="medical", on=TODAY):
    judged = Judged(line_of_business=line_of_business, state=state, specialty=specialty, benefit=benefit, on=on)
    return decider_row(ROWS, judged)


def someone(kind, *fields, state="EX", role=Role.PEER_REVIEWER):
    return ReviewerFacts(
        is_machine=False, permissions=ROLE_PERMISSIONS[role], specialties=frozenset(fields),
        licences=(LicenceFact(kind, state, "active", date(2015, 1, 1), None),),
    )  # fmt: skip


def test_every_line_of_business_has_a_row_and_every_row_its_law():
    assert {item.value for item in LineOfBusiness} == {
        item.value for item in LineOfBusiness if row_for(item.value) is not None
    }
    assert [row.key for row in ROWS if not row.citation] == []
    assert len({row.key for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    ("line_of_business", "state", "specialty", "benefit", "key"),
    [
        ("medicare_advantage", "", "orthopaedics", "medical", "medicare-advantage"),  # 42 CFR 422.566(d)
        ("medicare_advantage", "TX", "orthopaedics", "medical", "medicare-advantage"),  # state law stops at Medicare
        ("integrated_dual", "TX", "orthopaedics", "medical", "integrated-dual"),  # 42 CFR 422.629(k)(3)
        ("integrated_dual", "", "dentistry", "medical", "dental-peer"),
        ("medicare_part_d", "", "", "medical", "medicare-part-d"),
        ("medicare_part_d", "", "", "pharmacy", "medicare-part-d-drugs"),  # 42 CFR 423.566(d)
        ("medicaid_managed_care", "", "", "pharmacy", "medicaid"),  # 42 CFR 438.210(b)(3)
        ("chip_ffs", "", "dentistry", "medical", "dental-peer"),
        ("erisa_group", "", "psychology", "medical", "mental-health-peer"),
        ("erisa_group", "", "", "medical", "commercial"),
        ("commercial_state", "EX", "psychology", "medical", "commercial-ex"),
        ("commercial_state", "CA", "orthopaedics", "medical", "california"),  # HSC 1367.01(e)
        ("commercial_state", "CA", "psychology", "medical", "california-mental-health"),
        ("qhp_ffe", "NY", "orthopaedics", "medical", "new-york"),  # Ins. Law 4900, 4903(a)
        ("qhp_ffe", "NY", "behavioral health", "medical", "new-york-mental-health"),
        ("qhp_ffe", "TX", "psychology", "medical", "texas-active-practice"),  # only a physician, Ins. Code 4201.152
    ],
)
def test_the_row_that_names_most_counts(line_of_business, state, specialty, benefit, key):
    assert row_for(line_of_business, state, specialty, benefit).key == key


def test_a_changed_law_is_a_new_row_with_its_day():
    assert row_for("qhp_ffe", "TX", on=date(2025, 8, 31)).key == "texas"
    assert row_for("qhp_ffe", "TX", on=date(2025, 9, 1)).key == "texas-active-practice"
    assert decider_row((), Judged(line_of_business="erisa_group", state="", specialty="", on=TODAY)) is None


@pytest.mark.parametrize(
    ("on", "applies"),
    [(date(2025, 8, 31), False), (date(2025, 9, 1), True), (date(2026, 6, 30), True), (date(2026, 7, 1), False)],
)
def test_a_row_counts_from_its_first_day_to_the_day_before_its_end(on, applies):
    row = replace(ROWS[0], effective_from=date(2025, 9, 1), effective_to=date(2026, 7, 1))
    judged = Judged(line_of_business=min(row.lines_of_business), state="", specialty="", on=on)
    assert row.applies(judged) is applies
    assert replace(row, effective_from=None, effective_to=None).applies(judged)


@pytest.mark.parametrize(
    ("line_of_business", "state", "specialty", "benefit", "who"),
    [
        ("erisa_group", "", "psychology", "medical", someone("psychologist", "psychology")),
        ("medicaid_managed_care", "", "dentistry", "medical", someone("dentist", "dentistry")),
        ("medicaid_managed_care", "", "oral surgery", "medical", someone("dentist", "dentistry")),
        ("medicare_part_d", "", "rheumatology", "pharmacy", someone("pharmacist", "pharmacy")),
        ("commercial_state", "TX", "orthopaedics", "medical", someone("physician", "internal medicine", state="TX")),
        ("commercial_state", "NY", "orthopaedics", "medical", someone("physician", "orthopaedics")),
        ("commercial_state", "CA", "psychology", "medical", someone("psychologist", "psychology", state="QQ")),
    ],
)
def test_a_licensed_peer_of_the_field_may_say_no(line_of_business, state, specialty, benefit, who):
    row = row_for(line_of_business, state, specialty, benefit)
    licence = check_may_deny(reviewer=who, row=row, specialty=specialty, state=state, on=TODAY)
    assert licence.kind in row.licence_kinds


@pytest.mark.parametrize(
    ("line_of_business", "state", "specialty", "benefit", "who", "sentence"),
    [
        ("erisa_group", "", "orthopaedics", "medical", someone("psychologist", "psychology"), "physician licence"),
        ("erisa_group", "", "psychology", "medical", someone("dentist", "dentistry"), "physician or psychologist"),
        ("medicare_part_d", "", "", "medical", someone("pharmacist", "pharmacy"), "physician licence is missing"),
        ("medicaid_managed_care", "", "", "pharmacy", someone("pharmacist", "pharmacy"), "physician licence"),
        ("qhp_ffe", "TX", "psychology", "medical", someone("psychologist", "psychology", state="TX"), "licence in TX"),
        ("qhp_ffe", "TX", "", "medical", someone("physician", "internal medicine", state="OK"), "licence in TX"),
        ("qhp_ffe", "TX", "", "medical",
         someone("administrative medicine physician", "internal medicine", state="TX"), "licence in TX"),
        ("qhp_ffe", "NY", "orthopaedics", "medical", someone("physician", "internal medicine"), "fit for orthopaedics"),
        ("qhp_ffe", "CA", "orthopaedics", "medical", someone("physician", "internal medicine"), "fit for orthopaedics"),
        ("erisa_group", "", "psychology", "medical", someone("psychologist", "psychology", role=Role.PHARMACIST),
         "Only a qualified clinician"),
    ],
)  # fmt: skip
def test_another_licence_field_or_state_may_not(line_of_business, state, specialty, benefit, who, sentence):
    row = row_for(line_of_business, state, specialty, benefit)
    with pytest.raises(ReviewerNotQualified, match=sentence):
        check_may_deny(reviewer=who, row=row, specialty=specialty, state=state, on=TODAY)


def test_an_administrative_medicine_licence_counted_in_texas_until_the_law_changed():
    before = date(2025, 8, 31)
    who = someone("administrative medicine physician", "internal medicine", state="TX")
    row = row_for("qhp_ffe", "TX", on=before)
    assert check_may_deny(reviewer=who, row=row, specialty="", state="TX", on=before).state == "TX"


def test_an_interest_in_the_request_ends_it():
    check_no_interest([])
    with pytest.raises(ConflictOfInterest, match="Works for the practice that asks. Hand the case to a colleague"):
        check_no_interest(["Works for the practice that asks."])


def test_every_reason_class_has_its_signer_and_the_published_reasons_say_the_same():
    assert set(SIGNERS) == set(ReasonClass)
    reasons = parse_reasons((settings.OPENUM_POLICIES / "reasons.csv").read_text(encoding="utf-8"))
    assert {row.key: row.may_sign for row in reasons} == {row.key: signer_of(row.reason_class) for row in reasons}


@pytest.mark.parametrize("reason", ReasonClass)
def test_a_reason_signs_only_the_kind_of_decision_it_belongs_to(reason):
    for is_clinical, signer in ((True, Signer.CLINICIAN), (False, Signer.ADMINISTRATOR)):
        if signer_of(reason) is signer:
            check_may_sign(signer_of(reason), is_clinical=is_clinical)
        else:
            with pytest.raises(ReasonDoesNotFit):
                check_may_sign(signer_of(reason), is_clinical=is_clinical)


def test_the_file_says_for_each_table_whether_somebody_compared_it_with_the_law():
    assert yaml.safe_load(PACK.read_text(encoding="utf-8"))["source_verified"] is False
