# ruff: noqa: S608 - statements of our own names and quoted paths
"""What metrics, leads and attention look codes up in: loaded tables before those that come with the program."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import duckdb

from openum.analytics.codes import REFERENCE
from openum.analytics.script import literal
from openum.analytics.tables.held import FOLDER, Taken, taken

STAMP = "stamp.json"

SYSTEMS = ("charlson", "elixhauser", "hcc")

MADE_OF = {
    "drgs": ("ms-drg",),
    "comorbidity_codes": SYSTEMS,
    "comorbidity_parents": ("hcc-hierarchies",),
    "comorbidity_weights": ("charlson-weights", "hcc-coefficients"),
}
"""Tables of the program that are made anew of loaded ones, by the kinds."""

LEADS = {"ncci": "edits", "mue": "limits"}
"""Kinds that rules for leads use, by the name of the file that they stand for."""


def newest(rows: Iterable[Taken], kind: str) -> Taken | None:
    """Return the table of a kind that begins last."""
    return max((row for row in rows if row.kind == kind), key=lambda row: (row.effective, row.loaded_at), default=None)


def in_force(store: Path) -> Path | None:
    """Return the folder of the tables that a store's claims are looked up in; None when it has none of its own.

    The folder is made anew when loaded tables, or those of the program, have changed.

    Raises:
        StoreUnreadable: the list of loaded tables is damaged.
    """
    rows = taken(store)
    own = [row for row in rows if any(row.kind in of for of in MADE_OF.values())]
    if not own:
        return None
    folder = store / FOLDER / "in_force"
    shipped = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(REFERENCE.glob("*.parquet"))}
    stamp = json.dumps({"loaded": [row.part for row in own], "shipped": shipped}, sort_keys=True)
    if not (folder / STAMP).is_file() or (folder / STAMP).read_text("utf-8") != stamp:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / STAMP).unlink(missing_ok=True)
        make(store, own, folder)
        (folder / STAMP).write_text(stamp, "utf-8")
    return folder


def used(store: Path, tables: Iterable[str] = tuple(MADE_OF)) -> list[Taken]:
    """Return the loaded tables that a computation over a store looks codes up in, by the program's tables that it reads."""
    rows = taken(store)
    kinds = dict.fromkeys(kind for table in tables for kind in MADE_OF[table])
    found = [row for kind in kinds if kind != "ms-drg" and (row := newest(rows, kind))]
    return [row for row in rows if row.kind == "ms-drg" and "ms-drg" in kinds] + found


def name_tables(rows: list[Taken], out: Path) -> None:
    """Write which loaded tables an outcome rests on; without any there is no such file."""
    file = out / "reference_tables.json"
    if rows:
        file.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", "utf-8")
    else:
        file.unlink(missing_ok=True)


def make(store: Path, rows: list[Taken], folder: Path) -> None:
    """Write the tables; each through a draft, so that a reader never sees half of one."""

    def of(kind: str) -> str:
        row = newest(rows, kind)
        return f"read_parquet({literal(str(store / row.part))})" if row else ""

    def came(name: str) -> str:
        return f"read_parquet({literal(str(REFERENCE / f'{name}.parquet'))})"

    years = sorted((row for row in rows if row.kind == "ms-drg"), key=lambda row: (row.effective, row.loaded_at))
    drgs = " union all ".join(
        f"select *, {place} as place, {literal(row.effective)}::date as effective, {literal(row.version)} as version from read_parquet({literal(str(store / row.part))})"
        for place, row in enumerate(years)
    )
    codes = [
        f"select {literal(system)} as system, code, category, {str(system == 'charlson').lower()} as is_prefix from {of(system)}"
        if of(system)
        else f"select system, code, category, is_prefix from {came('comorbidity_codes')} where system = {literal(system)}"
        for system in SYSTEMS
    ]
    parents = f"from {came('comorbidity_parents')}"
    if of("hcc-hierarchies"):
        parents += f" where system <> 'hcc' union all select 'hcc', category, parent from {of('hcc-hierarchies')}"
    weights = f"from {came('comorbidity_weights')} where true"
    if of("charlson-weights"):
        weights += " and version not in ('charlson_1987', 'charlson_2011')"
    if of("hcc-coefficients"):
        weights += " and system <> 'hcc'"
    for version in ("charlson_1987", "charlson_2011") if of("charlson-weights") else ():
        weights += f" union all select 'charlson', '{version}', category, {version} from {of('charlson-weights')}"
    if of("hcc-coefficients"):
        weights += (
            " union all select 'hcc', 'hcc_v28_' || lower(split_part(category, '_', 1)),"
            f" regexp_replace(substr(category, 5), '^HCC', ''), weight from {of('hcc-coefficients')}"
            " where regexp_matches(category, '^CN[AD]_')"
        )
    queries = {
        "comorbidity_codes": f"{' union all '.join(codes)} order by 1, 2, 3",
        "comorbidity_parents": f"select * from ({parents}) order by 1, 2, 3",
        "comorbidity_weights": f"select * from ({weights}) order by 1, 2, 3",
        "diagnoses": f"from {came('diagnoses')}",
        "procedures": f"from {came('procedures')}",
        "drgs": f"from {came('drgs')}",
    }
    if drgs:
        queries["drgs"] = (
            "select coalesce(n.code, o.code) as code, case when n.code is null then o.gmlos else n.gmlos end as gmlos,"
            " case when n.code is null then o.amlos else n.amlos end as amlos,"
            " case when n.code is null then o.weight else n.weight end as weight,"
            " coalesce(o.in_readmission_list, false) as in_readmission_list"
            f" from (select code, arg_max(gmlos, place) as gmlos, arg_max(amlos, place) as amlos, arg_max(weight, place) as weight from ({drgs}) group by code) n"
            f" full join {came('drgs')} o on o.code = n.code order by 1"
        )
        queries["drg_years"] = f"select version, effective, code, gmlos, amlos from ({drgs}) order by effective, code"
    (folder / "drg_years.parquet").unlink(missing_ok=True)
    with duckdb.connect() as connection:
        for name, query in queries.items():
            draft = folder / f"{name}.draft"
            connection.execute(f"copy ({query}) to {literal(str(draft))} (format parquet, compression zstd)")
            draft.replace(folder / f"{name}.parquet")
