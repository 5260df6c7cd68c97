"""What a file is, told by its bytes and not by its name; programs, archives, documents and gzip bombs are refused."""

import csv
import gzip
import zlib
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet

from openum.analytics.damage import CHUNK_BYTES, SEPARATORS, FileUnreadable
from openum.analytics.layout import TABLES
from openum.analytics.tables.kinds import plain
from openum.vocabulary.errors import Invalid

MOST_RATIO = 400
"""A gzip file of claims grows by ten to forty; one that grows more than this beyond FREE_BYTES is no claims."""

FREE_BYTES = 64 << 20
MOST_UNPACKED = 400 << 30
MOST_HEADER = 1 << 16

STRANGE = {
    b"MZ": "a Windows program", b"\x7fELF": "a program", b"\xca\xfe\xba\xbe": "a program", b"\xcf\xfa\xed\xfe": "a program",
    b"#!": "a script", b"PK": "a ZIP archive or a spreadsheet", b"%PDF": "a PDF document", b"\xd0\xcf\x11\xe0": "an Office document",
    b"Rar!": "an archive", b"7z\xbc\xaf": "an archive", b"BZh": "a bzip2 archive", b"\xfd7zXZ": "an xz archive",
    b"\x89PNG": "a picture", b"<!DOCTYPE": "a web page", b"<html": "a web page", b"{\\rtf": "a text document",
}  # fmt: skip


class FileStrange(Invalid):
    """A file that is neither Parquet nor CSV."""

    code: ClassVar[str] = "claims-file-strange"


def sniff(file: Path, shown: str) -> str:
    """Return the ending that a file's bytes call for: `.parquet`, `.csv` or `.csv.gz`.

    Raises:
        FileStrange: it is something else, or unpacks to more than claims would.
        FileUnreadable: it is empty or cut off.
    """
    with file.open("rb") as stream:
        first = stream.read(4096)
    if not first:
        raise FileUnreadable(f"{shown} is empty. Fetch it again.")
    if first[:4] == b"PAR1":
        with file.open("rb") as stream:
            stream.seek(max(file.stat().st_size - 4, 0))
            if stream.read() != b"PAR1":
                raise FileUnreadable(f"{shown} is no complete Parquet file. Fetch it again; it may have been cut off.")
        return ".parquet"
    if first[:2] == b"\x1f\x8b":
        first = unpacked(file, shown)
        check_is_text(first, f"{shown}, unpacked,")
        return ".csv.gz"
    check_is_text(first, shown)
    return ".csv"


