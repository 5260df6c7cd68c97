"""Leads: each rule by hand, its look-alikes beside it; and the labelled schemes of the shared sample."""

import csv

import pytest

from openum.analytics.leads.rules import RULES, rules
from openum.cli.main import main
from tests.analytics.expected import SAMPLE, needs_sample, rows_of
from tests.analytics.hand import PROVIDERS, line, span, stay, visit, write

EDITS = ("column1,column2,modifier_allowed", "93000,93005,0", "80053,80048,1")
LIMITS = ("code,units", "97110,12")
MINUTES = ("code,minutes", "97112,15")
PERSONS = ("code,sex,age_from,age_to", "58150,female,,", "90460,,0,18")


def found(tmp_path, *options, edits=True, **tables):
    folder = write(tmp_path / "claims", spans=tables.pop("spans", [span("P1"), span("P2")]), **tables)
    out = tmp_path / "leads.csv"
    arguments = ["claims", "leads", "--store", str(folder), "--out", str(out), *options]
    if edits:
        for name, rows in (("edits", EDITS), ("limits", LIMITS), ("minutes", MINUTES), ("persons", PERSONS)):
            (tmp_path / f"{name}.csv").write_text("\n".join(rows), "utf-8")
            arguments += [f"--{name}", str(tmp_path / f"{name}.csv")]
    assert main(arguments) == 0
    with out.open(encoding="utf-8", newline="") as stream:
        return [(row["rule"], row["claim_id"], row["amount"], row["evidence"]) for row in csv.DictReader(stream)]


def service(claim, code="93005", day="2024-05-06", **more):
    return visit("P1", claim, day, hcpcs_code=code) | more


CASES = {
    "the same line in another claim": (
        [service("A", "93000"), service("B", "93000")], [("duplicate", "B", "100.00", "claim A")],
    ),
    "a repeat that says so": ([service("A", "93000"), service("B", "93000", hcpcs_modifier_1="76")], []),
    "both sides of the body": (
        [service("A", "73630", hcpcs_modifier_1="LT"), service("B", "73630", hcpcs_modifier_1="RT")], [],
    ),
    "another charge": ([service("A", "93000"), service("B", "93000", charge_amount="201.00")], []),
    "another line": ([service("A", "93000"), service("B", "93000", claim_line_number=2)], []),
    "a replaced claim": ([service("A", "93000"), service("B", "93000", original_claim_id="A")], []),
    "a part beside the whole": (
        [service("A", "93000"), service("B", "93005")], [("unbundling", "B", "100.00", "part of 93000")],
    ),
    "a part whose edit admits no modifier": (
        [service("A", "93000"), service("B", "93005", hcpcs_modifier_1="59")],
        [("unbundling", "B", "100.00", "part of 93000")],
    ),
    "a part with an admitted modifier": ([service("A", "80053"), service("B", "80048", hcpcs_modifier_1="59")], []),
    "a part on another day": ([service("A", "93000"), service("B", "93005", "2024-05-07")], []),
    "a part of another provider": ([service("A", "93000"), service("B", "93005", rendering_npi="D2")], []),
    "more units than a day admits": (
        [service("A", "97110", service_unit_quantity="13")], [("excess_units", "A", "100.00", "units 13, limit 12")],
    ),
    "as many units as a day admits": ([service("A", "97110", service_unit_quantity="12")], []),
    "units of several days": ([service("A", "97110", service_unit_quantity="40", claim_line_end_date="2024-05-20")], []),
    "an office visit inside a stay": (
        [stay("P1", "S", "2024-05-01", "2024-05-10"), service("A", "99213")],
        [("during_stay", "A", "100.00", "stay 2024-05-01 to 2024-05-10")],
    ),
    "an office visit on the day of discharge": ([stay("P1", "S", "2024-05-01", "2024-05-06"), service("A", "99213")], []),
    "not enrolled on the day": (
        [service("A", "99213", "2025-02-01")], [("not_enrolled", "A", "100.00", "no span on 2025-02-01")],
    ),
    "25 timed hours of one provider": (
        [service("A", "97112", service_unit_quantity="60"), service("B", "97112", service_unit_quantity="40", charge_amount="300.00")],
        [("impossible_day", "A", "100.00", "25 hours on the day"), ("impossible_day", "B", "100.00", "25 hours on the day")],
    ),
    "24 timed hours": ([service("A", "97112", service_unit_quantity="96")], []),
    "25 timed hours on two days": (
        [service("A", "97112", service_unit_quantity="60"), service("B", "97112", "2024-05-07", service_unit_quantity="40")], [],
    ),
    "25 timed hours of a facility": (
        [service("A", "97112", service_unit_quantity="100", claim_type="institutional", bill_type_code="131")], [],
    ),
    "a person nobody knows": ([line("P9", "A", "2025-02-01", hcpcs_code="99213")], []),
}  # fmt: skip


