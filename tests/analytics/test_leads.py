"""Leads: each rule by hand, its look-alikes beside it; and the labelled schemes of the shared sample."""

import csv
from datetime import date, timedelta

import pytest

from openum.analytics.leads.catalogue import rules
from openum.analytics.leads.rules import RULES
from openum.cli.main import main
from tests.analytics.expected import SAMPLE, needs_sample, rows_of
from tests.analytics.hand import PROVIDERS, fill, line, span, stay, visit, write

EDITS = ("column1,column2,modifier_allowed", "93000,93005,0", "80053,80048,1")
LIMITS = ("code,units", "97110,12")
MINUTES = ("code,minutes", "97112,15")
PERSONS = ("code,sex,age_from,age_to", "58150,female,,", "90460,,0,18")


def found(tmp_path, *options, edits=True, files=None, **tables):
    folder = write(tmp_path / "claims", spans=tables.pop("spans", [span("P1"), span("P2")]), **tables)
    out = tmp_path / "leads.csv"
    arguments = ["claims", "leads", "--store", str(folder), "--out", str(out), *options]
    if edits:
        for name, rows in (("edits", EDITS), ("limits", LIMITS), ("minutes", MINUTES), ("persons", PERSONS)):
            (tmp_path / f"{name}.csv").write_text("\n".join(rows), "utf-8")
            arguments += [f"--{name}", str(tmp_path / f"{name}.csv")]
    for name, rows in (files or {}).items():
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


def held(number, person, code="27447", units="", unit="UN", npi="", starts="2024-05-01", ends="2024-06-01", **more):
    """One row of the full file of the authorization feed."""
    facts = {"status": "active", "code_end": ""} | more
    return f"{number},{facts['status']},{person},{code},{facts['code_end']},{starts},{ends},{units},{unit},{npi}"


def wanted(person, code="27447", day="2024-05-06", **more):
    return visit(person, f"C{person}", day, hcpcs_code=code) | more


AUTHORIZED = {
    "A1": ("none at all", [], [wanted("A1")], ["no authorization"]),
    "A2": ("matches", [held("N2", "A2")], [wanted("A2")], []),
    "A3": ("the end is the first day no longer valid", [held("N3", "A3")], [wanted("A3", day="2024-06-01")],
           ["ended before 2024-06-01, authorization N3"]),
    "A4": ("not yet", [held("N4", "A4")], [wanted("A4", day="2024-04-30")], ["from 2024-05-01, authorization N4"]),
    "A5": ("another provider", [held("N5", "A5", npi="D9")], [wanted("A5")], ["another provider, authorization N5"]),
    "A6": ("the billing provider is the one authorized", [held("N6", "A6", npi="D9")], [wanted("A6", billing_npi="D9")], []),
    "A7": ("void", [held("N7", "A7", status="void")], [wanted("A7")], ["no authorization"]),
    "A8": ("a range", [held("N8", "A8", code="27440", code_end="27450")], [wanted("A8")], []),
    "A9": ("a permitted change", [held("N9", "A9", code="29881")], [wanted("A9", code="27447")], []),
    "B1": ("the third of two visits", [held("M1", "B1", code="97110", units="2", unit="VS")],
           [wanted("B1", "97110", f"2024-05-{day:02}", claim_id=f"B1-{day}", service_unit_quantity="4") for day in (6, 7, 8)],
           ["units 3 of 2, authorization M1"]),
    "B2": ("eight of three units", [held("M2", "B2", code="97110", units="3")], [wanted("B2", "97110", service_unit_quantity="8")],
           ["units 8 of 3, authorization M2"]),
    "B3": ("an emergency room", [], [wanted("B3", place_of_service_code="23")], []),
    "B4": ("a surgeon during a stay that came in by the emergency room", [],
           [stay("B4", "SB4", "2024-05-05", "2024-05-08"),
            stay("B4", "SB4", "2024-05-05", "2024-05-08", number=2, revenue_center_code="0450"), wanted("B4", place_of_service_code="21")], []),
    "B5": ("an emergency admission", [], [wanted("B5", admit_type_code="1")], []),
    "B6": ("no authorization is wanted", [], [wanted("B6", "99213")], []),
    "B7": ("a circumstance ends it", [held("M7", "B7", ends="")], [wanted("B7", day="2024-11-06")], []),
    "C1": ("four days after the last certified one", [held("K1", "C1", "194", "6", "DA", starts="2024-05-01", ends="2024-05-07")],
           [stay("C1", "SC1", "2024-05-01", "2024-05-11")],
           ["certified until 2024-05-07, stayed until 2024-05-11, authorization K1"]),
    "C2": ("discharged after the last certified night", [held("K2", "C2", "194", "6", "DA", starts="2024-05-01", ends="2024-05-07")],
           [stay("C2", "SC2", "2024-05-01", "2024-05-07")], []),
    "C3": ("extended", [held("K3", "C3", "194", "6", "DA", starts="2024-05-01", ends="2024-05-07"),
                        held("K3", "C3", "194", "4", "DA", starts="2024-05-07", ends="2024-05-11")],
           [stay("C3", "SC3", "2024-05-01", "2024-05-11")], []),
    "D1": ("a principal diagnosis of another DRG", [], [stay("D1", "SD1", "2024-05-01", "2024-05-04", drg_code="871", diagnosis_code_2="J9601")],
           ["principal diagnosis J189 is not one of DRG 871"]),
    "D2": ("no severity", [], [stay("D2", "SD2", "2024-05-01", "2024-05-04", drg_code="871", diagnosis_code_1="A41.9", diagnosis_code_2="I10")],
           ["no diagnosis of the severity of DRG 871"]),
    "D3": ("severity by one alone", [], [stay("D3", "SD3", "2024-05-01", "2024-05-04", drg_code="871", diagnosis_code_1="A41.9", diagnosis_code_2="J96.01")],
           ["severity of DRG 871 rests on J9601 alone"]),
    "D4": ("severity by two", [], [stay("D4", "SD4", "2024-05-01", "2024-05-04", drg_code="871", diagnosis_code_1="A41.9", diagnosis_code_2="J96.01",
                                        diagnosis_code_3="R65.21")], []),
    "D5": ("one alone where the file does not ask", [], [stay("D5", "SD5", "2024-05-01", "2024-05-04", drg_code="193", diagnosis_code_2="J96.01")], []),
}  # fmt: skip

