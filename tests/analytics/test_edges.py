"""Edge cases made by hand, one member each: what every metric says of them."""

import pytest

from openum.cli.main import main
from tests.analytics import hand
from tests.analytics.expected import rows_of
from tests.analytics.hand import emergency, fill, span, stay, visit

CASES = {
    # name: (medical rows, pharmacy rows, what the member's metrics are; money in dollars, `paid` = medical_paid_all)
    "one stay": ([stay("", "C1", "2024-03-01", "2024-03-05")], [], {"acute_admits": 1, "acute_days": 4, "paid": 1000}),
    "same day out": ([stay("", "C1", "2024-03-01", "2024-03-01")], [], {"acute_admits": 1, "acute_days": 1, "paid": 1000}),
    "over the leap day": ([stay("", "C1", "2024-02-28", "2024-03-01")], [], {"acute_admits": 1, "acute_days": 2, "paid": 1000}),
    "over a day that is no leap day": ([stay("", "C1", "2023-02-28", "2023-03-01")], [], {"acute_admits": 1, "acute_days": 1, "paid": 1000}),
    "interim bills": (
        [stay("", "C1", "2024-03-01", "", "30", bill_type_code="112", claim_end_date="2024-03-31", claim_line_end_date="2024-03-31", discharge_date=""),
         stay("", "C2", "2024-04-01", "2024-04-10", bill_type_code="114", admission_date="2024-04-01")],
        [], {"acute_admits": 1, "acute_days": 40, "paid": 2000}),
    "three interim bills over the turn of the year and the leap day": (
        [stay("", "C1", "2023-12-20", "2023-12-31", "30", bill_type_code="112"), stay("", "C2", "2024-01-01", "2024-01-31", "30", bill_type_code="113"),
         stay("", "C3", "2024-02-01", "2024-02-29", bill_type_code="114")],
        [], {"acute_admits": 1, "acute_days": 71, "paid": 3000}),
    "in on the leap day, out the day after": ([stay("", "C1", "2024-02-29", "2024-03-01")], [], {"acute_admits": 1, "acute_days": 1, "paid": 1000}),
    "in and out on the leap day": ([stay("", "C1", "2024-02-29", "2024-02-29")], [], {"acute_admits": 1, "acute_days": 1, "paid": 1000}),
    "another hospital on the day of discharge": (
        [stay("", "C1", "2024-03-01", "2024-03-05"), stay("", "C2", "2024-03-05", "2024-03-07", facility_npi="F2")],
        [], {"acute_admits": 2, "acute_days": 6, "paid": 2000}),
    "overlapping stays of two hospitals are two": (
        [stay("", "C1", "2024-03-01", "2024-03-06"), stay("", "C2", "2024-03-04", "2024-03-09", facility_npi="F2")],
        [], {"acute_admits": 2, "acute_days": 10, "paid": 2000}),
    "transferred and back": (
        [stay("", "C1", "2024-03-01", "2024-03-03", "02"), stay("", "C2", "2024-03-03", "2024-03-06", "02", facility_npi="F2"),
         stay("", "C3", "2024-03-06", "2024-03-08")],
        [], {"acute_admits": 3, "acute_days": 7, "paid": 3000}),
    "next day without status 30 is another stay": (
        [stay("", "C1", "2024-03-01", "2024-03-05"), stay("", "C2", "2024-03-06", "2024-03-08")],
        [], {"acute_admits": 2, "acute_days": 6, "paid": 2000}),
    "two days after status 30 is another stay": (
        [stay("", "C1", "2024-03-01", "2024-03-05", "30"), stay("", "C2", "2024-03-07", "2024-03-08")],
        [], {"acute_admits": 2, "acute_days": 5, "paid": 2000}),
    "overlapping claims are one": (
        [stay("", "C1", "2024-03-01", "2024-03-06"), stay("", "C2", "2024-03-04", "2024-03-09")],
        [], {"acute_admits": 1, "acute_days": 8, "paid": 2000}),
    "a claim inside another": (
        [stay("", "C1", "2024-03-01", "2024-03-20"), stay("", "C2", "2024-03-04", "2024-03-06"), stay("", "C3", "2024-03-15", "2024-03-18")],
        [], {"acute_admits": 1, "acute_days": 19, "paid": 3000}),
    "same facility, same day again": (
        [stay("", "C1", "2024-03-01", "2024-03-05"), stay("", "C2", "2024-03-05", "2024-03-07")],
        [], {"acute_admits": 2, "acute_days": 6, "paid": 2000}),
    "transfer": (
        [stay("", "C1", "2024-03-01", "2024-03-05", "02"), stay("", "C2", "2024-03-05", "2024-03-09", facility_npi="F2")],
        [], {"acute_admits": 2, "acute_days": 8, "paid": 2000}),
    "two types": (
        [stay("", "C1", "2024-03-01", "2024-03-05", facility_npi="F3"), stay("", "C2", "2024-03-06", "2024-03-16", bill_type_code="211", drg_code="", facility_npi="F2")],
        [], {"psychiatric_admits": 1, "psychiatric_days": 4, "snf_admits": 1, "snf_days": 10, "paid": 2000}),
    "a DRG without an inpatient bill": ([stay("", "C1", "2024-03-01", "2024-03-03", bill_type_code="181")], [], {"acute_admits": 1, "acute_days": 2, "paid": 1000}),
    "several lines are one claim": (
        [stay("", "C1", "2024-03-01", "2024-03-05", number=n, revenue_center_code=code) for n, code in enumerate(("0120", "0250", "0450"), 1)],
        [], {"acute_admits": 1, "acute_days": 4, "paid": 3000}),
    "emergency twice a day is one visit": (
        [emergency("", "C1", "2024-03-01"), emergency("", "C2", "2024-03-01"), emergency("", "C3", "2024-03-02")],
        [], {"ed_visits_treat_and_release": 2, "paid": 300}),
    "emergency on the day of admission": (
        [emergency("", "C1", "2024-03-01"), stay("", "C2", "2024-03-01", "2024-03-03")], [], {"acute_admits": 1, "acute_days": 2, "paid": 1100}),
    "emergency during a nursing stay": (
        [emergency("", "C1", "2024-03-05"), stay("", "C2", "2024-03-01", "2024-03-09", bill_type_code="211", drg_code="")],
        [], {"ed_visits_treat_and_release": 1, "snf_admits": 1, "snf_days": 8, "paid": 1100}),
    "an outpatient claim with an emergency line": (
        [emergency("", "C1", "2024-03-01"), emergency("", "C1", "2024-03-01", claim_line_number=2, revenue_center_code="0300", hcpcs_code="80053")],
        [], {"ed_visits_treat_and_release": 1, "paid": 200}),
    "offices": (
        [visit("", "C1", "2024-03-01"), visit("", "C2", "2024-03-01"), visit("", "C3", "2024-03-01", rendering_npi="D2"),
         visit("", "C4", "2024-03-02", place_of_service_code="10"), visit("", "C5", "2024-03-03", hcpcs_code="99285")],
        [], {"pcp_visits": 2, "specialist_visits": 1, "telehealth_visits": 1, "paid": 500}),
    "a facility image and its reading": (
        [emergency("", "C1", "2024-03-01", revenue_center_code="0610", hcpcs_code="70553"), visit("", "C2", "2024-03-01", hcpcs_code="70553", hcpcs_modifier_2="26")],
        [], {"imaging_mri": 1, "outpatient_hospital_visits": 1, "paid": 200}),
    "codes without their zeros": (
        [emergency("", "C1", "2024-03-01", bill_type_code="0131", revenue_center_code="450"), visit("", "C2", "2024-03-03", place_of_service_code="2")],
        [], {"ed_visits_treat_and_release": 1, "pcp_visits": 1, "telehealth_visits": 1, "paid": 200}),
    "colliding numbers of two sources": (
        [stay("", "C1", "2024-03-01", "2024-03-05"), visit("", "C1", "2024-06-01", data_source="other")],
        [], {"acute_admits": 1, "acute_days": 4, "pcp_visits": 1, "paid": 1100}),
    # reversals and replacements
    "reversed under its own number": (
        [stay("", "C1", "2024-03-01", "2024-03-05"), stay("", "C1", "2024-03-01", "2024-03-05", paid_amount="-1000.00", allowed_amount="-120.00")],
        [fill("", "R1", "2024-03-01"), fill("", "R1", "2024-03-01", paid_amount="-10.00", allowed_amount="-12.00")], {}),
    "reversed under another number": (
        [visit("", "C1", "2024-03-01"), visit("", "C1-R", "2024-03-01", paid_amount="-100.00", allowed_amount="-120.00")], [], {}),
    "reversed, with a line that paid nothing": (
        [stay("", "C1", "2024-03-01", "2024-03-05"), stay("", "C1", "2024-03-01", "2024-03-05", number=2, paid_amount="0", allowed_amount="0", charge_amount="0"),
         stay("", "C1", "2024-03-01", "2024-03-05", paid_amount="-1000.00"), stay("", "C1", "2024-03-01", "2024-03-05", number=2, paid_amount="0", allowed_amount="0", charge_amount="0")],
        [], {}),
    "reversed and corrected": (
        [stay("", "C1", "2024-03-01", "2024-03-05", paid_date="2024-04-01"), stay("", "C1", "2024-03-01", "2024-03-05", paid_amount="-1000.00", paid_date="2024-05-01"),
         stay("", "C1", "2024-03-01", "2024-03-05", paid_amount="800.00", paid_date="2024-05-02")],
        [], {"acute_admits": 1, "acute_days": 4, "paid": 800}),
    "voided by the bill type": (
        [stay("", "C1", "2024-03-01", "2024-03-05"), stay("", "C9", "2024-03-01", "2024-03-05", bill_type_code="118", paid_date="2024-05-01")], [], {}),
    "replaced by the bill type": (
        [stay("", "C1", "2024-03-01", "2024-03-05"), stay("", "C9", "2024-03-01", "2024-03-07", bill_type_code="117", paid_date="2024-05-01", paid_amount="900.00")],
        [], {"acute_admits": 1, "acute_days": 6, "paid": 900}),
    "replaced, then voided": (
        [stay("", "C1", "2024-03-01", "2024-03-05"), stay("", "C2", "2024-03-01", "2024-03-07", bill_type_code="117", paid_date="2024-05-01"),
         stay("", "C3", "2024-03-01", "2024-03-07", bill_type_code="118", paid_date="2024-06-01")], [], {}),
    "replaced by name": (
        [visit("", "C1", "2024-03-01"), visit("", "C2", "2024-03-02", original_claim_id="C1", paid_amount="70.00")], [], {"pcp_visits": 1, "paid": 70}),
    "status words": (
        [visit("", "C1", "2024-03-01", claim_status="Paid"), visit("", "C2", "2024-03-02", claim_status="DENIED", paid_amount="0"),
         visit("", "C3", "2024-03-03", claim_status="pended"), visit("", "C4", "2024-03-04", claim_status="reversed"), visit("", "C5", "2024-03-05", claim_status="replaced")],
        [], {"pcp_visits": 2, "paid": 100}),
    "a reversal whose claim never came": ([visit("", "C1", "2024-03-01", paid_amount="-40.00", allowed_amount="-40.00")], [], {"paid": -40}),
    "denied is still used": ([stay("", "C1", "2024-03-01", "2024-03-05", paid_amount="0", allowed_amount="0")], [], {"acute_admits": 1, "acute_days": 4}),
    # dirty rows
    "the same row twice": ([visit("", "C1", "2024-03-01"), visit("", "C1", "2024-03-01")], [fill("", "R1", "2024-03-01")] * 2, {"pcp_visits": 1, "paid": 100, "pharmacy": 10}),
    "one key, two amounts": (
        [visit("", "C1", "2024-03-01", paid_date="2024-04-01"), visit("", "C1", "2024-03-01", paid_date="2024-05-01", paid_amount="90.00")], [], {"pcp_visits": 1, "paid": 90}),
    "discharged before admission": ([stay("", "C1", "2024-03-05", "2024-03-01"), visit("", "C2", "2024-03-01")], [], {"pcp_visits": 1, "paid": 100}),
    "no date": ([visit("", "C1", ""), visit("", "C2", "not a date"), visit("", "C3", "1024-03-01")], [fill("", "R1", "")], {}),
    "dates and money as people write them": ([visit("", "C1", "03/01/2024", paid_amount="$1,100.50"), visit("", "C2", "20240302")], [], {"pcp_visits": 2, "paid": 1200.5}),
    "spaces and small letters": ([visit("", " C1 ", "2024-03-01", hcpcs_code=" g0382 ", place_of_service_code=" 11 ", claim_type="Institutional", bill_type_code="131")], [], {"ed_visits_treat_and_release": 1, "paid": 100}),
    "unknown codes stay": ([visit("", "C1", "2024-03-01", hcpcs_code="ZZZZZ", place_of_service_code="ZZ", diagnosis_code_1="ZZZ")], [], {"paid": 100}),
}  # fmt: skip