NAMED_BY = {"person_id", "member_id", "claim_id", "original_claim_id", "rendering_npi", "facility_npi", "npi"}


def of_case(mark, rows):
    """The rows with people, claims and providers of their own, so that one run tells all cases apart."""
    return [
        {key: f"{mark}{value}" if key in NAMED_BY and value else value for key, value in row.items()} for row in rows
    ]


@pytest.fixture(scope="module")
def leads_of_cases(tmp_path_factory):
    """The leads of every case from one run over all their claims."""
    tables = {"spans": [], "medical": [], "providers": []}
    marks = {name: f"{number:02}." for number, name in enumerate(CASES)}
    for name, mark in marks.items():
        tables["spans"] += of_case(mark, [span("P1"), span("P2")])
        tables["medical"] += of_case(mark, CASES[name][0])
        tables["providers"] += of_case(mark, PROVIDERS)
    leads = found(tmp_path_factory.mktemp("leads"), **tables)
    return {
        name: [
            (rule, claim.removeprefix(mark), amount, evidence.replace(mark, ""))
            for rule, claim, amount, evidence in leads
            if claim.startswith(mark)
        ]
        for name, mark in marks.items()
    }


@pytest.mark.parametrize("name", CASES)
def test_a_rule_and_what_looks_like_it(name, leads_of_cases):
    assert leads_of_cases[name] == CASES[name][1]


def test_after_death_but_not_on_the_day(tmp_path):
    spans = [span("P1", death_date="2024-05-06")]
    medical = [
        service("A"), service("B", day="2024-05-07"), service("C", "E1390", "2024-05-08", hcpcs_modifier_1="RR"),
    ]  # fmt: skip
    assert found(tmp_path, spans=spans, medical=medical) == [
        ("after_death", "B", "100.00", "died 2024-05-06"),
        ("after_death", "C", "100.00", "died 2024-05-06, rented equipment"),
    ]


@pytest.mark.parametrize(
    ("facts", "code", "expected"),
    [
        ({"gender": "male", "birth_date": "1980-05-06"}, "58150", ["sex male"]),
        ({"gender": "female", "birth_date": "1980-05-06"}, "58150", []),
        ({"gender": "unknown", "birth_date": "1980-05-06"}, "58150", []),
        ({"gender": "female", "birth_date": "2005-05-06"}, "90460", ["age 19"]),
        ({"gender": "female", "birth_date": "2005-05-07"}, "90460", []),
        ({"gender": "female"}, "90460", []),
    ],
)
def test_a_service_and_whom_it_fits(tmp_path, facts, code, expected):
    leads = found(tmp_path, spans=[span("P1", **facts)], medical=[service("A", code)])
    assert leads == [("sex_age", "A", "100.00", words) for words in expected]


