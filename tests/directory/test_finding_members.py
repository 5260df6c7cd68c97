"""A number of a message finds its member or family, and looks at nobody else."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from openum.directory.models import Coverage, Member
from openum.directory.queries import find_members

pytestmark = pytest.mark.django_db


def person(plan, number, given):
    return Member.objects.create(
        plan=plan, member_number=number, family_name="Finder", given_name=given, birth_date=date(1980, 1, 1), sex="female"
    )  # fmt: skip


def covered(member, product, subscriber, at):
    return Coverage.objects.create(
        member=member, product=product, subscriber_number=subscriber, valid_from=date(2026, 1, 1), recorded_from=at
    )


def test_a_number_finds_its_owner_a_subscriber_number_the_family_and_nobody_of_another_plan(world, at):
    product = world.commercial
    mother, child = person(world.plan, "F-1", "Ana"), person(world.plan, "F-2", "Bea")
    stranger = person(world.sandbox, "F-3", "Cleo")
    for member, subscriber in ((mother, "S-9"), (child, "S-9"), (stranger, "S-9"), (stranger, "F-1")):
        covered(member, product, subscriber, at)
    assert find_members(plan=world.plan, number="F-1") == [mother]
    assert find_members(plan=world.plan, number="S-9") == [mother, child]
    assert find_members(plan=world.sandbox, number="S-9") == [stranger]
    assert find_members(plan=world.plan, number="F-3") == []
    assert find_members(plan=world.plan, number="") == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite's planner, which knows no sizes of tables")
def test_the_members_of_a_plan_are_not_walked(world):
    with CaptureQueriesContext(connection) as asked:
        find_members(plan=world.plan, number="F-1")
    (query,) = asked.captured_queries
    with connection.cursor() as cursor:
        steps = [row[-1] for row in cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}").fetchall()]
    walked = [step for step in steps if step.startswith("SCAN") or step.endswith("(plan_id=?)")]
    assert walked == [], steps
