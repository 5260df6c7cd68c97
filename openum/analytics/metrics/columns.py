"""The columns of the input that metrics read; any others make no difference to what is carried out."""

MODIFIERS = tuple(f"hcpcs_modifier_{n}" for n in range(1, 6))

PROCEDURES = tuple(f"procedure_code_{n}" for n in range(1, 26))

READ = {
    "eligibility": ("person_id", "payer", "enrollment_start_date", "enrollment_end_date"),
    "medical_claim": (
        "data_source", "payer", "person_id", "claim_id", "claim_line_number", "claim_status", "original_claim_id",
        "claim_frequency_code", "facility_npi", "rendering_npi", "billing_npi", "paid_date", "paid_amount", "allowed_amount",
        "charge_amount", "claim_type", "claim_start_date", "claim_end_date", "claim_line_start_date", "claim_line_end_date",
        "admission_date", "discharge_date", "discharge_disposition_code", "place_of_service_code", "bill_type_code", "drg_code",
        "revenue_center_code", "hcpcs_code", "diagnosis_code_1", *MODIFIERS, *PROCEDURES,
    ),
    "pharmacy_claim": (
        "data_source", "payer", "person_id", "claim_id", "claim_line_number", "claim_status", "original_claim_id",
        "dispensing_provider_npi", "prescribing_provider_npi", "ndc_code", "dispensing_date", "paid_date", "paid_amount",
        "allowed_amount", "charge_amount",
    ),
    "provider": ("npi", "primary_taxonomy_code", "is_pcp"),
}  # fmt: skip
"""The columns of the input that metrics read, by table."""

ELIGIBILITY = ("plan", "birth_date", "language")
"""Columns of the enrolment that only cuts and lists read."""


def is_read(table: str, head: str) -> bool:
    """Say whether metrics read a column that a file heads so."""
    name = head.strip().lower()
    return name in READ[table] or (table == "eligibility" and name in ELIGIBILITY)
