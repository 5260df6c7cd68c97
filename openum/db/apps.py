"""The application of the database's own matters."""

from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

_MOST_PREPARED = 600
"""Statements that a connection to PostgreSQL keeps with their plans; the pages have some five hundred."""


class DbConfig(AppConfig):
    """The clock, transactions and values of the database."""

    name = "openum.db"
    label = "db"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let each connection to PostgreSQL keep the plans of all pages."""
        connection_created.connect(_keep_plans, dispatch_uid="openum.db.plans")


def _keep_plans(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.vendor == "postgresql":
        connection.connection.prepared_max = _MOST_PREPARED
