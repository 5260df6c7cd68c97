"""Record the answers of cql-execution to our ELM, for the tests to replay without it.

    python -m tools.oracle        (needs Node 20; the engine is fetched by name into tools/oracle/node_modules)

Writes tests/cql/oracle/*.json.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.cql.elm import cases

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent.parent / "tests" / "cql" / "oracle"


def install() -> None:
    """Fetch the engine unless it is there."""
    if not (HERE / "node_modules" / "cql-execution").is_dir():
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "install", "--no-package-lock", "--no-audit", "--no-fund"], cwd=HERE, check=True)


def ask(given: Iterable[cases.Case]) -> dict[str, Any]:
    """Return the answers of the other engine by case."""
    node = shutil.which("node") or "node"
    asked = json.dumps([case.to_json() for case in given])
    done = subprocess.run([node, "run.mjs"], input=asked, capture_output=True, text=True, cwd=HERE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> int:
    """Run from the command line."""
    install()
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for name, build in (("families", cases.families), ("records", cases.records), ("guidelines", cases.guidelines)):
        given = list(build())
        answers = ask(given)
        kept = {case.id: {"digest": case.digest, "answers": answers[case.id]} for case in given}
        text = json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False)
        (FIXTURES / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(f"{name}: {len(given)} libraries, {sum(len(k['answers']) for k in kept.values())} answers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