@pytest.mark.parametrize(
    ("high", "others", "expected"),
    [(30, 5, 30), (1, 5, 0), (30, 4, 0)],
    ids=["far above", "like the others", "too few others"],
)
def test_the_highest_visit_level_far_above_peers(tmp_path, high, others, expected):
    doctors = [f"N{number}" for number in range(others + 1)]
    medical = [
        visit("P1", f"{who}-{number}", f"2024-{1 + number // 28:02}-{1 + number % 28:02}", rendering_npi=who, place_of_service_code="11",
              hcpcs_code="99215" if number < (high if who == "N0" else 1) else "99213")
        for who in doctors for number in range(30)
    ]  # fmt: skip
    providers = [{"npi": who, "primary_taxonomy_code": "207Q00000X", "is_pcp": "1"} for who in doctors]
    leads = found(tmp_path, medical=medical, providers=providers)
    assert [rule for rule, *_ in leads] == ["upcoding"] * expected
    assert {words for *_, words in leads} <= {"30 of 30 visits, others of the specialty 3 %"}


@pytest.mark.parametrize(("others", "expected"), [(4, 25), (8, 0)])
def test_one_supplier_for_nearly_everybody(tmp_path, others, expected):
    people = [f"P{n}" for n in range(25 + others)]
    rows = [
        line(who, f"C{who}", "2024-05-06", hcpcs_code="E0650", place_of_service_code="12", billing_npi="S1" if n < 25 else "S2")
        for n, who in enumerate(people)
    ]  # fmt: skip
    leads = found(tmp_path, spans=[span(who) for who in people], medical=rows)
    assert [rule for rule, *_ in leads] == ["supplier_concentration"] * expected


def test_without_the_users_files_their_rules_are_silent(tmp_path):
    medical = [service("A", "93000"), service("B", "93005"), service("C", "97110", service_unit_quantity="40")]
    medical += [service("D", "97112", service_unit_quantity="100"), service("E", "58150")]
    assert found(tmp_path, edits=False, medical=medical) == []


def test_a_users_file_that_is_wrong_is_named(tmp_path, capsys):
    folder = write(tmp_path / "claims", spans=[span("P1")])
    bad = tmp_path / "bad.csv"
    bad.write_text("one,two\n1,2\n", "utf-8")
    arguments = ["claims", "leads", "--store", str(folder), "--out", str(tmp_path / "x.csv")]
    assert main([*arguments, "--limits", str(bad)]) == 1
    assert "has no column code, units" in capsys.readouterr().err
    assert main([*arguments, "--edits", str(tmp_path / "none.csv")]) == 1
    assert "There is no file" in capsys.readouterr().err


def test_every_rule_of_the_catalogue_runs_and_says_what_it_leaves_alone():
    assert set(rules()) == set(RULES)
    assert all(rule.says and rule.not_flagged and rule.version for rule in rules().values())


@needs_sample
def test_the_labelled_schemes_of_the_sample(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    limits = tmp_path / "limits.csv"
    limits.write_text("code,units\n97110,12\nA0425,500\n", "utf-8")
    edits = SAMPLE.parent / "reference" / "edit_pairs_illustrative.csv"
    out = tmp_path / "leads.csv"
    arguments = ["--out", str(out), "--edits", str(edits), "--limits", str(limits)]
    assert main(["claims", "leads", "--store", str(SAMPLE), *arguments]) == 0
    truth = duckdb.sql(f"select claim_id, claim_line_number, scheme from '{SAMPLE}/truth/truth_fwa.parquet'").fetchall()
    label = {(claim, number): scheme for claim, number, scheme in truth}
    flagged: dict[str, list[int | None]] = {}
    for row in rows_of(out):
        flagged.setdefault(row["rule"], []).append(label.get((row["claim_id"], int(row["claim_line_number"]))))
    of = {scheme: list(label.values()).count(scheme) for scheme in set(label.values())}
    for rule, scheme in (("duplicate", 1), ("unbundling", 2), ("after_death", 7), ("supplier_concentration", 10)):
        assert set(flagged[rule]) == {scheme}, rule
        assert flagged[rule].count(scheme) >= of[scheme] - 1, rule
    assert flagged["during_stay"].count(8) == of[8]
    assert flagged["not_enrolled"].count(11) == of[11]
    look_alikes = {rule: schemes.count(0) for rule, schemes in flagged.items() if 0 in schemes}
    assert look_alikes == {"during_stay": 1}
