"""Make very many open cases out of one, for measurements of pages only: rows are copied in SQL, not by services."""

from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import F

COPIED = {
    "cases.Case": "pk", "cases.Request": "case", "cases.ServiceLine": "case", "clocks.Clock": "case",
    "work.Placement": "line__case",
}  # fmt: skip
"""What is copied, and how it belongs to its case."""
NEW_IDS = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
LATER = {
    "sqlite": "datetime(r.{}, '+' || (n.i % 9000) || ' minutes')",
    "postgresql": "r.{} + (n.i % 9000) * interval '1 minute'",
}
"""By kind of database: an identifier for a copy, and a due time spread over six days."""


def multiply_open_case(count: int) -> None:
    """Copy the newest case whose line waits for a nurse, with its requests, lines and clocks, `count` times.

    The copies belong in turn to all members who hold the same product, one of them again and again when it is alone.
    """
    line = (
        apps.get_model("cases.ServiceLine")
        .objects.filter(status="pended_with_payer", case__plan__is_sandbox=False)
        .order_by(F("placements__pk").desc(nulls_last=True), "-pk")
        .select_related("case")
        .first()
    )
    if line is None:
        raise SystemExit("There is no open case to copy.")
    offsets: dict[str, int] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        people = _number_people(cursor, line.case.product_id)
        for label, to_case in COPIED.items():
            model = apps.get_model(label)
            own = model.objects.filter(**{to_case: line.case_id})
            offsets[label] = model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            for place, row in enumerate(own.order_by("pk").values_list("pk", flat=True)):
                _copy(cursor, model, row, count, offsets, place, people)
        models = [apps.get_model(label) for label in COPIED]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def _number_people(cursor: Any, product: int) -> int:
    """Number those who hold a product, each with one coverage; return how many they are."""
    coverage = apps.get_model("directory.Coverage")._meta.db_table
    cursor.execute(
        "CREATE TEMPORARY TABLE bench_person AS SELECT row_number() OVER (ORDER BY member_id) - 1 AS rank, member_id, "
        f"min(id) AS coverage_id FROM {coverage} WHERE product_id = %s GROUP BY member_id",
        [product],
    )
    cursor.execute("CREATE UNIQUE INDEX bench_person_rank ON bench_person (rank)")
    cursor.execute("SELECT count(*) FROM bench_person")
    return int(cursor.fetchone()[0])


def _copy(cursor: Any, model: Any, row: int, count: int, offsets: dict[str, int], place: int, people: int) -> None:
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
        elif label == "cases.Case" and field.column in {"member_id", "coverage_id"}:
            values.append(f"(SELECT {field.column} FROM bench_person WHERE rank = n.i % {people})")
        elif field.name == "public_id":
            values.append(NEW_IDS[connection.vendor])
        elif field.name == "number":
            values.append("'B-' || n.i")
        elif field.name == "due_at":
            values.append(f"CASE WHEN r.{field.column} IS NULL THEN NULL ELSE {_later(field.column)} END")
        else:
            values.append(f"r.{field.column}")
    cursor.execute(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "
        f"SELECT {', '.join(values)} FROM {model._meta.db_table} r, n WHERE r.id = {row}"
    )


def _later(column: str) -> str:
    return LATER[connection.vendor].format(column)
