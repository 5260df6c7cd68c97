"""Plain statements write and read the same values as the ORM does."""

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection

from openum.db import plain, values

MOMENT = datetime(2026, 3, 8, 1, 30, 15, 120, tzinfo=timezone(timedelta(hours=-5)))
SAMPLES = {
    "DateTimeField": [MOMENT, datetime(2026, 11, 1, tzinfo=UTC)],
    "DateField": [date(2026, 2, 28)],
    "UUIDField": [UUID("01a20143-ab52-7d14-a0c0-37787084b455")],
    "JSONField": [[], {}, {"a": [1, 2.5, None, "é🙂"]}, ["x"]],
    "TextField": ["", "a\nb"],
    "CharField": ["c"],
    "BooleanField": [True, False],
    "IntegerField": [0, -7],
    "PositiveSmallIntegerField": [3],
    "BigAutoField": [12],
}


def fields():
    return [
        pytest.param(field, id=f"{model._meta.label}.{field.name}")
        for model in apps.get_models()
        if model.__module__.startswith("openum.")
        and model.__name__ in {"Submission", "ServiceLine", "Clock", "Finding"}
        for field in model._meta.concrete_fields
    ]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the quick conversions are SQLite's")
@pytest.mark.parametrize("field", fields())
def test_a_column_is_written_as_django_writes_it(field):
    target = field
    while target.is_relation:
        target = target.target_field
    quick, kinds = values.writer(field), values.taken_as_is(field)
    for value in SAMPLES.get(target.get_internal_type(), []):
        usual = field.get_db_prep_save(value, connection)
        mine = value if value.__class__ in kinds else quick(value)
        if target.get_internal_type() == "JSONField":
            assert values.reader(field)(mine) == field.from_db_value(usual, None, connection) == value
        else:
            assert mine == usual


def test_the_quick_writers_leave_what_they_do_not_know_to_django():
    writers = [values._write_instant, values._write_day, values._write_uuid]
    assert [write("2026-01-01") for write in writers] == [None, None, None]
    assert values._write_instant(datetime(2026, 1, 1)) is None  # noqa: DTZ001 - without zone on purpose
    assert values._write_json([1 << 70]) is None


@pytest.mark.django_db
def test_a_row_written_plainly_is_read_equally_by_both():
    user = apps.get_model("accounts.User")
    made = user(email="plain@example.org", name="Plain", kind="person", password="")
    made.last_login = MOMENT
    plain.insert([made])
    usual = user.objects.get(pk=made.pk)
    (read,) = plain.select_where(user, "id = %s", [made.pk])
    for field in user._meta.concrete_fields:
        assert getattr(read, field.attname) == getattr(usual, field.attname), field.name
    assert read == usual
    assert read._state.db == "default"
    assert not read._state.adding
    read.name = "Changed"
    plain.update([read], ["name"])
    usual.refresh_from_db()
    assert usual.name == "Changed"


def test_a_new_row_holds_what_the_constructor_gives():
    line, finding = apps.get_model("cases.ServiceLine"), apps.get_model("criteria.Finding")
    parent = line(pk=7)
    usual, quick = finding(line=parent, leaf="a"), plain.new(finding, line=parent, leaf="a")
    for field in finding._meta.concrete_fields:
        if field.name != "public_id":
            assert getattr(quick, field.attname) == getattr(usual, field.attname), field.name
    assert quick.line is parent
    assert quick._state.adding
    assert quick.public_id != plain.new(finding, line=parent).public_id
    assert quick.missing is not plain.new(finding, line=parent).missing


def test_a_field_that_does_not_exist_is_refused():
    with pytest.raises(TypeError, match="has no field colour"):
        plain.new(apps.get_model("criteria.Finding"), colour="red")
