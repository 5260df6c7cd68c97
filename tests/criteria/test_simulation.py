"""What a version would have answered on stored requests: counted rightly, for one's own plan, without showing anybody."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import orjson
import pytest
from django.test import Client

from openum.accounts.permitting import OutOfReach
from openum.accounts.rules import PermissionRefused
from openum.audit.models import EventRow
from openum.cli import environment
from openum.cli.main import main
from openum.criteria.document import assemble
from openum.criteria.models import Finding, Simulation
from openum.criteria.services import start_draft
from openum.criteria.simulation.export import csv_of
from openum.criteria.simulation.queries import candidates_for
from openum.criteria.simulation.running import SimulatedCase, simulate
from openum.criteria.simulation.services import (
    DraftDoesNotRun,
    VersionNotThere,
    ask_simulation,
    complete,
    run_simulation,
)
from openum.criteria.simulation.tally import SMALLEST, Answered, Facts, Tally, age_band, age_on, guarded, withheld
from openum.db import clock
from openum.directory.models import Policy
from openum.jobs.worker import run_due
from openum.vocabulary.terms import FindingValue
from tests.conftest import NOON
from tests.criteria import shapes
from tests.criteria.documents import LIBRARIES, POLICIES
from tests.criteria.test_services import form, mri

DAY = NOON.date()
MET, UNKNOWN = FindingValue.MET, FindingValue.UNKNOWN
LUMBAR = (POLICIES / "guidelines" / "LBP-MRI" / "v2026.2.md").read_text("utf-8")
STRICTER = LUMBAR.replace('"Request Date" - 42 days', '"Request Date" - 90 days').replace(
    "version: v2026.2", "version: v2027.1"
)


def facts(number=0, **changes):
    made = Facts(f"person {number}", "72148", "ma", "45-64", "en", "EX")
    return replace(made, **changes)


def body(text):
    return assemble(text, libraries=LIBRARIES, file="lumbar.md")


def case(number, *, pain_onset_days_ago=70, **changes):
    ago = lambda days: (DAY - timedelta(days=days)).isoformat()
    record = [shapes.answers(lbp__pain_radiates=True, lbp__pain_onset=ago(pain_onset_days_ago))]
    made = SimulatedCase(changes.pop("facts", facts(number)), orjson.dumps(record), DAY, "72148")
    return replace(made, **changes)


# ---- Counting


def test_ages_fall_into_bands():
    assert [age_band(age) for age in (0, 17, 18, 44, 45, 64, 65, 74, 75, 101, None)] == [
        "0-17", "0-17", "18-44", "18-44", "45-64", "45-64", "65-74", "65-74", "75+", "75+", "",
    ]  # fmt: skip
    assert age_on(date(1960, 11, 17), DAY) == 65
    assert age_on(None, DAY) is None


def test_cases_questions_approvals_and_people_are_counted():
    tally = Tally()
    for number in range(30):
        after = Answered(MET, 0, approved=True) if number < 15 else Answered(UNKNOWN, 2)
        tally.add(facts(number % 20), after, Answered(UNKNOWN, 3))
    report = tally.report()
    assert report["total"] == {
        "group": "all", "cases": 30, "people": 20, "changed": 15, "affected": 15,
        "draft": {"cases": 30, "met": 15, "not_met": 0, "unknown": 15, "approved": 15, "questions": 30},
        "base": {"cases": 30, "met": 0, "not_met": 0, "unknown": 30, "approved": 0, "questions": 90},
    }  # fmt: skip
    assert report["moves"] == [
        {"from": "unknown", "to": "approved", "cases": 15, "people": 15},
        {"from": "unknown", "to": "unknown", "cases": 15, "people": 15},
    ]


def test_small_groups_are_withheld_and_cannot_be_worked_out():
    rows = [
        {"group": "en", "people": 40, "cases": 50},
        {"group": "es", "people": 12, "cases": 14},
        {"group": "vi", "people": 3, "cases": 3},
    ]
    assert withheld(rows) == [
        {"group": "en", "people": 40, "cases": 50},
        {"group": "es", "withheld": True},
        {"group": "vi", "withheld": True},
    ]
    assert withheld(rows[:2]) == rows[:2]


def test_single_small_counts_are_withheld_with_their_complement():
    side = {"cases": 60, "met": 4, "not_met": 16, "unknown": 40, "approved": 4, "questions": 99}
    row = guarded({"group": "en", "people": 50, "cases": 60, "changed": 3, "affected": 3, "draft": side, "base": side})
    assert row["draft"] == {
        "cases": 60, "met": None, "not_met": None, "unknown": 40, "approved": None, "questions": 99,
    }  # fmt: skip
    assert (row["changed"], row["affected"]) == (None, None)


def test_the_file_names_withheld_counts_and_no_formula():
    tally = Tally()
    for number in range(20):
        tally.add(
            facts(number, product="=cmd()" if number < 12 else "ma"), Answered(MET, approved=True), Answered(None)
        )
    rows = list(csv.reader(StringIO(csv_of(tally.report()))))
    assert rows[1][:6] == ["all", "all", "20", "20", "20", "20"]
    products = [row for row in rows if row[0] == "product"]
    assert [row[1] for row in products] == ["'=cmd()", "ma"]
    assert all(cell == f"<{SMALLEST}" for row in products for cell in row[2:])


# ---- Running


def test_two_versions_answer_the_same_cases():
    cases = [case(n, pain_onset_days_ago=70) for n in range(12)] + [case(n, pain_onset_days_ago=200) for n in range(12)]
    report = simulate(draft=body(STRICTER), base=body(LUMBAR), cases=cases, processes=1)
    assert report["failed"] == 0
    assert report["total"]["cases"] == 24
    assert report["leaves"][0] == {"key": "1", "met": 12, "not_met": 12, "unknown": 0}
    assert report["total"]["draft"]["not_met"] == 12
    assert report["total"]["base"]["not_met"] == 0
    assert report["total"]["affected"] == 12
    assert {"from": "unknown", "to": "not_met", "cases": 12, "people": 12} in report["moves"]


def test_processes_count_the_same_as_one():
    cases = [case(n % 40, pain_onset_days_ago=20 + 5 * (n % 30)) for n in range(200)]
    alone = simulate(draft=body(STRICTER), base=body(LUMBAR), cases=cases, processes=1)
    assert simulate(draft=body(STRICTER), base=body(LUMBAR), cases=cases, processes=2) == alone


def test_a_record_that_cannot_be_read_fails_alone():
    seen = []
    cases = [case(1), case(2, record=b"{"), case(3, record=b"7"), case(4)]
    report = simulate(draft=body(LUMBAR), base="", cases=cases, processes=1, progress=seen.append)
    assert (report["failed"], report["total"]["cases"], seen) == (2, 2, [4])


# ---- Stored requests


@pytest.fixture
def requests(world):
    """Two requests of the plan: one that is approved, one that stays open."""
    return mri(world, form("lbp")), mri(world, form("lbp", lbp__pain_onset=None), member_key="Patient/p")


@pytest.mark.django_db
def test_the_version_in_force_is_counted_as_it_answered(world, requests):
    token = next(c.token for c in candidates_for(world.plan) if c.key == "LBP-MRI")
    made = ask_simulation(plan=world.plan, token=token, base="", by=world.physician, at=NOON + timedelta(hours=1))
    run_simulation(made, at=NOON + timedelta(hours=1), processes=1)
    made.refresh_from_db()
    assert (made.state, made.cases_total, made.percent, made.report["failed"]) == ("done", 2, 100, 0)
    assert made.report["total"]["cases"] == 2
    stored = {
        line.pk: {finding.leaf: finding.value for finding in Finding.objects.filter(line=line)} for line in requests
    }
    for leaf in made.report["leaves"]:
        values = [findings[leaf["key"]] for findings in stored.values()]
        for word in ("met", "not_met", "unknown"):
            assert leaf[word] in (None, values.count(word))
    assert made.report["total"]["affected"] == 0


@pytest.mark.django_db
def test_a_run_is_asked_for_done_by_the_worker_and_on_record(world, requests):
    later = NOON + timedelta(hours=1)
    draft = start_draft(text=STRICTER, libraries=LIBRARIES, plan=world.plan, by=world.physician, at=later)
    made = ask_simulation(plan=world.plan, token=f"draft:{draft.public_id}", base="", by=world.physician, at=later)
    assert (made.key, made.version, made.base_version, made.state) == ("LBP-MRI", "v2027.1", "v2026.2", "waiting")
    while run_due(later):
        pass
    made.refresh_from_db()
    assert (made.state, made.cases_done) == ("done", 2)
    assert EventRow.objects.filter(type="SimulationAsked").count() == 1
    assert "Osgood" not in orjson.dumps(made.report).decode()


@pytest.mark.django_db
def test_only_those_who_answer_for_guidelines_and_for_the_plan_may_ask(world):
    token = candidates_for(world.plan)[0].token
    for person in (world.nurse, world.intake, world.orthopaedist, world.engine):
        with pytest.raises(PermissionRefused):
            ask_simulation(plan=world.plan, token=token, base="", by=person, at=NOON)
    other = type(world.plan).objects.create(tenant=world.plan.tenant, key="other", name="Other")
    with pytest.raises(OutOfReach):
        ask_simulation(plan=other, token=token, base="", by=world.physician, at=NOON)
    for wrong in ("", "policy:7", "draft:00000000-0000-7000-8000-000000000000", "file:/etc/passwd"):
        with pytest.raises(VersionNotThere):
            ask_simulation(plan=world.plan, token=wrong, base="", by=world.physician, at=NOON)
    assert not Simulation.objects.exists()


def test_a_draft_with_faults_is_refused_with_the_fault():
    with pytest.raises(DraftDoesNotRun, match="cannot be tried"):
        complete(
            LUMBAR.replace('"Six Weeks Ago": "Request Date"', '"Six Weeks Ago": "Request Day"'), libraries=LIBRARIES
        )


@pytest.mark.django_db
def test_the_command_writes_the_counts(world, requests, tmp_path, monkeypatch, capsys):
    clock.set_demo_clock(NOON + timedelta(hours=1))
    monkeypatch.setattr(environment, "prepare", lambda _: None)
    monkeypatch.setattr(environment, "start_django", lambda: None)
    draft, out = tmp_path / "draft.md", tmp_path / "counts.csv"
    draft.write_text(STRICTER, encoding="utf-8")
    assert main(["criteria", "simulate", str(draft), "--plan", "harbor", "--csv", str(out)]) == 0
    assert capsys.readouterr().out == "2 requests counted; the counts are in counts.csv.\n"
    assert out.read_text("utf-8").splitlines()[1].startswith("all,all,2,1,<11,<11,2,0,<11,<11,0,<11,")
    assert main(["criteria", "simulate", str(draft), "--plan", "nowhere"]) != 0
    assert "--plan KEY" in capsys.readouterr().err
    assert EventRow.objects.filter(type="SimulationRead").count() == 1


# ---- Pages


@pytest.fixture
def director(world):
    client = Client()
    client.force_login(world.physician)
    return client


@pytest.mark.django_db
def test_the_page_asks_watches_and_shows_counts(world, requests, director):
    policy = Policy.objects.get(kind="guideline", key="LBP-MRI", version="v2026.2")
    answer = director.post(
        "/guidelines/impact/", {"plan": str(world.plan.public_id), "version": f"policy:{policy.public_id}", "base": ""}
    )
    address = answer["Location"]
    assert b"Waiting" in director.get(address).content
    while run_due(NOON + timedelta(days=900)):
        pass
    page = director.get(address).content.decode()
    assert "fewer than 11" in page
    assert "too few people to be shown" in page
    assert director.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    file = director.get(f"{address}counts.csv")
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert file.content.startswith(b"split by,group")
    assert EventRow.objects.filter(type="SimulationRead").count() == 3


@pytest.mark.django_db
def test_the_pages_are_shut_to_others(world, director):
    made = ask_simulation(
        plan=world.plan, token=candidates_for(world.plan)[0].token, base="", by=world.physician, at=NOON
    )
    nurse = Client()
    nurse.force_login(world.nurse)
    for path in ("", f"{made.public_id}/", f"{made.public_id}/counts.csv"):
        assert nurse.get(f"/guidelines/impact/{path}").status_code == 403
        assert Client().get(f"/guidelines/impact/{path}").status_code == 302
    assert director.get(f"/guidelines/impact/{made.public_id}/counts.csv").status_code == 404
    assert (
        director.post("/guidelines/impact/", {"plan": str(world.sandbox.public_id), "version": "x"}).status_code == 422
    )
    assert director.post("/guidelines/impact/", {"plan": "x", "version": "x"}).status_code == 404
