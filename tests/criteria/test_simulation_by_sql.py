"""Every guideline of the pack as SQL answers its criteria as the engine does, on records nobody shaped for it."""

from datetime import UTC, date, datetime

import pytest

from openum.cql import CaseData
from openum.cql.population import CaseInput
from openum.cql.population.sql.program import SqlProgram
from openum.cql.population.sql.run import Population
from openum.criteria.document import assemble
from openum.criteria.program import program_of
from tests.criteria.documents import LIBRARIES, POLICIES
from tools.bench.records import a_record

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
FILES = sorted((POLICIES / "guidelines").glob("*/v*.md"))
DOCUMENTS = [file for file in FILES if not file.name.endswith(".patients.md")]


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: f"{file.parent.name} {file.stem}")
def test_criteria_come_out_the_same_by_sql(file):
    program = program_of(assemble(file.read_text("utf-8"), libraries=LIBRARIES, file=file.name))
    given = {"Request Date": date(2026, 5, 1), "Side": "right", "Service Code": "72148"}
    parameters = {name: value for name, value in given.items() if name in program.parameters}
    only = list(dict.fromkeys(leaf.definition for leaf in program.guideline.leaves))
    links = tuple(str(getattr(answer, "link", answer)) for answer in program.guideline.answers)
    records = [a_record(seed, size=25, links=links) for seed in range(8)]
    known = {"now": NOW, "parameters": parameters, "value_sets": program.value_sets, "only": only}
    translated = SqlProgram(program.library, **known)
    with Population(translated, threads=1) as population:
        population.load(CaseInput(str(seed), record) for seed, record in enumerate(records))
        found = [outcome.values for outcome in population.evaluate()]
    assert found == [program.library.values(CaseData.from_resources(record), **known) for record in records]
