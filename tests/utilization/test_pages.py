"""A load of claims ends in a statement of its metrics, on pages, with the rows behind each number."""

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from openum.accounts.services import register_person
from openum.analytics.generator.write import generate
from openum.audit.models import EventRow
from openum.cli.main import main
from openum.db import clock
from openum.jobs import run_due
from openum.loading.places import store_of
from openum.utilization.models import Figure, FigureList, Statement
from openum.utilization.services import StatementNotReady, ask_for_list, begin_statement
from openum.utilization.snapshots import make_due_snapshots
from openum.vocabulary.terms import Role

EVERYTHING = {"payer": "ALL", "month": "", "cut": "", "group": ""}


@pytest.mark.django_db(transaction=True)
def test_a_statement_is_made_shown_and_opened_to_its_rows(world, at, settings, tmp_path):
    settings.OPENUM_DATA = tmp_path
    clock.set_demo_clock(at)
    director = register_person(
        email="d@test.invalid", name="Dee Rector", password=None, roles=[(Role.DIRECTOR, world.plan, None)]
    )
    page = Client()
    page.force_login(director)
    overview = reverse("utilization:overview")
    assert "There are no figures yet" in page.get(overview).text

    refused = begin_statement(plan=world.plan, at=at)
    run_due(at + timedelta(minutes=1))
    refused.refresh_from_db()
    assert (refused.state, refused.number) == ("failed", 1)
    assert refused.said in page.get(overview).text
    with pytest.raises(StatementNotReady):
        ask_for_list(statement=refused, metric="acute_admits", **EVERYTHING, by=director, at=at)

    generate(tmp_path / "claims", members=120, seed=2, months=14, progress=lambda *_: None)
    (tmp_path / "claims" / "truth_stays.parquet").unlink(missing_ok=True)
    assert main(["claims", "load", str(tmp_path / "claims"), "--store", str(store_of(world.plan))]) == 0
    made = begin_statement(plan=world.plan, at=at)
    run_due(at + timedelta(minutes=2))
    made.refresh_from_db()
    assert (made.state, made.number, made.first_month, made.last_month) == ("ready", 2, "2023-02", "2024-01")
    visits = Figure.objects.get(statement=made, metric="pcp_visits", **EVERYTHING)
    months = Figure.objects.filter(
        statement=made, metric="pcp_visits", payer="ALL", cut="", month__range=("2023-02", "2024-01")
    )
    assert visits.numerator == sum(each.numerator for each in months) > 0
    for words in ("Primary care visits", "Statement 2", "per 1,000 members a year"):
        assert words in page.get(overview).text
    one = page.get(reverse("utilization:metric", args=["pcp_visits"])).text
    for words in ("By age", "By provider", "The months in numbers", "Rows behind it", f"{visits.numerator:,.0f}"):
        assert words in one
    director_page = page.get(reverse("command:dashboard")).text
    assert 'id="cost"' in director_page
    assert reverse("utilization:metric", args=["readmit_hwr_rate"]) in director_page
    file = page.get(reverse("utilization:file", args=[made.public_id])).text
    assert f"2,pcp_visits,D8,ALL,,,,{visits.numerator}" in file

    address = reverse("utilization:workbook", args=[made.public_id])
    book = page.get(address).content
    clock.set_demo_clock(at + timedelta(hours=30))
    assert book == page.get(address).content
    clock.set_demo_clock(at)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert {f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3, 4)} <= set(parts.namelist())
        assert f"<v>{visits.numerator:g}</v>" in parts.read("xl/worksheets/sheet1.xml").decode()

    behind = reverse("utilization:behind", args=[made.public_id, "pcp_visits"]) + "?payer=ALL&month=&cut=&group="
    assert "Write out the rows" in page.get(behind).text
    assert page.post(behind).status_code == 302
    assert "are being written out" in page.get(behind).text
    run_due(at + timedelta(minutes=3))
    shown = page.get(behind).text
    listed = FigureList.objects.get()
    assert (listed.state, listed.rows) == ("ready", visits.numerator)
    assert "person_id" in shown
    rows = b"".join(page.get(reverse("utilization:behind-file", args=[listed.public_id])).streaming_content)
    assert rows.count(b"\n") == listed.rows + 1
    assert EventRow.objects.filter(type="FigureListRead").count() == 2
    assert page.get(behind.replace("pcp_visits", "nothing")).status_code == 404
    assert page.get(reverse("utilization:metric", args=["nothing"])).status_code == 404

    (kept,) = [row for row in make_due_snapshots(at=at) if row.plan == world.plan]
    assert make_due_snapshots(at=at + timedelta(days=6)) == []
    assert [row.monday for row in make_due_snapshots(at=at + timedelta(days=7))] == [kept.monday + timedelta(days=7)]
    assert kept.sha256[:16] in page.get(reverse("utilization:snapshots")).text
    pdf = page.get(reverse("utilization:snapshot", args=[kept.public_id])).content
    assert hashlib.sha256(pdf).hexdigest() == kept.sha256
    text = " ".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf)).pages)
    for words in (f"Figures of {world.plan.name}", "Primary care visits", "No request was received", "Statement 2"):
        assert words in " ".join(text.split())

    integrator = register_person(
        email="i@test.invalid", name="In Tegrator", password=None, roles=[(Role.INTEGRATOR, world.plan, None)]
    )
    other = Client()
    other.force_login(integrator)
    assert other.get(behind).status_code in {403, 404}
    assert Statement.objects.count() == 2
