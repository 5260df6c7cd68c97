"""What is remembered while statements are made changes none of them: Django's own compiler says the same."""

import re

import pytest
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef
from django.db.models.functions import Lower
from django.db.models.sql.compiler import SQLCompiler

from openum.audit.models import EventRow
from openum.cases.models import Case, Request, ServiceLine
from openum.clocks.models import Clock

LINES = ServiceLine.objects.filter(case__number="X")
STATEMENTS = {
    "one table": Case.objects.all(),
    "related tables": Clock.objects.filter(case_id=1).select_related("request__case__product", "policy"),
    "the same table twice": ServiceLine.objects.select_related("replaced_by", "case__member", "request__case"),
    "some columns only": Case.objects.select_related("member").only("number", "member__given_name"),
    "values": Case.objects.values_list("number", "member__family_name").order_by("number"),
    "a sum": Case.objects.annotate(of=Count("lines")).filter(of__gt=1).order_by("-of", "pk"),
    "no row twice": Case.objects.filter(lines__status="denied").distinct().order_by("member__family_name", "pk"),
    "inside another": Request.objects.filter(case__in=LINES.values("case")).order_by("-received_at"),
    "beside another": Case.objects.filter(Exists(LINES.filter(case=OuterRef("pk")))).order_by(Lower("number")),
    "two together": Case.objects.filter(pk=1).union(Case.objects.filter(pk=2)).order_by("number"),
    "a part": EventRow.objects.order_by(F("seq").desc(nulls_last=True), "chain")[3:7],
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_is_djangos_but_for_names_instead_of_places(name):
    ours = STATEMENTS[name].all().query.get_compiler(connection=connection)
    theirs = SQLCompiler(STATEMENTS[name].all().query, connection, "default")
    theirs.quote_name_unless_alias = ours.quote_name_unless_alias
    sql, parameters = ours.as_sql()
    expected, expected_parameters = theirs.as_sql()
    columns = [one for _, (one, _), _ in theirs.select]
    head, order, tail = expected.partition(" ORDER BY ")
    if " UNION " not in head:
        tail = re.sub(r"(?<!\S)(\d+)(?= (?:ASC|DESC))", lambda place: columns[int(place[1]) - 1], tail)
        sql = re.sub(r"(?<!\S)(\d+)(?= (?:ASC|DESC))", lambda place: columns[int(place[1]) - 1], sql)
    assert (sql, tuple(parameters)) == (head + order + tail, tuple(expected_parameters))
    assert [str(one) for one, *_ in ours.select] == [str(one) for one, *_ in theirs.select]
    list(STATEMENTS[name].all())
