"""Write the conformance table of docs/cql.md from a run of the public suite and of the own tables.

`python -m tools.generate_cql_docs` writes it; with --check it only says whether it is out of date. The public suite lies
beside the checkout; without it nothing is compared.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "cql.md"
START, END = "<!-- conformance: made by tools/generate_cql_docs.py -->", "<!-- end of conformance -->"
# Files of the public suite as families of operators.
FAMILIES = {
    "CqlAggregateTest": "aggregate clause",
    "CqlAggregateFunctionsTest": "aggregate functions",
    "CqlArithmeticFunctionsTest": "arithmetic",
    "CqlComparisonOperatorsTest": "comparison",
    "CqlConditionalOperatorsTest": "conditionals",
    "CqlDateTimeOperatorsTest": "dates and times",
    "CqlErrorsAndMessagingOperatorsTest": "messages",
    "CqlIntervalOperatorsTest": "intervals",
    "CqlListOperatorsTest": "lists",
    "CqlLogicalOperatorsTest": "logic",
    "CqlNullologicalOperatorsTest": "null",
    "CqlQueryTests": "queries",
    "CqlStringOperatorsTest": "strings",
    "CqlTypeOperatorsTest": "conversion and type tests",
    "CqlTypesTest": "types",
    "ValueLiteralsAndSelectors": "literals and selectors",
}


def conformance() -> str:
    """Return the section, from a run."""
    from tests.cql import suite, test_tables

    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    failures: list[tuple[str, str]] = []
    for test in suite.read(suite.SUITE):
        family = FAMILIES.get(test.file, test.file)
        total[family] += 1
        good, _ = suite.passes(test)
        passed[family] += good
        if not good:
            failures.append((test.name, suite.DISPUTED.get(test.name, "not explained")))
    lines = ["| family of the public suite | tests | passed |", "|---|---:|---:|"]
    lines += [f"| {family} | {total[family]} | {passed[family]} |" for family in sorted(total)]
    share = 100 * passed.total() / total.total()
    lines += [
        f"| **all** | **{total.total()}** | **{passed.total()}** ({share:.2f} %) |",
        "",
        "Failures, all counted:",
        "",
    ]
    lines += [f"- `{name}`: {why}" for name, why in failures]
    lines += ["", "| own expressions | number |", "|---|---:|"]
    tables = [*sorted(test_tables.TABLES.glob("*.txt")), *sorted(test_tables.RECORD_TABLES.glob("*.txt"))]
    lines += [f"| {_family(path)} | {len(test_tables.rows(path))} |" for path in tables]
    return "\n".join(lines)


def _family(path: Path) -> str:
    words = path.stem.replace("-", " ")
    return f"{words}, over a record" if path.parent.name == "record_tables" else words


def page_with(section: str) -> str:
    """Return the page with a section in its place."""
    text = PAGE.read_text("utf-8")
    head, _, rest = text.partition(START)
    _, _, tail = rest.partition(END)
    return f"{head}{START}\n\n{section}\n\n{END}{tail}"


def main() -> int:
    """Write or compare the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is out of date")
    options = parser.parse_args()
    from tests.cql import suite

    if not suite.SUITE.is_dir():
        print("The public suite is not beside this checkout; docs/cql.md is left as it is.")
        return 0
    fresh = page_with(conformance())
    if fresh == PAGE.read_text("utf-8"):
        return 0
    if options.check:
        print("Out of date: docs/cql.md. Run python -m tools.generate_cql_docs.", file=sys.stderr)
        return 1
    PAGE.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
