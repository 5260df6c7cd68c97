"""The shape of the program: layers, tables, events, migrations."""

import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from openum import audit

ROOT = Path(__file__).resolve().parents[2]
OURS = [
    model for config in apps.get_app_configs() if config.name.startswith("openum.") for model in config.get_models()
]


def test_imports_run_one_way():
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    answer = subprocess.run([command, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.django_db
def test_migrations_are_in_step_with_the_tables():
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said)
    except SystemExit:
        pytest.fail(said.getvalue())


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_column_says_whether_it_holds_member_data(model):
    columns = {field.name for field in (*model._meta.local_fields, *model._meta.local_many_to_many)}
    phi, safe = set(model.Phi.phi), set(model.Phi.safe)
    assert phi & safe == set()
    assert phi | safe == columns


def test_every_event_has_a_line_in_the_lifecycle_table():
    audit.check_complete()


def test_events_are_frozen_and_say_what_they_mean():
    for name, event in audit.CATALOGUE.items():
        if event.__module__.startswith("openum."):
            assert event.__dataclass_params__.frozen, name
            assert event.__doc__, name
            assert not event.__doc__.startswith(f"{name}("), f"{name} has no docstring"


def test_the_audit_tables_point_at_nothing():
    for model in apps.get_app_config("audit").get_models():
        assert [field.name for field in model._meta.get_fields() if field.is_relation] == []


def test_generated_documents_are_up_to_date():
    command = [sys.executable, "-m", "tools.generate_docs", "--check"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
