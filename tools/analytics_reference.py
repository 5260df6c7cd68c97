"""Make `policies/analytics/reference` from the public tables in `../shared/data/reference`.

    python -m tools.analytics_reference [FOLDER]

Sources: CMS IPPS Table 5 (US government work); AHRQ HCUP Clinical Classifications Software (public domain); the value sets
of the CMS hospital-wide readmission measure as the Tuva Project carries them (Apache-2.0). Numbers and flags only.
"""

import sys
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT.parent / "shared" / "data" / "reference"
TARGET = ROOT / "policies" / "analytics" / "reference"

TABLES = {
    "diagnoses": """
        select coalesce(c.code, a.icd_10_cm) as code, cast(c.ccs as integer) as ccs,
               exists(from {hwr_always_planned_ccs_diagnosis_category} x where x.ccs_diagnosis_category = c.ccs) as always_planned,
               a.icd_10_cm is not null
                 or exists(from {hwr_acute_diagnosis_ccs} x where x.ccs_diagnosis_category = c.ccs) as acute,
               exists(from {hwr_exclusion_ccs_diagnosis_category} x where x.ccs_diagnosis_category = c.ccs) as not_index
        from {ccs_dx_icd10cm_2019} c full join (select distinct icd_10_cm from {hwr_acute_diagnosis_icd_10_cm}) a
          on a.icd_10_cm = c.code
        order by 1""",
    "procedures": """
        select coalesce(c.code, p.icd_10_pcs) as code,
               exists(from {hwr_always_planned_ccs_procedure_category} x where x.ccs_procedure_category = c.ccs) as always_planned,
               p.icd_10_pcs is not null
                 or exists(from {hwr_potentially_planned_ccs_procedure_category} x where x.ccs_procedure_category = c.ccs)
                 as potentially_planned
        from {ccs_pr_icd10pcs_2019} c full join (select distinct icd_10_pcs from {hwr_potentially_planned_icd_10_pcs}) p
          on p.icd_10_pcs = c.code
        where c.ccs in (select ccs_procedure_category from {hwr_always_planned_ccs_procedure_category}
                              union all select ccs_procedure_category from {hwr_potentially_planned_ccs_procedure_category})
           or p.icd_10_pcs is not null
        order by 1""",
    "drgs": """
        select coalesce(n.ms_drg, o.ms_drg_code) as code, try_cast(n.gmlos as double) as gmlos, try_cast(n.amlos as double) as amlos,
               try_cast(n.weight as double) as weight, o.ms_drg_code is not null as in_readmission_list
        from {ms_drg_fy2026} n full join {ms_drg_tuva_mdc_medsurg} o on o.ms_drg_code = n.ms_drg
        order by 1""",
}


class Sources(dict[str, str]):
    """The source files by name, as the SQL reads them."""

    def __missing__(self, name: str) -> str:
        return f"read_csv('{SOURCE / name}.csv.gz', all_varchar = true)"


def main(target: Path) -> None:
    """Write the tables as Parquet."""
    target.mkdir(parents=True, exist_ok=True)
    for name, query in TABLES.items():
        duckdb.sql(query.format_map(Sources())).write_parquet(str(target / f"{name}.parquet"), compression="zstd")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
