"""`openum migrate`: bring the database up to the program's version."""

import argparse
from typing import TYPE_CHECKING

from openum.cli import environment
from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("migrate", help="create the database or bring it up to date")
    parser.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Migrate and say how much there was to do."""
    environment.prepare(options.data)
    environment.start_django()
    count = migrate()
    print("The database is up to date." if count == 0 else f"Applied {count} migrations.")


def migrate() -> int:
    """Apply what is missing and return how many migrations that were; quick when there is nothing to do.

    Raises:
        CommandFailed: the database cannot be reached.
    """
    from django.core.management import call_command
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    from openum.db import beginning

    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan and beginning.is_new():
            beginning.make_tables(executor)
    except DatabaseError as error:
        raise CommandFailed(
            f"The database cannot be used ({type(error).__name__}). Check OPENUM_DATABASE_URL or the data directory."
        ) from error
    if plan:
        call_command("migrate", interactive=False, verbosity=0)
    return len(plan)
