"""The public figures on a real database: from cases to the page that anybody may read."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from openum.accounts.permitting import OutOfReach
from openum.accounts.rules import PermissionRefused
from openum.accounts.services import register_person
from openum.appeals.services import decide_appeal
from openum.audit.models import EventRow
from openum.cases.queries import current_lines
from openum.cases.services import withdraw_line
from openum.db import clock
from openum.directory.models import Product
from openum.programme.book import book
from openum.programme.models import PublicReport
from openum.programme.queries import level_key, levels_of
from openum.programme.services import (
    CorrectionUnexplained,
    LevelUnknown,
    LevelUnnamed,
    YearNotOver,
    digest_of,
    figures_of,
    freeze_report,
    level_of,
)
from openum.submission.incoming import IncomingLine
from openum.vocabulary.terms import Channel, LineOfBusiness, Role, Urgency
from tests.appeals.story import answers, assigned, coordinator, denied, surgeon, yes
from tests.world import knee_request, member, send

pytestmark = pytest.mark.django_db
AFTER = datetime(2027, 2, 1, 15, tzinfo=UTC)
MEDICARE = LineOfBusiness.MEDICARE_ADVANTAGE


@pytest.fixture
def director(world):
    return register_person(
        email="dora@example.test", name="Dora Director", password=None, roles=[(Role.DIRECTOR, world.plan, None)]
    )


@pytest.fixture
def contract(world):
    """The Medicare product belongs to a contract."""
    Product.objects.filter(pk=world.medicare.pk).update(contract="H9999-001")
    return level_of(world.plan, MEDICARE, "H9999")


def ask(world, at, **changes):
    return current_lines(send(world, knee_request(world, of=world.member, at=at, **changes), at=at).case)[0]


def freeze(world, by, **changes):
    given = {
        "plan": world.plan,
        "line_of_business": MEDICARE,
        "level_key": "H9999",
        "year": 2026,
        "because": "",
        "by": by,
        "at": AFTER,
    }
    return freeze_report(**(given | changes))  # fmt: skip


def browser_of(user=None):
    client = Client()
    if user:
        client.force_login(user)
    return client


def shares(kept):
    return {(row["number"], row["reading"]): (row["numerator"], row["denominator"]) for row in kept["elements"]}


def test_a_year_from_cases(world, contract, at):
    denied(world, at, of=world.member)
    ask(world, at)
    withdrawn = ask(world, at)
    withdraw_line(
        line=withdrawn, reason="Not needed any more.", requested_by="Dr. Sam Surgeon", channel=Channel.PHONE, by=world.provider, at=at
    )  # fmt: skip
    kept = figures_of(contract, 2026, at=AFTER)
    assert shares(kept)["2", ""] == (0, 1)
    assert shares(kept)["3", ""] == (1, 1)
    assert shares(kept)["4", "of appeals decided"] == (0, 0)
    assert kept["undecided"] == 1
    assert kept["left_out"]["withdrawn"] == 1
    assert kept["received"]["all"] == 3
    assert any(row["codes"] for row in kept["services"])
    assert figures_of(contract, 2025, at=AFTER)["received"]["all"] == 0


def test_the_world_as_it_was_at_an_instant_is_counted(world, contract, at):
    denied(world, at, of=world.member)
    assert figures_of(contract, 2026, at=at - timedelta(seconds=1))["undecided"] == 1


def test_drugs_are_in_no_figure(world, contract, at):
    ask(
        world,
        at,
        lines=(
            IncomingLine(
                sequence=1, code_system="https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", code="J1234"
            ),
        ),
    )
    assert figures_of(contract, 2026, at=AFTER)["left_out"]["drug"] == 1


def test_what_a_plan_posts_for(world):
    Product.objects.create(
        plan=world.plan, key="m2", name="M2", line_of_business=MEDICARE, contract="H9999-002", languages=[]
    )
    Product.objects.create(
        plan=world.plan, key="chip", name="C", line_of_business=LineOfBusiness.CHIP_FFS, state="OH", languages=[]
    )
    Product.objects.create(plan=world.plan, key="q", name="Q", line_of_business=LineOfBusiness.QHP_FFE, languages=[])
    Product.objects.filter(pk=world.medicare.pk).update(contract="H9999-001")
    found = {(level.posting.level, level.key): len(level.products) for level in levels_of([world.plan, world.sandbox])}
    assert found == {("contract", "H9999"): 2, ("state", "OH"): 1, ("issuer", "harbor"): 1}
    postings = {posting.level: posting for posting in book().postings}
    assert level_key(world.commercial, postings["contract"]) == "no contract number"
    assert level_key(Product(key="hmo"), postings["plan"]) == "hmo"


def test_what_is_frozen_stays_and_a_correction_says_why(world, contract, director, at):
    denied(world, at, of=world.member)
    first = freeze(world, director)
    assert (first.version, first.citation, first.level) == (1, "42 CFR 422.122(c)", "contract")
    assert digest_of(first.figures) == first.digest
    with pytest.raises(CorrectionUnexplained):
        freeze(world, director)
    second = freeze(world, director, because="A case was counted in the wrong contract.")
    first.refresh_from_db()
    assert (first.version, second.version) == (1, 2)
    assert EventRow.objects.filter(type="PublicReportFrozen").count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicReport.objects.filter(pk=second.pk).update(because="")


def test_who_may_freeze_and_when(world, contract, director):
    abroad = register_person(
        email="abroad@example.test", name="Ab Road", password=None, roles=[(Role.DIRECTOR, world.sandbox, None)]
    )
    with pytest.raises(PermissionRefused):
        freeze(world, world.nurse)
    with pytest.raises(OutOfReach):
        freeze(world, abroad)
    with pytest.raises(YearNotOver, match="January 1, 2028"):
        freeze(world, director, year=2027)
    with pytest.raises(LevelUnknown):
        freeze(world, director, level_key="H0000")
    Product.objects.filter(pk=world.medicare.pk).update(contract="")
    with pytest.raises(LevelUnnamed):
        freeze(world, director, level_key="no contract number")


def test_the_year_ends_in_the_zone_of_the_plan(world, contract, director):
    with pytest.raises(YearNotOver):
        freeze(world, director, at=datetime(2027, 1, 1, 3, tzinfo=UTC))
    assert freeze(world, director, at=datetime(2027, 1, 1, 6, tzinfo=UTC)).year == 2026


def test_from_the_plans_page_to_the_public_one(world, contract, director, at):
    denied(world, at, of=world.member)
    clock.set_demo_clock(AFTER)
    client = browser_of(director)
    listed = client.get(reverse("programme:reports"))
    assert b"H9999" in listed.content
    address = reverse("programme:report", args=["harbor", MEDICARE, "H9999", 2026])
    assert b"Standard requests denied" in client.get(address).content
    assert client.post(address, {"because": ""}).status_code == 302
    refused = client.post(address, {"because": ""})
    assert refused.status_code == 409
    assert b"Say why they have to be corrected" in refused.content
    report = PublicReport.objects.get()
    stranger = browser_of()
    assert stranger.get(address).status_code == 302
    public = reverse("programme:posted-report", args=[report.public_id])
    assert public.encode() in stranger.get(reverse("programme:posted")).content
    page = stranger.get(public)
    assert b"100.00" in page.content
    assert report.digest.encode() in page.content
    told = stranger.get(reverse("programme:posted-json", args=[report.public_id])).json()
    assert told["figures"] == report.figures
    assert (told["sha256"], told["levelKey"]) == (report.digest, "H9999")
    rows = list(csv.reader(io.StringIO(stranger.get(reverse("programme:posted-file", args=[report.public_id])).text)))
    assert rows[2][:2] == ["3", "standard"]


def test_pages_that_are_not_there(world, contract, director):
    client = browser_of(director)
    for place in (
        ["elsewhere", MEDICARE, "H9999", 2026],
        ["harbor", MEDICARE, "H9999", 2024],
        ["harbor", MEDICARE, "H9999", 2099],
    ):
        assert client.get(reverse("programme:report", args=place)).status_code == 404
    assert client.get(reverse("programme:report", args=["harbor", MEDICARE, "H0000", 2026])).status_code == 404
    sandbox = PublicReport.objects.create(
        plan=world.sandbox, line_of_business=MEDICARE, level="contract", level_key="H1", citation="x", year=2026, version=1,
        figures={}, digest="0", frozen_by=director, frozen_at=AFTER,
    )  # fmt: skip
    assert browser_of().get(reverse("programme:posted-report", args=[sandbox.public_id])).status_code == 404
    assert b"Nothing is posted yet" in browser_of().get(reverse("programme:posted")).content


def test_a_delegates_file_on_the_page(world, contract, director, at):
    client = browser_of(director)
    address = reverse("programme:check")
    bad = client.post(address, {"file": io.BytesIO(b"number\r\n2")})
    assert bad.status_code == 422
    assert b"The first row must be" in bad.content
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"file": io.BytesIO(b"x" * 300_000)}).status_code == 422
    report = freeze(world, director)
    good = browser_of().get(reverse("programme:posted-file", args=[report.public_id])).content
    answer = client.post(address, {"file": io.BytesIO(good)})
    assert answer.status_code == 200
    assert b"The file is right" in answer.content


def test_how_the_work_goes_on_the_page_and_as_a_table(world, contract, director, at):
    denied(world, at, of=world.member)
    other = member(world.commercial, "C-77", "Quill", "Quinn")
    send(world, knee_request(world, of=other, at=at, urgency=Urgency.EXPEDITED), at=at)
    clock.set_demo_clock(at + timedelta(days=2))
    client = browser_of(director)
    assert b"Medicare Advantage" in client.get(reverse("programme:operations"), {"days": "30"}).content
    rows = list(csv.DictReader(io.StringIO(client.get(reverse("programme:operations-file"), {"days": "x"}).text)))
    found = {(row["line_of_business"], row["urgency"]): row for row in rows}
    assert found["medicare_advantage", "standard"]["denial_percent"] == "100.00"
    assert found["commercial_state", "expedited"]["decided"] == "0"
    assert browser_of(world.nurse).get(reverse("programme:operations")).status_code == 403


def test_appeals_causes_work_and_the_cases_behind_the_figures(world, contract, director, at):
    line = denied(world, at, of=world.member)
    reviewer, desk = surgeon(world), coordinator(world)
    appeal = assigned(world, line, at + timedelta(days=1), reviewer, desk)
    key = next(iter(answers(line)))
    decide_appeal(appeal=appeal, verdict=yes(cause_key=key), by=reviewer, at=at + timedelta(days=2))
    clock.set_demo_clock(at + timedelta(days=3))
    client = browser_of(director)
    page = client.get(reverse("programme:operations"), {"days": "30"}).text
    assert "A criterion was judged wrongly" in page

    def table(name):
        assert client.get(reverse("programme:operations-workbook"), {"days": "30"}).content[:2] == b"PK"
        answer = client.get(reverse("programme:operations-file"), {"days": "30", "table": name})
        return list(csv.DictReader(io.StringIO(answer.text)))

    whole, first, why = table("")[0], table("appeals")[0], table("causes")[0]
    parts = (float(whole[f"mean_{name}_hours"]) for name in ("payer", "provider", "transit"))
    assert abs(sum(parts) - float(whole["mean_hours"])) < 0.02
    assert (first["level"], first["decided_by"], first["decided"], first["overturned_percent"]) == (
        "1",
        "plan",
        "1",
        "100.00",
    )
    assert (why["reversed_by"], why["failed"], why["criterion"], why["reversals"]) == ("appeal", "node", key, "1")
    assert float(next(row for row in table("load") if row["crew"] == "appeals")["hours"]) > 0
    row = {"plan": world.plan.key, "days": "30", "law": str(MEDICARE), "urgency": "standard"}
    because = {
        name: why[was]
        for name, was in (
            ("because", "reversed_by"),
            ("kind", "failed"),
            ("guideline", "guideline"),
            ("key", "criterion"),
        )
    }
    address = reverse("programme:operations-behind")
    for more in ({"of": "overturned"}, {"of": "appeals", "level": "1", "body": "plan"}, {"of": "cause", **because}):
        assert line.case.number in client.get(address, row | more).text
    assert EventRow.objects.filter(type="CasesRead", data__contains="how the work goes").exists()
    assert line.case.number not in client.get(address, row | {"of": "partly"}).text
    for bad in ({"of": "none"}, {"of": "appeals", "level": "x"}, {"of": "decided", "plan": "nobody"}):
        assert client.get(address, row | bad).status_code == 404