SPANS = {
    # name: (spans, member months, months of paid claims 2024-02, -06, -12 that count as enrolled)
    "a year": ([span("")], 12, 3),
    "one day of a month": ([span("", "2024-02-29", "2024-02-29")], 1, 1),
    "a gap": ([span("", "2024-01-15", "2024-03-10"), span("", "2024-06-30", "2024-09-01")], 7, 2),
    "a gap of a whole month": ([span("", "2024-01-01", "2024-02-29"), span("", "2024-04-01", "2024-06-30")], 5, 2),
    "overlapping spans": ([span("", "2024-01-01", "2024-04-30"), span("", "2024-03-01", "2024-06-30")], 6, 2),
    "no end": ([span("", "2024-06-01", "")], 7, 2),
    "an end that never comes": ([span("", "2024-06-01", "9999-12-31")], 7, 2),
    "an end before the start": ([span("", "2024-06-01", "2024-05-31")], 0, 0),
    "two payers": ([span(""), span("", payer="medicare")], 24, 3),
}


def member(number):
    return f"E{number:04d}"


def owned(rows, person):
    return [row | {"person_id": person} for row in rows]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edges")
    spans, medical, pharmacy = [], [], []
    for number, (lines, fills, _) in enumerate(CASES.values()):
        spans.append(span(member(number), "2023-01-01"))
        medical += owned(lines, member(number))
        pharmacy += owned(fills, member(number))
    for number, (periods, *_) in enumerate(SPANS.values(), start=len(CASES)):
        spans += owned(periods, member(number))
        medical += [visit(member(number), f"S{month}", f"2024-{month}-12") for month in ("02", "06", "12")]
    hand.write(folder / "claims", spans=spans, medical=medical, pharmacy=pharmacy)
    assert main(["metrics", "--claims", str(folder / "claims"), "--out", str(folder / "out")]) == 0
    return folder / "out"


@pytest.fixture(scope="module")
def people(results):
    found = {}
    for row in rows_of(results / "metrics_by_person.csv"):
        found.setdefault(row["person_id"], {})[row["metric"]] = float(row["value"])
    return found


NAMES = {"medical_paid_all": "paid", "pharmacy_paid_enrolled": "pharmacy"}
LEFT_OUT = {"member_months", "medical_paid_enrolled", "medical_allowed_all"}


@pytest.mark.parametrize("name", CASES)
def test_a_member(people, name):
    number = list(CASES).index(name)
    found = {
        NAMES.get(metric, metric): value for metric, value in people[member(number)].items() if metric not in LEFT_OUT
    }
    assert found == CASES[name][2]


@pytest.mark.parametrize("name", SPANS)
def test_enrolment(people, name):
    number = list(CASES).index(list(CASES)[-1]) + 1 + list(SPANS).index(name)
    _, months, enrolled = SPANS[name]
    found = people[member(number)]
    assert (found.get("member_months", 0), found.get("medical_paid_enrolled", 0)) == (months, 100 * enrolled)
    assert found["medical_paid_all"] == 300