OPIOIDS = {
    "O1": ([("R1", "Q1", 0), ("R2", "Q2", 20), ("R3", "Q3", 40), ("R4", "Q4", 60)], 5, "", ["4 prescribers, 4 pharmacies in 90 days, 30 MME on the day"]),
    "O2": ([("R1", "Q1", 0), ("R2", "Q2", 20), ("R3", "Q3", 40), ("R4", "Q4", 90)], 5, "", []),
    "O3": ([("R1", "Q1", 0), ("R2", "Q2", 5)], 10, "", ["2 prescribers, 2 pharmacies in 90 days, 120 MME on the day"]),
    "O4": ([("R1", "Q1", 0), ("R1", "Q2", 5)], 10, "", []),
    "O5": ([("R1", "Q1", 0), ("R2", "Q2", 5)], 10, "C341", []),
    "O6": ([("R1", "Q1", 0), ("R2", "Q2", 10)], 10, "", []),
    "O7": ([("R1", "Q1", 0), ("R2", "Q2", 5)], 10, "D573", ["2 prescribers, 2 pharmacies in 90 days, 120 MME on the day"]),
}  # fmt: skip


def test_claims_against_authorizations_groups_and_prescriptions(tmp_path):
    medical = [row for _, _, rows, _ in AUTHORIZED.values() for row in rows]
    medical += [
        visit(who, f"V{who}", "2024-03-01", diagnosis_code_1=ill) for who, (_, _, ill, _) in OPIOIDS.items() if ill
    ]
    pharmacy = [
        fill(who, f"{who}-{number}", str(date(2024, 3, 1) + timedelta(day)), ndc_code="00406055201", quantity="20" if length == 5 else "80",
             days_supply=str(length), prescribing_provider_npi=prescriber, dispensing_provider_npi=shop)
        for who, (fills, length, _, _) in OPIOIDS.items() for number, (prescriber, shop, day) in enumerate(fills)
    ]  # fmt: skip
    files = {
        "authorizations": [
            "number,status,member_number,code,code_end,from,to,units,unit,npi",
            *(row for _, rows, _, _ in AUTHORIZED.values() for row in rows),
        ],
        "wanted": ["code,code_end", "27440,27450", "97110,"],
        "changes": ["authorized,added", "29881,2744*"],
        "groups": [
            "drg,position,code,alone", "871,principal,A41,1", "871,severity,J96.0,1", "871,severity,R65.2,1",
            "193,principal,J18,", "193,severity,J96.0,",
        ],
        "opioids": ["ndc,mme", "00406-0552-01,7.5"],
    }  # fmt: skip
    people = [span(who) for who in (*AUTHORIZED, *OPIOIDS)]
    told, expected_of = {}, {**AUTHORIZED, **OPIOIDS}
    for rule, claim, amount, evidence in found(
        tmp_path, edits=False, files=files, spans=people, medical=medical, pharmacy=pharmacy
    ):
        who = next(name for name in expected_of if name in claim)
        told.setdefault(who, []).append(evidence)
        if rule == "longer_than_certified":
            assert amount == "400.00"
    expected = {who: words for who, (*_, words) in expected_of.items() if words}
    assert told == expected


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
