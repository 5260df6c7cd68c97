"""The yearly statement that no pay hangs on a decision: how long it holds, where it holds up a no, and its page."""

from datetime import date, timedelta

import pytest

from openum.accounts.models import Plan
from openum.accounts.services import register_person
from openum.determination.affirming import AffirmationMissing, Statement, check_affirmed, statement_of
from openum.determination.duties import own_statement
from openum.determination.models import IncentiveAffirmation
from openum.determination.services import affirm_statement, affirmed_on
from openum.determination.services.affirming import check_statement
from openum.directory.services import publish_policy
from openum.vocabulary.errors import NotAllowed
from openum.vocabulary.terms import Role
from tests.notices.letters_of_a_case.case import line_of

STATEMENT = Statement(months=12, blocks_a_no=True, citation="NCQA UM 4 G", text={"en": "I decide."})
STRICT = "rows: [{months: 12, blocks_a_no: true, citation: plan policy, text: {en: I decide., es: Decido.}}]\n"


@pytest.mark.parametrize(
    ("affirmed", "on", "holds"),
    [
        (None, date(2026, 11, 30), False),
        (date(2025, 11, 30), date(2026, 11, 29), True),
        (date(2025, 11, 30), date(2026, 11, 30), False),
        (date(2024, 2, 29), date(2025, 2, 28), True),
        (date(2024, 2, 29), date(2025, 3, 1), False),
        (date(2026, 12, 1), date(2026, 11, 30), False),
    ],
)
def test_an_affirmation_holds_for_twelve_months(affirmed, on, holds):
    """NCQA UM 4 G."""
    assert STATEMENT.is_affirmed(affirmed, on=on) is holds
    if holds:
        check_affirmed(STATEMENT, affirmed, on=on)
    else:
        with pytest.raises(AffirmationMissing, match="My statement"):
            check_affirmed(STATEMENT, affirmed, on=on)


def test_nothing_waits_where_the_row_only_reminds_or_there_is_none():
    check_affirmed(None, None, on=date(2026, 11, 30))
    reminds = Statement(months=12, blocks_a_no=False, citation="NCQA UM 4 G", text={"en": "I decide."})
    check_affirmed(reminds, None, on=date(2026, 11, 30))


@pytest.mark.django_db
def test_a_plans_own_row_holds_up_a_no_until_it_is_affirmed(world, at, client):
    line = line_of(world, at)
    found = statement_of(world.plan, on=at.date())
    assert found is not None
    assert not found[0].blocks_a_no
    check_statement(line, by=world.physician, at=at)
    publish_policy(
        kind="incentives", key="incentives", version="own", body=STRICT, effective_from=at.date(),
        source="plan policy", plan=world.plan, by=world.nurse, at=at,
    )  # fmt: skip
    with pytest.raises(AffirmationMissing):
        check_statement(line, by=world.physician, at=at)
    client.force_login(world.physician)
    page = client.get("/safeguards/statement/").content.decode()
    assert "Not affirmed yet" in page
    assert "A no waits for it." in page
    assert client.post("/safeguards/statement/", {"plan": "nobody"}).status_code == 404
    assert client.post("/safeguards/statement/", {"plan": world.plan.key}).status_code == 302
    row = IncentiveAffirmation.objects.get()
    assert (row.user, row.statement.body) == (world.physician, STRICT)
    assert "Affirmed; due again on" in client.get("/safeguards/statement/").content.decode()
    later = row.affirmed_at + timedelta(hours=1)
    assert affirmed_on(world.plan, world.physician) is not None
    check_statement(line, by=world.physician, at=later)
    with pytest.raises(AffirmationMissing):
        check_statement(line, by=world.physician, at=later + timedelta(days=370))


@pytest.mark.django_db
def test_who_decides_is_reminded_until_a_month_before_it_runs_out(world, at, client):
    client.force_login(world.nurse)
    page = client.get("/desk/").content.decode()
    assert "You have not yet affirmed for" in page
    assert 'href="/safeguards/statement/"' in page
    affirm_statement(plan=world.plan, by=world.nurse, at=at)
    for days, due in ((330, ""), (340, "runs out on"), (366, "has run out on")):
        (duty,) = own_statement(world.nurse, at + timedelta(days=days))
        assert duty.name == "My statement"
        assert due in duty.due
        assert bool(due) == bool(duty.due)
    assert own_statement(world.provider, at) == []
    assert own_statement(world.intake, at) == []


@pytest.mark.django_db
def test_the_page_keeps_to_what_a_person_may_in_each_plan(world, at, client):
    own = world.plan
    other = Plan.objects.create(tenant=own.tenant, key="other", name="Other Plan")
    publish_policy(
        kind="incentives", key="incentives", version="own", body=STRICT, effective_from=at.date(),
        source="plan policy", plan=other, by=world.nurse, at=at,
    )  # fmt: skip
    affirm_statement(plan=own, by=world.nurse, at=at)
    person = register_person(
        email="two.plans@test.invalid", name="Two Plans", password=None,
        roles=[(Role.NURSE, own, None), (Role.AUDITOR, other, None)],
    )  # fmt: skip
    client.force_login(person)
    page = client.get("/safeguards/statement/").content.decode()
    assert page.count("I affirm this") == 1
    assert "Last affirmed" not in page
    client.force_login(world.physician)
    assert world.nurse.name in client.get("/safeguards/statement/").content.decode()


@pytest.mark.django_db
def test_who_decides_nothing_affirms_nothing(world, at, client):
    with pytest.raises(NotAllowed):
        affirm_statement(plan=world.plan, by=world.provider, at=at)
    client.force_login(world.provider)
    assert client.get("/safeguards/statement/").status_code == 403
