"""Claims made by hand: each helper returns rows in the input layer's columns, and `write` makes a folder of them."""

import csv

MEMBER = {"payer": "commercial", "plan": "PPO", "data_source": "hand"}


def span(person, start="2024-01-01", end="2024-12-31", **more):
    return (
        MEMBER
        | {"person_id": person, "member_id": person, "enrollment_start_date": start, "enrollment_end_date": end}
        | more
    )


def line(person, claim, day, number=1, **more):
    return MEMBER | {
        "person_id": person, "member_id": person, "claim_id": claim, "claim_line_number": number, "claim_type": "professional",
        "claim_start_date": day, "claim_end_date": day, "claim_line_start_date": day, "claim_line_end_date": day,
        "paid_amount": "100.00", "allowed_amount": "120.00", "charge_amount": "200.00", "paid_date": day,
    } | more  # fmt: skip


def stay(person, claim, admit, discharge, status="01", number=1, **more):
    return line(person, claim, admit, number, claim_type="institutional", bill_type_code="111", drg_code="194", diagnosis_code_1="J18.9",
                admission_date=admit, discharge_date=discharge, claim_end_date=discharge, claim_line_end_date=discharge,
                discharge_disposition_code=status, revenue_center_code="0120", facility_npi="F1", paid_amount="1000.00") | more  # fmt: skip


def visit(person, claim, day, **more):
    return line(person, claim, day, hcpcs_code="99213", place_of_service_code="11", rendering_npi="D1") | more


def emergency(person, claim, day, **more):
    return line(person, claim, day, claim_type="institutional", bill_type_code="131", revenue_center_code="0450", hcpcs_code="99283", facility_npi="F1") | more  # fmt: skip


def fill(person, claim, day, **more):
    return MEMBER | {
        "person_id": person, "claim_id": claim, "claim_line_number": 1, "dispensing_date": day, "ndc_code": "00093105801",
        "paid_amount": "10.00", "allowed_amount": "12.00", "paid_date": day,
    } | more  # fmt: skip


PROVIDERS = [
    {"npi": "D1", "primary_taxonomy_code": "207Q00000X", "is_pcp": "1"}, {"npi": "D2", "primary_taxonomy_code": "207X00000X", "is_pcp": "0"},
    {"npi": "F1", "primary_taxonomy_code": "282N00000X", "is_pcp": "0"}, {"npi": "F2", "primary_taxonomy_code": "282N00000X", "is_pcp": "0"},
    {"npi": "F3", "primary_taxonomy_code": "283Q00000X", "is_pcp": "0"},
]  # fmt: skip


def write(folder, *, spans=(), medical=(), pharmacy=(), providers=PROVIDERS, name="{}.csv"):
    needed = {
        "eligibility": (spans, span("")), "medical_claim": (medical, line("", "", "")), "pharmacy_claim": (pharmacy, fill("", "", "")),
        "provider": (providers, PROVIDERS[0]),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for table, (rows, blank) in needed.items():
        heads = list(dict.fromkeys([*blank, *(key for row in rows for key in row)]))
        with (folder / name.format(table)).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, heads)
            writer.writeheader()
            writer.writerows(rows)
    return folder
