"""Make very many open cases out of one, for the worklist's measurement only: rows are copied in SQL, not by services."""

from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import F

COPIED = {
    "cases.Case": "pk", "cases.Request": "case", "cases.ServiceLine": "case", "clocks.Clock": "case",
    "work.Placement": "line__case",
}  # fmt: skip
"""What is copied, and how it belongs to its case."""


def multiply_open_case(count: int) -> None:
    """Copy the newest case whose line waits for a nurse, with its requests, lines and clocks, `count` times."""
    line = (
        apps.get_model("cases.ServiceLine")
        .objects.filter(status="pended_with_payer", case__plan__is_sandbox=False)
        .order_by(F("placements__pk").desc(nulls_last=True), "-pk")
        .first()
    )
    if line is None:
        raise SystemExit("There is no open case to copy.")
    offsets: dict[str, int] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for label, to_case in COPIED.items():
            model = apps.get_model(label)
            own = model.objects.filter(**{to_case: line.case_id})
            offsets[label] = model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            for place, row in enumerate(own.order_by("pk").values_list("pk", flat=True)):
                _copy(cursor, model, row, count, offsets, place)
        cursor.execute("ANALYZE")


def _copy(cursor: Any, model: Any, row: int, count: int, offsets: dict[str, int], place: int) -> None:
    """Insert `count` copies of one row; keys are counted on from the table's last one."""
    label = model._meta.label
    columns, values = [], []
    for field in model._meta.local_concrete_fields:
        columns.append(field.column)
        target = field.related_model._meta.label if field.is_relation else ""
        if field.primary_key:
            values.append(f"{offsets[label]} + {place * count} + n.i")
        elif target in COPIED and target != label:
            values.append(f"CASE WHEN r.{field.column} IS NULL THEN NULL ELSE {offsets[target]} + n.i END")
        elif target == label:
            values.append("NULL")
        elif field.name == "public_id":
            values.append("lower(hex(randomblob(16)))")
        elif field.name == "number":
            values.append("'B-' || n.i")
        elif field.name == "due_at":
            values.append(
                f"CASE WHEN r.{field.column} IS NULL THEN NULL ELSE datetime(r.{field.column}, '+' || (n.i % 9000) || ' minutes') END"
            )
        else:
            values.append(f"r.{field.column}")
    cursor.execute(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "
        f"SELECT {', '.join(values)} FROM {model._meta.db_table} r, n WHERE r.id = {row}"
    )