def check_is_text(first: bytes, shown: str) -> None:
    """Refuse what is no text.

    Raises:
        FileStrange: saying what it looks like.
    """
    what = next((words for start, words in STRANGE.items() if first.lower().startswith(start.lower())), "")
    if not what and b"\0" in first and first[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        what = "no text"
    if what:
        raise FileStrange(f"{shown} is {what}. Give claims as Parquet, CSV or CSV packed with gzip.")


def unpacked(file: Path, shown: str) -> bytes:
    """Return the first bytes of a gzip file, after one pass that holds its growth against the limits.

    Raises:
        FileStrange: it grows beyond them.
        FileUnreadable: it is damaged.
    """
    size, grown, first = file.stat().st_size, 0, b""
    try:
        with gzip.open(file) as stream:
            while block := stream.read(CHUNK_BYTES):
                first = first or block[:4096]
                grown += len(block)
                if (grown > FREE_BYTES and grown > size * MOST_RATIO) or grown > MOST_UNPACKED:
                    raise FileStrange(
                        f"{shown} unpacks to more than {MOST_RATIO} times its size, as claims never do. It was not opened further; send "
                        "the file unpacked if it is right."
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise FileUnreadable(f"{shown} cannot be read to its end. Fetch it again.") from error
    return first


def heads_in(file: Path, ending: str, shown: str, encoding: str = "utf-8") -> list[str]:
    """Return the headers of a file.

    Raises:
        FileUnreadable: it has none that can be read.
    """
    try:
        if ending == ".parquet":
            return list(pyarrow.parquet.read_schema(file).names)
        with gzip.open(file) if ending == ".csv.gz" else file.open("rb") as stream:
            first = stream.read(MOST_HEADER).decode(encoding, errors="replace").lstrip("\ufeff").splitlines()[0]
    except (pa.ArrowException, OSError, IndexError) as error:
        raise FileUnreadable(f"{shown}, line 1: the headers cannot be read. Save it as UTF-8, or fetch it again.") from error  # fmt: skip
    return [head for head in next(csv.reader([first], delimiter=max(SEPARATORS, key=first.count)), []) if head]


ALSO = {
    "person_id": "member_id memberid mbr_id patient_id patientid member_number subscriber_member_id desynpuf_id bene_id person",
    "claim_id": "claim_number claimid claim_no clm_id claim clm_nbr icn dcn",
    "claim_line_number": "line line_number claim_line line_nbr linenumber clm_line_num line_no svc_line",
    "claim_start_date": "service_from from_date service_date dos date_of_service clm_from_dt start_date service_start_date",
    "claim_end_date": "service_to thru_date to_date clm_thru_dt service_end_date",
    "claim_line_start_date": "line_from_date line_start_date line_service_date",
    "claim_line_end_date": "line_to_date line_end_date",
    "admission_date": "admit_date admit_dt admission_dt clm_admsn_dt", "discharge_date": "discharge_dt disch_date nch_bene_dschrg_dt",
    "discharge_disposition_code": "discharge_status patient_status disch_status discharge_status_code",
    "bill_type_code": "type_of_bill tob bill_type", "drg_code": "drg ms_drg msdrg drg_cd", "revenue_center_code": "revenue_code rev_code rev_cd",
    "hcpcs_code": "procedure cpt cpt_code hcpcs proc_code hcpcs_cd cpt_hcpcs service_code", "hcpcs_modifier_1": "modifier mod1 modifier_1 modifier1",
    "place_of_service_code": "pos place_of_service pos_code", "service_unit_quantity": "units quantity units_billed",
    "diagnosis_code_1": "dx1 diagnosis primary_diagnosis principal_diagnosis icd_dgns_cd1 diag1 dx_1 diag_1",
    "paid_amount": "paid amount_paid plan_paid paid_amt net_paid", "allowed_amount": "allowed allowed_amt", "charge_amount": "billed charge charges billed_amount charge_amt",
    "paid_date": "payment_date paid_dt check_date", "rendering_npi": "rendering_provider_npi rendering_provider provider_npi npi_rendering", "billing_npi": "billing_provider_npi billing_provider",
    "facility_npi": "facility hospital_npi", "payer": "payer_name line_of_business lob insurer", "enrollment_start_date": "effective_date eff_date coverage_start start_date enroll_start span_start",
    "enrollment_end_date": "term_date termination_date coverage_end end_date enroll_end span_end", "birth_date": "dob date_of_birth birthdate", "death_date": "dod date_of_death", "gender": "sex sex_code gender_code",
    "dispensing_date": "fill_date service_date filled_on dispense_date", "ndc_code": "ndc ndc11 drug_code product_service_id", "days_supply": "day_supply days_supplied",
    "npi": "provider_npi national_provider_identifier", "primary_taxonomy_code": "taxonomy taxonomy_code", "is_pcp": "pcp pcp_flag primary_care",
    "claim_status": "status claim_status_code", "original_claim_id": "original_claim_number replaces original_icn", "data_source": "source source_system",
}  # fmt: skip
"""Headers of other systems, as they read in small letters with underscores."""


def proposed(table: str, heads: list[str]) -> dict[str, str]:
    """Return for each column of a table that the file does not name so the header that is likely meant; each header once."""
    columns = [column.name for column in TABLES[table]]
    free = {plain(head): head for head in heads if head.strip().lower() not in columns}
    there = {head.strip().lower() for head in heads}
    found: dict[str, str] = {}
    for name in columns:
        if name in there:
            continue
        also = ALSO.get(name, "").split()
        key = next((key for key in (name, *also, *(each.replace("_", "") for each in (name, *also))) if key in free), None)  # fmt: skip
        if key is not None:
            found[name] = free.pop(key)
    return found


def table_by_heads(heads: list[str]) -> str:
    """Return the table whose columns a file's headers name most of; empty when they name hardly any."""
    best, most = "", 2
    for table in TABLES:
        named = len({head.strip().lower() for head in heads} & {column.name for column in TABLES[table]})
        named += len(proposed(table, heads))
        if named > most:
            best, most = table, named
    return best
