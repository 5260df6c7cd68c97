import re
import sqlite3
import subprocess
import sys

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plays every migration"),
]


@pytest.fixture(scope="module")
def made_at_once(tmp_path_factory):
    """Return a database file that `openum migrate` made in an empty folder."""
    folder = tmp_path_factory.mktemp("new")
    command = [sys.executable, "-m", "openum.cli.main", "migrate", "--data", str(folder)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert re.fullmatch(r"Applied \d+ migrations\.", told.stdout.strip())
    again = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert again.stdout.strip() == "The database is up to date."
    with sqlite3.connect(folder / "openum.sqlite3") as made:
        yield made
    made.close()


def test_the_tables_made_at_once_are_those_of_the_migrations(made_at_once):
    with connection.cursor() as cursor:
        played = _schema(lambda sql: cursor.execute(sql).fetchall())
    at_once = _schema(lambda sql: made_at_once.execute(sql).fetchall())
    assert sorted(at_once) == sorted(played)
    for name, facts in played.items():
        assert at_once[name] == facts, name


def test_every_migration_is_noted_as_applied(made_at_once):
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        played = set(cursor.fetchall())
    assert set(made_at_once.execute("SELECT app, name FROM django_migrations")) == played


def _schema(ask):
    """Return what a database promises of each table; the order of columns is not part of it."""
    named = ask("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    tables = {}
    for kind, name, table, sql in named:
        if kind != "table":
            continue
        indexes = ask(f"PRAGMA index_list('{table}')")
        tables[name] = {
            "columns": sorted(row[1:] for row in ask(f"PRAGMA table_info('{table}')")),
            "unique": sorted(tuple(_columns(ask, row[1])) for row in indexes if row[3] == "u"),
            "references": sorted(row[2:] for row in ask(f"PRAGMA foreign_key_list('{table}')")),
            "checks": sorted(_checks(sql)),
            "made apart": sorted((one, _plain(text)) for _, one, of, text in named if of == table and one != table),
        }
    return tables


def _columns(ask, index):
    return [row[2] for row in ask(f"PRAGMA index_info('{index}')")]


def _checks(sql):
    """Yield each CHECK of a table's statement, up to its closing bracket."""
    for start in (found.end() for found in re.finditer(r"CHECK \(", sql)):
        depth, end = 1, start
        while depth:
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            end += 1
        yield _plain(sql[start:end])


def _plain(sql):
    """Return a statement without quotation marks, the columns that a trigger watches in the order of the alphabet."""
    plain = re.sub(r"\s+", " ", sql.replace('"', "")).strip()
    return re.sub(r"(?<= UPDATE OF ).*?(?= ON )", lambda found: ", ".join(sorted(found[0].split(", "))), plain)
