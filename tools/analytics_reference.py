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
    "comorbidity_codes": """
        select 'charlson' as system, icd10_prefix as code, category, true as is_prefix from {charlson_quan2005_icd10_prefixes}
        union all select 'elixhauser', code, measure, false from {elixhauser_ahrq_2026}
        union all select 'hcc', diagnosis_code, cc, false from {cms_hcc_v28_dx_to_cc_2026}
        order by 1, 2, 3""",
    "comorbidity_parents": """
        select 'hcc' as system, cc_child as category, cc_parent as parent from {cms_hcc_v28_hierarchies_2026}
        union all values ('charlson', 'diab', 'diabwc'), ('charlson', 'mld', 'msld'), ('charlson', 'canc', 'metacanc'),
          ('elixhauser', 'DIAB_UNCX', 'DIAB_CX'), ('elixhauser', 'HTN_UNCX', 'HTN_CX'), ('elixhauser', 'LIVER_MLD', 'LIVER_SEV'),
          ('elixhauser', 'RENLFL_MOD', 'RENLFL_SEV'), ('elixhauser', 'CANCER_SOLID', 'CANCER_METS'),
          ('elixhauser', 'CANCER_NSITU', 'CANCER_METS'), ('elixhauser', 'CANCER_NSITU', 'CANCER_SOLID')
        order by 1, 2, 3""",
    "comorbidity_weights": """
        select 'charlson' as system, 'charlson_1987' as version, category, cast(charlson1987 as double) as weight from {charlson_weights}
        union all select 'charlson', 'charlson_2011', category, cast(quan2011 as double) from {charlson_weights}
        union all values ('charlson', 'lace', 'ami', 1.0), ('charlson', 'lace', 'cevd', 1.0), ('charlson', 'lace', 'pvd', 1.0),
          ('charlson', 'lace', 'pud', 1.0), ('charlson', 'lace', 'diab', 1.0), ('charlson', 'lace', 'chf', 2.0),
          ('charlson', 'lace', 'copd', 2.0), ('charlson', 'lace', 'canc', 2.0), ('charlson', 'lace', 'diabwc', 2.0),
          ('charlson', 'lace', 'mld', 2.0), ('charlson', 'lace', 'rend', 2.0), ('charlson', 'lace', 'dementia', 3.0),
          ('charlson', 'lace', 'rheumd', 3.0), ('charlson', 'lace', 'msld', 4.0), ('charlson', 'lace', 'aids', 4.0),
          ('charlson', 'lace', 'metacanc', 6.0)
        union all select 'hcc', 'hcc_v28_' || lower(split_part(coefficient, '_', 1)),
            regexp_replace(substr(coefficient, 5), '^HCC', ''), cast(value as double)
          from {cms_hcc_v28_coefficients_2026} where substr(coefficient, 1, 3) in ('CNA', 'CND') and substr(coefficient, 4, 1) = '_'
        order by 1, 2, 3""",
}


class Sources(dict[str, str]):
    """The source files by name, as the SQL reads them."""

    def __missing__(self, name: str) -> str:
        file = SOURCE / f"{name}.csv.gz"
        return f"read_csv('{file if file.is_file() else file.with_suffix('')}', all_varchar = true)"


def main(target: Path) -> None:
    """Write the tables as Parquet."""
    target.mkdir(parents=True, exist_ok=True)
    for name, query in TABLES.items():
        duckdb.sql(query.format_map(Sources())).write_parquet(str(target / f"{name}.parquet"), compression="zstd")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
