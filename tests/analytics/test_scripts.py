"""The scripts that come with the program: what is shipped is what the program would make, and it is used."""

import subprocess
import sys

import pytest

from openum.analytics import script
from openum.cli.main import main
from tools import metrics_scripts

SHIPPED = sorted(script.SHIPPED.glob("*.json.gz"))

IMPORTED = """
import sys
import openum.analytics.metrics.{last}
names = [name.removeprefix("openum.analytics.") for name in sys.modules if name.startswith("openum.analytics.")]
print(*(name for name in names if getattr(sys.modules["openum.analytics." + name], "__file__").endswith(name.split(".")[-1] + ".py")))
"""

TOLD_BY_THE_FACTS = {"store.catalogue", "damage"}
"""Modules that find files or tell errors: what they say stands among the facts, or in no statement."""


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_a_shipped_script_is_what_the_program_makes(file):
    found = metrics_scripts.shipped(file)
    assert metrics_scripts.made(found["facts"]) == found, "run python -m tools.metrics_scripts"


def test_scripts_are_shipped():
    assert {file.name.partition(".")[0] for file in SHIPPED} == {"generator", "sample", "tuva_text"}


def test_a_first_run_over_generated_claims_needs_no_expressions(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert main(["samples", "claims", "--members", "20", "--seed", "5", "--months", "3", "--out", str(tmp_path / "claims")]) == 0  # fmt: skip
    monkeypatch.setattr("openum.analytics.metrics.run.computed", None)
    assert main(["metrics", "--claims", str(tmp_path / "claims"), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "metrics_by_month.csv").stat().st_size > 100
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("last", "modules"), [("files", script.PROGRAM), ("cuts", script.PROGRAM + script.OF_CUTS)], ids=("metrics", "cuts")
)
def test_every_module_that_makes_statements_is_part_of_the_key(last, modules):
    command = [sys.executable, "-c", IMPORTED.format(last=last)]
    imported = set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    assert imported - set(modules) - TOLD_BY_THE_FACTS == set()
    assert "metrics.compute" in imported
