"""Who needs attention in a folder of claims: lists, scores and models, written to a folder."""

import csv
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from openum.analytics.attention import comorbidity, discharge, length, lists, questions
from openum.analytics.attention.amounts import Amounts
from openum.analytics.attention.amounts import card_text as amounts_text
from openum.analytics.attention.gather import Gathered, gather
from openum.analytics.attention.models import Trained, card_text
from openum.analytics.damage import MemoryTooSmall
from openum.analytics.engines import Engine, Table, duckdb_engine
from openum.analytics.reading import read_folder
from openum.analytics.tables.force import in_force, used

SCORES = ("model", "version", "person_id", "as_of", "probability", "drivers")

AMOUNTS = (
    "model", "version", "person_id", "as_of", "months", "expected_dollars", "dollars_last_12_months", "drivers",
)  # fmt: skip

DISCHARGE = (
    "person_id", "payer", "facility_npi", "admit", "disch", "lace", "lace_most", "lace_is_partial", "lace_l", "lace_a", "lace_c", "lace_e",
    "hospital", "hospital_most", "hospital_is_partial", "hospital_procedure", "hospital_urgent", "hospital_admissions",
    "hospital_length", "missing",
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """What the work may use."""

    memory: str | None = None
    threads: int | None = None


def run(
    claims: Path, out: Path, *, reference: Path | None = None, most: int = 200, limits: Limits = Limits()
) -> dict[str, Any]:
    """Compute and write; returns what stands in run.json.

    Raises:
        NoClaims, ColumnMissing, StoreUnreadable, NoReference: the claims cannot be read.
        MemoryTooSmall: the limit is too small to spill.
    """
    try:
        with duckdb_engine(memory_limit=limits.memory, threads=limits.threads) as engine:
            given = gather(engine, read_folder(engine, claims), reference or in_force(claims))
            out.mkdir(parents=True, exist_ok=True)
            known = comorbidity.categories(engine, given)
            scored = engine.keep("attention_discharge", discharge.discharge_scores(engine, given, known))
            write_tables(engine, given, known, scored, out, most)
            answers = [questions.readmission(engine, scored), questions.cost(engine, given, known)]
            dollars, amounts = questions.amounts(engine, given, known)
    except duckdb.OutOfMemoryException as error:
        raise MemoryTooSmall(
            f"The work does not fit into {limits.memory or 'the memory'}. Give more with --memory."
        ) from error
    write_models([model for model, _ in answers], out)
    name = f"model_{dollars.question.name}"
    (out / f"{name}.json").write_text(json.dumps(dollars.card, indent=2) + "\n", "utf-8")
    (out / f"{name}.md").write_text(amounts_text(dollars.card), "utf-8")
    rows = [row for _, scores in answers for row in scores]
    write_rows(rows, SCORES, out / "scores.csv")
    write_rows(amounts, AMOUNTS, out / "expected_cost.csv")
    models: list[Trained | Amounts] = [*(model for model, _ in answers), dollars]
    found = {
        "use": "To offer help. Never to deny, delay, limit or price care.",
        "models": [
            {"model": model.question.name, "version": model.version, "refused": model.refused} for model in models
        ],
        "scores": len(rows),
        "reference_tables": ["given by --reference"] if reference else [row.name for row in used(claims)],
        "files": {file.name: digest(file) for file in sorted(out.glob("*.csv"))},
    }
    (out / "run.json").write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    return found


def write_rows(rows: list[dict[str, Any]], heads: tuple[str, ...], file: Path) -> None:
    """Write rows as CSV; without rows the heads alone."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, heads, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_tables(engine: Engine, given: Gathered, known: Table, scored: Table, out: Path, most: int) -> None:
    """Write the lists and scores that need no model."""
    found = comorbidity.comorbidities(engine, given, known)
    tables = {
        "high_cost.csv": (lists.high_cost(given, most), ["rank"]),
        "rising.csv": (lists.rising(lists.half_years(given)), ["person_id"]),
        "comorbidity.csv": (found, ["person_id", "year", "system", "category"]),
        "comorbidity_scores.csv": (comorbidity.scores(given, found), ["person_id", "year"]),
        "discharge_scores.csv": (scored.select(*DISCHARGE), ["person_id", "admit", "disch", "facility_npi"]),
        "los_by_drg.csv": (length.length_by_drg(given), ["drg"]),
    }
    for name, (table, order) in tables.items():
        engine.write(table, order, out / name)


def write_models(models: list[Trained], out: Path) -> None:
    """Write each model's file with its card, as JSON and as Markdown."""
    for model in models:
        name = f"model_{model.question.name}"
        (out / f"{name}.json").write_text(json.dumps(model.card, indent=2) + "\n", "utf-8")
        (out / f"{name}.md").write_text(card_text(model.card), "utf-8")


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
