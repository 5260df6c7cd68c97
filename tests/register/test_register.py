"""The register as a compliance officer reads it, on a real database."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from openum.accounts.services import register_person
from openum.clocks.models import Clock
from openum.directory.models import Policy
from openum.register import queries
from openum.vocabulary.terms import Role
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(world):
    return register_person(
        email="aude@example.test", name="Aude", password=None, roles=[(Role.AUDITOR, world.plan, None)]
    )


@pytest.fixture
def browser(auditor, demo_clock):
    signed_in = Client()
    signed_in.force_login(auditor)
    return signed_in


def test_a_law_leads_to_its_time_limits_the_clocks_that_run_by_them_and_the_letters(world, auditor, browser, at):
    send(world, knee_request(world, of=world.member, at=at), at=at)
    rows = {row.policy.key: row for row in queries.resting_on(auditor, "42 CFR 422.568", on=at.date())}
    counted = Clock.objects.filter(governing_rule="ma.decide.standard", stopped_at__isnull=True).count()
    assert counted == 1
    assert rows["ma.decide.standard"].clocks.running == counted
    assert any("422.568" in law for law in rows["ma.decide.standard"].laws)
    assert {row.policy.kind for row in rows.values()} > {"deadline-rule"}
    assert all("letter" not in row.policy.kind for row in rows.values())
    elements = queries.elements_resting_on("422.568")
    assert elements
    assert all(any("422.568" in law for law in one.laws) for one in elements)
    page = browser.get(reverse("register:register"), {"law": "42 CFR 422.568"})
    text = page.content.decode()
    assert "ma.decide.standard" in text
    assert elements[0].name in text
    assert page.context["running"] >= 1


def test_a_law_that_nobody_names_and_an_empty_question_have_their_answers(browser):
    text = browser.get(reverse("register:register"), {"law": "99 CFR 1.1"}).content.decode()
    assert "No published policy names it." in text
    assert browser.get(reverse("register:register")).status_code == 200
    assert browser.get(reverse("register:register"), {"law": "x" * 5000, "page": "-3"}).status_code == 200


def test_the_page_of_a_policy_tells_what_its_version_changed(world, auditor, browser, at):
    rows = Policy.objects.filter(kind="deadline-rule", key="ma.decide.standard", plan__isnull=True)
    first = rows.order_by("-effective_from")[0]
    body = json.loads(first.body)
    body |= {"version": 99, "limit": {"amount": 5, "unit": "calendar_days"}}
    day = at.date() + timedelta(days=40)
    second = Policy.objects.create(
        kind=first.kind, key=first.key, version="99", effective_from=day, digest="d", body=json.dumps(body),
        source=first.source, published_at=at,
    )  # fmt: skip
    before, changed = queries.changed_by(second)
    assert before == first
    assert [one.name for one in changed] == ["limit"]
    oldest = queries.versions_of(second)[-1]
    assert queries.changed_by(oldest) is None
    assert second in [row.policy for row in queries.recent_changes(auditor, on=at.date())]
    page = browser.get(reverse("register:policy", args=[second.public_id])).content.decode()
    assert "&quot;amount&quot;: 5" in page
    assert reverse("register:policy", args=[first.public_id]) in page
    assert (
        "It is the first version here."
        in browser.get(reverse("register:policy", args=[oldest.public_id])).content.decode()
    )


def test_a_plans_own_policy_is_not_another_plans(world, auditor, browser, at):
    own = Policy.objects.create(
        plan=world.sandbox, kind="routing", key="x", version="1", effective_from=at.date(), digest="d",
        body="law: 42 CFR 422.568", source="", published_at=at,
    )  # fmt: skip
    assert own not in [row.policy for row in queries.resting_on(auditor, "422.568", on=at.date())]
    assert browser.get(reverse("register:policy", args=[own.public_id])).status_code == 404
