"""The comparison of a folder of claims and a file of coordinated people, written to a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from openum.analytics.damage import MemoryTooSmall, refusal_of
from openum.analytics.engines import duckdb_engine
from openum.analytics.inputs import inputs_of, references_of
from openum.analytics.tables.force import in_force
from openum.analytics.value.cohort import read_cohort
from openum.analytics.value.compare import compare
from openum.analytics.value.plan import Choices
from openum.analytics.value.write import write


@dataclass(frozen=True)
class Limits:
    """What the work may use."""

    memory: str | None = None
    threads: int | None = None


def run(claims: Path, coordinated: Path, out: Path, choices: Choices, limits: Limits, reference: Path | None = None) -> dict[str, Any]:  # fmt: skip
    """Compare and write; returns what stands in value.json. Nothing is written when it is refused.

    Raises:
        NoClaims, ColumnMissing, FileUnreadable, StoreUnreadable, NoReference: the claims cannot be read.
        CohortInvalid, PeopleUnknown, NoFollowUp, TooFewPeople: the people cannot be compared.
        MemoryTooSmall: the limit is too small to spill.
    """
    cohort, inputs = read_cohort(coordinated), inputs_of(claims)
    reference = reference or in_force(claims)
    references = references_of(reference)
    try:
        with duckdb_engine(memory_limit=limits.memory, threads=limits.threads) as engine:
            found = compare(engine, claims, coordinated, cohort, choices, reference)
    except duckdb.OutOfMemoryException as error:
        raise MemoryTooSmall(
            f"The work does not fit into {limits.memory or 'the memory'}, or the temporary folder is full. Give more with "
            "--memory, or free the disk."
        ) from error
    except duckdb.Error as error:
        paths = [path for files in inputs.values() for path in (*files.parquet, *files.text)]
        if refusal := refusal_of([*paths, *references.values()], str(error)):
            raise refusal from error
        raise
    return write(found, out)
