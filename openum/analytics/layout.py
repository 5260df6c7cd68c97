"""The input layer: tables and columns of claims data as the Tuva Project names them, and what each column holds.

`Kind` says how a text becomes a value; codes are kept as text, so that leading zeros stay.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    CODE = "code"
    DATE = "date"
    MONEY = "money"
    """US dollars with cents."""
    NUMBER = "number"


@dataclass(frozen=True)
class Column:
    """One column of the input layer; `width` pads numeric codes with zeros on the left."""

    name: str
    kind: Kind = Kind.TEXT
    width: int = 0
    needed: bool = False

    @property
    def is_repeated(self) -> bool:
        """Say whether it is one of a row of like columns, such as the 25 diagnoses, of which a file may hold fewer."""
        return self.name.rpartition("_")[2].isdigit()


def texts(names: str) -> tuple[Column, ...]:
    """Return plain columns by name."""
    return tuple(Column(name) for name in names.split())


def kept(kind: Kind, names: str) -> tuple[Column, ...]:
    """Return columns of one kind."""
    return tuple(Column(name, kind) for name in names.split())


ELIGIBILITY = (
    Column("person_id", needed=True),
    *texts("member_id subscriber_id gender race"),
    *kept(Kind.DATE, "birth_date death_date"),
    Column("death_flag", Kind.NUMBER),
    Column("enrollment_start_date", Kind.DATE, needed=True),
    Column("enrollment_end_date", Kind.DATE, needed=True),
    Column("payer", needed=True),
    *texts(
        "payer_type plan original_reason_entitlement_code dual_status_code medicare_status_code enrollment_status hospice_flag "
        "institutional_snp_flag long_term_institutional_flag low_income_subsidy metal_level group_id group_name first_name "
        "middle_name last_name name_suffix social_security_number subscriber_relation address city state zip_code phone email "
        "ethnicity language data_source"
    ),
)

MEDICAL = (
    Column("claim_id", needed=True),
    Column("claim_line_number", Kind.NUMBER, needed=True),
    Column("claim_type"),
    Column("person_id", needed=True),
    *texts("member_id payer plan"),
    *kept(
        Kind.DATE,
        "claim_start_date claim_end_date claim_line_start_date claim_line_end_date admission_date discharge_date",
    ),
    *kept(Kind.CODE, "admit_source_code admit_type_code"),
    Column("discharge_disposition_code", Kind.CODE, 2),
    Column("place_of_service_code", Kind.CODE, 2),
    Column("bill_type_code", Kind.CODE, 3),
    Column("drg_code_type"),
    Column("drg_code", Kind.CODE, 3),
    Column("revenue_center_code", Kind.CODE, 4),
    Column("service_unit_quantity", Kind.NUMBER),
    *kept(Kind.CODE, "hcpcs_code hcpcs_modifier_1 hcpcs_modifier_2 hcpcs_modifier_3 hcpcs_modifier_4 hcpcs_modifier_5"),
    *texts("rendering_npi rendering_tin billing_npi billing_tin facility_npi"),
    Column("paid_date", Kind.DATE),
    *kept(
        Kind.MONEY,
        "paid_amount allowed_amount charge_amount coinsurance_amount copayment_amount deductible_amount total_cost_amount",
    ),
    Column("diagnosis_code_type"),
    *(Column(f"diagnosis_code_{n}", Kind.CODE) for n in range(1, 26)),
    *(Column(f"diagnosis_poa_{n}", Kind.CODE) for n in range(1, 26)),
    Column("procedure_code_type"),
    *(Column(f"procedure_code_{n}", Kind.CODE) for n in range(1, 26)),
    *(Column(f"procedure_date_{n}", Kind.DATE) for n in range(1, 26)),
    Column("in_network_flag", Kind.NUMBER),
    *texts("data_source claim_status original_claim_id claim_frequency_code"),
)

PHARMACY = (
    Column("claim_id", needed=True),
    Column("claim_line_number", Kind.NUMBER, needed=True),
    Column("person_id", needed=True),
    *texts("member_id payer plan prescribing_provider_npi dispensing_provider_npi"),
    Column("dispensing_date", Kind.DATE, needed=True),
    Column("ndc_code", Kind.CODE),
    *kept(Kind.NUMBER, "quantity days_supply refills"),
    Column("paid_date", Kind.DATE),
    *kept(
        Kind.MONEY,
        "paid_amount allowed_amount charge_amount coinsurance_amount copayment_amount deductible_amount",
    ),
    Column("in_network_flag", Kind.NUMBER),
    *texts("data_source claim_status original_claim_id"),
)

PROVIDER = (
    Column("npi", needed=True),
    Column("primary_taxonomy_code", needed=True),
    Column("is_pcp", Kind.NUMBER),
)

TABLES: dict[str, tuple[Column, ...]] = {
    "eligibility": ELIGIBILITY,
    "medical_claim": MEDICAL,
    "pharmacy_claim": PHARMACY,
    "provider": PROVIDER,
}
"""The tables of the input layer. `claim_status`, `original_claim_id` and `claim_frequency_code` are ours: the layer has only
final claims, utilization management also meets reversed and replaced ones."""
