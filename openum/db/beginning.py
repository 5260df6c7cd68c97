"""The tables of a new embedded database, made at once.

Django plays each migration with the models as they were then and renders them anew after every step: nearly all of the
time of a first start, for tables that hold nothing. A SQLite database without tables gets them from the models as they
are, then what migrations do by hand (triggers, indexes left out), and all migrations are noted as applied.
`tests/db/test_beginning.py` proves that both ways make the same tables.
"""

from collections.abc import Iterator
from typing import cast

from django.apps import apps
from django.db import connection, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState, StateApps

_OWN = "openum."


def is_new() -> bool:
    """Say whether this is a SQLite database without any table."""
    return connection.vendor == "sqlite" and not connection.introspection.table_names()


def make_tables(executor: MigrationExecutor) -> int:
    """Make all tables of a new database in one transaction and return how many migrations that stands for."""
    plan = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)
        _run_deferred(editor)
        for migration in plan:
            for operation in _by_hand(migration):
                _run(operation, migration.app_label, editor)
        executor.recorder.ensure_schema()
        for migration in plan:
            executor.recorder.record_applied(migration.app_label, migration.name)
    return len(plan)


def _run_deferred(editor: BaseDatabaseSchemaEditor) -> None:
    """Make the indexes now, so that a migration finds those that it takes away."""
    for statement in editor.deferred_sql:
        editor.execute(statement, None)
    editor.deferred_sql.clear()


def _by_hand(migration: Migration) -> Iterator[Operation]:
    """Yield what a migration of ours does beside changing models; those of Django only change rows."""
    if not type(migration).__module__.startswith(_OWN):
        return
    for operation in migration.operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from operation.database_operations
        elif isinstance(operation, migrations.RunPython | migrations.RunSQL):
            yield operation


def _run(operation: Operation, app: str, editor: BaseDatabaseSchemaEditor) -> None:
    if isinstance(operation, migrations.RunPython):
        operation.code(cast("StateApps", apps), editor)
    else:
        operation.database_forwards(app, editor, ProjectState(), ProjectState())
