"""The synthetic population: the same arguments give the same bytes, and its people use care as populations do."""

import csv
import hashlib

import duckdb
import pytest

from openum.cli.main import main
from openum.vocabulary.identifiers import npi_is_valid
from tests.analytics.conftest import MEMBERS
from tests.analytics.expected import rows_of

TABLES = ("eligibility", "medical_claim", "pharmacy_claim", "truth_stays")


def made(folder, *, members=300, seed=1, months=12):
    arguments = ["samples", "claims", "--members", str(members), "--seed", str(seed), "--months", str(months)]
    assert main([*arguments, "--out", str(folder)]) == 0
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


def asked(folder, question):
    named = question.format_map({table: f"'{folder / table}.parquet'" for table in TABLES})
    return duckdb.sql(named).fetchall()


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    first = made(tmp_path / "a")
    assert set(first) == {*(f"{table}.parquet" for table in TABLES), "provider.csv"}
    assert made(tmp_path / "b") == first


@pytest.mark.parametrize("changed", [{"seed": 2}, {"members": 301}, {"months": 11}])
def test_other_arguments_give_other_claims(tmp_path, changed):
    first, other = made(tmp_path / "a"), made(tmp_path / "b", **changed)
    assert first["medical_claim.parquet"] != other["medical_claim.parquet"]


@pytest.mark.parametrize(
    ("option", "value"),
    [("--members", "0"), ("--members", "999999999"), ("--months", "0"), ("--months", "121"), ("--seed", "-1")],
)
def test_numbers_that_make_no_population_are_refused(tmp_path, capsys, option, value):
    assert main(["samples", "claims", "--out", str(tmp_path), option, value]) == 1
    assert option in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_keys_are_unique_and_claims_belong_to_enrolled_members(own_claims):
    for table in ("medical_claim", "pharmacy_claim"):
        (found,) = asked(
            own_claims, f"select count(*) - count(distinct (claim_id, claim_line_number)) from {{{table}}}"
        )
        assert found == (0,)
    assert asked(own_claims, "select count(distinct person_id) from {eligibility}") == [(MEMBERS,)]
    lost = """select count(*) from {medical_claim} c where not exists (from {eligibility} e where e.person_id = c.person_id
              and c.claim_start_date between e.enrollment_start_date and e.enrollment_end_date)"""
    assert asked(own_claims, lost)[0][0] <= asked(own_claims, "select count(*) from {medical_claim}")[0][0] * 0.002


def test_nothing_happens_after_death(own_claims):
    late = """select count(*) from {medical_claim} c join {eligibility} e using (person_id)
              where e.death_date is not null and c.claim_start_date > last_day(e.death_date)"""
    assert asked(own_claims, late) == [(0,)]


def test_providers_have_numbers_that_check(own_claims):
    with (own_claims / "provider.csv").open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert len({row["npi"] for row in found}) == len(found) > 500
    assert all(npi_is_valid(row["npi"]) for row in found)


def test_the_stays_that_were_drawn_are_the_stays_that_are_found(own_claims, own_results):
    drawn = asked(own_claims, "select person_id, admit_date::varchar, facility_npi from {truth_stays}")
    found = [
        (row["person_id"], row["admit"], row["facility_npi"])
        for row in rows_of(own_results / "stays.csv")
        if row["stay_type"] != "skilled nursing"
    ]
    assert sorted(found) == sorted(drawn)


SANE = [
    # metric, payer, least, most: what is known of such populations (docs/analytics.md)
    ("acute_admits_per_1000", "commercial", 45, 68), ("acute_admits_per_1000", "medicaid", 65, 110),
    ("acute_admits_per_1000", "medicare", 190, 290), ("ed_visits_treat_and_release_per_1000", "commercial", 150, 220),
    ("ed_visits_treat_and_release_per_1000", "medicaid", 380, 540), ("ed_visits_treat_and_release_per_1000", "medicare", 380, 700),
    ("acute_alos", "ALL", 3.6, 4.8), ("readmit_simple_rate", "commercial", 0.06, 0.14),
    ("readmit_simple_rate", "medicare", 0.14, 0.24), ("pcp_visits_per_1000", "commercial", 1900, 2700),
    ("specialist_visits_per_1000", "medicare", 3000, 4600), ("top1_share", "ALL", 0.16, 0.25),
    ("top5_share", "ALL", 0.44, 0.56), ("top10_share", "ALL", 0.60, 0.72), ("bottom50_share", "ALL", 0.0, 0.035),
    ("total_pmpm_enrolled", "commercial", 200, 560), ("total_pmpm_enrolled", "medicare", 450, 1200),
]  # fmt: skip


@pytest.mark.parametrize(("metric", "payer", "least", "most"), SANE)
def test_the_population_uses_care_as_populations_do(own_results, metric, payer, least, most):
    (row,) = [
        row for row in rows_of(own_results / "metrics_summary.csv") if (row["metric"], row["payer"]) == (metric, payer)
    ]
    assert least <= float(row["value"]) <= most


def test_some_members_spend_nothing_in_a_year(own_claims):
    share = """
        with spent as (
          select person_id, sum(paid_amount) as paid from (
            select person_id, paid_amount, claim_start_date as day from {medical_claim}
            union all select person_id, paid_amount, dispensing_date from {pharmacy_claim})
          where year(day) = 2024 group by 1)
        select avg(case when coalesce(paid, 0) = 0 then 1 else 0 end) from {eligibility} left join spent using (person_id)
        where enrollment_start_date <= date '2024-01-01' and enrollment_end_date >= date '2024-12-31'"""
    assert 0.08 <= asked(own_claims, share)[0][0] <= 0.17


def test_long_stays_are_billed_in_parts(own_claims):
    bills = dict(
        asked(
            own_claims,
            "select bill_type_code, count(distinct claim_id) from {medical_claim} where bill_type_code is not null group by 1",
        )
    )
    assert min(bills[kind] for kind in ("111", "112", "114", "131", "212", "214", "329")) > 0
