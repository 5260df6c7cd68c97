"""The coverage table of the guides: each requirement with the tests that prove it, or why none does.

Requirements are rows of docs/requirements/*.yaml, in our own words. A named test that does not exist is an error, so the
table cannot promise what nobody runs.
"""

import ast
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "requirements"
TESTS = ROOT / "tests"


class NoSuchTest(Exception):
    """A requirement names a test that does not exist."""


def guides() -> list[dict[str, Any]]:
    """Return the guides with their requirements, each checked."""
    found = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.yaml"))]
    for guide in found:
        for row in guide["requirements"]:
            _check(row)
    return found


def _check(row: dict[str, Any]) -> None:
    tests = row.get("tests", [])
    if bool(tests) == bool(row.get("not_tested")):
        raise NoSuchTest(f"{row['id']} needs tests, or a reason why there are none.")
    for name in tests:
        file, _, function = name.partition("::")
        if not (TESTS / file).is_file() or (function and function not in _functions(file)):
            raise NoSuchTest(f"{row['id']} names tests/{name}, which does not exist.")


@lru_cache(maxsize=128)
def _functions(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def table(made: str) -> str:
    """Return the page.

    Args:
        made: the line that says how the page is made.
    """
    lines = [
        "# Requirements of the guides and the tests that prove them",
        "",
        made,
        "The words are ours; the guides' own text counts. Sections are those of the published guides.",
        "",
        "| guide | requirements | proven by tests | not tested |",
        "|---|---|---|---|",
    ]
    found = guides()
    for guide in found:
        rows = guide["requirements"]
        proven = sum(bool(row.get("tests")) for row in rows)
        lines.append(f"| {guide['title']} | {len(rows)} | {proven} | {len(rows) - proven} |")
    for guide in found:
        lines += [
            "",
            f"## {guide['title']}",
            "",
            "| id | section | requirement | tests, or why none |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| {row['id']} | {row['section']} | {row['says']} | {_proof(row)} |" for row in guide["requirements"]
        ]
    return "\n".join(lines) + "\n"


def _proof(row: dict[str, Any]) -> str:
    if row.get("not_tested"):
        return f"Not tested. {row['not_tested']}"
    return "<br>".join(f"`{name}`" for name in row["tests"])
