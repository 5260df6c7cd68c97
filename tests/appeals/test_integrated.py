"""Medicare and Medicaid in one plan: one denial, one appeal, care that goes on without costs, and both roads outside."""

from datetime import timedelta

import pytest
from django.test import Client

from openum.appeals.models import Appeal
from openum.appeals.rules.law import Body
from openum.appeals.rules.states import AppealState, Outcome
from openum.appeals.services import ask_outside_review, ask_to_continue, decide_appeal, record_outside_decision
from openum.cases.queries import current_lines
from openum.clocks.models import Clock
from openum.db import clock as demo
from openum.determination.protections import Law
from openum.determination.queries import decider_row_for
from openum.determination.rules import GuardOpen
from openum.directory.models import Product
from openum.review.services import refer_to_physician
from openum.vocabulary.terms import LineStatus
from tests.appeals import story
from tests.appeals.story import DAY, letters, work
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
BOTH = "Medicare asks for twelve weeks of therapy and the state's Medicaid rule asks for the same. Neither is shown."


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.OPENUM_DATA = tmp_path


@pytest.fixture
def dual(world):
    """The Medicare product gives Medicaid too."""
    Product.objects.filter(pk=world.medicare.pk).update(is_integrated_dsnp=True)


def denied(world, at, **changes):
    """A denied line of a member of the integrated plan."""
    request = knee_request(world, of=world.member, at=at, evidence=(note("Visit", "Knee pain."),), **changes)
    line = current_lines(send(world, request, at=at).case)[0]
    refer_to_physician(line=line, summary="Seven weeks of therapy.", by=world.nurse, at=at + HOUR)
    assert decider_row_for(line, on=at.date()).citation == "42 CFR 422.629(k)(3)"
    with pytest.raises(GuardOpen):
        story.deny(world, line, at + 2 * HOUR)
    story.deny(world, line, at + 2 * HOUR, statements={Law.BOTH_BENEFITS: BOTH})
    line.refresh_from_db()
    return line


def rules_of(request):
    """The rules whose clocks a request has."""
    return set(Clock.objects.filter(request=request).values_list("rule", flat=True))


def test_from_one_denial_to_both_roads_outside(world, at, desk, reviewer, dual):
    """42 CFR 422.631(d)(1), 422.632, 422.633, 422.634."""
    line = denied(world, at)
    assert "integrated.decide.standard" in rules_of(line.request)
    assert not any(rule.startswith(("ma.", "medicaid.")) for rule in rules_of(line.request))
    (letter,) = letters(line, "denial")
    assert (letter.template.key, letters(line, "insert")) == ("denial-member-integrated.en", [])
    assert "CMS-10716" in letter.not_for_production
    for words in (BOTH, "under Medicare and under Medicaid", "takes effect", "keep it while you appeal",
                  "You do not have to pay back", "a fair hearing"):  # fmt: skip
        assert words.replace("'", "&#x27;") in letter.html, words

    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    assert (appeal.law, appeal.last_day_to_file) == ("integrated-dual", (at + 65 * DAY).date())
    assert {"integrated.appeal.standard", "integrated.acknowledge.appeal"} <= rules_of(appeal.request)
    assert letters(line, "appeal-acknowledgement")
    kept = ask_to_continue(appeal=appeal, was_authorized=True, ordered_by_provider=True, by=desk, at=at + 2 * DAY)
    assert (kept.is_granted, kept.law) == (True, "42 CFR 422.632")
    work(at + 2 * DAY)
    assert "You do not have to pay back the care" in letters(line, "benefit-continues")[0].html

    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + 3 * DAY)
    work(at + 3 * DAY)
    html = letters(line, "appeal-upheld")[0].html
    assert "A reviewer who works for Medicare and not for us" in html
    assert "You must ask for the hearing by" in html
    entity = Appeal.objects.get(follows=appeal)
    assert (entity.body, entity.state, entity.outside.because) == (Body.REVIEW_ENTITY, AppealState.TO_BE_SENT, "upheld")
    assert "integrated.forward.standard_affirmed" in rules_of(appeal.request)

    hearing = ask_outside_review(appeal=appeal, asked=story.asked(at + 5 * DAY), by=world.intake, at=at + 5 * DAY)
    assert (hearing.body, hearing.follows, hearing.is_late) == (Body.FAIR_HEARING, appeal, False)
    assert {"integrated.fair_hearing.decision"} == {
        rule for rule in rules_of(hearing.request) if rule.endswith(".decision")
    }
    Appeal.objects.filter(pk=hearing.pk).update(state=AppealState.OUTSIDE)
    record_outside_decision(
        appeal=hearing, outcome=Outcome.OVERTURNED, rationale="Medicaid covers it.", reference="FH-1",
        cause_kind="step", cause_key="both", cause_words="The Medicaid rule was read too narrowly.", by=desk,
        at=at + 20 * DAY,
    )  # fmt: skip
    line.refresh_from_db()
    assert line.status == LineStatus.APPROVED
    owed = Clock.objects.get(request=hearing.request, rule="integrated.effectuate")
    assert (owed.state, owed.due_at) == ("met", at + 20 * DAY + 72 * HOUR)


def test_what_only_medicaid_covers_goes_to_no_medicare_reviewer(world, at, desk, reviewer, dual, demo_clock):
    """42 CFR 422.634(b)(2): the state's hearing, when the enrollee asks."""
    line = denied(world, at)
    line.code = "T1019"
    line.save(update_fields=["code"])
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    page = Client()
    page.force_login(desk)
    demo.set_demo_clock(at + DAY)
    body = page.get(f"/appeals/{appeal.public_id}/").text
    assert 'name="has_consent"' in body
    assert 'name="recovery_told"' not in body
    decide_appeal(appeal=appeal, verdict=story.no(line, cited_authority="state rule 1"), by=reviewer, at=at + 3 * DAY)
    work(at + 3 * DAY)
    assert not Appeal.objects.filter(follows=appeal).exists()
    assert "integrated.forward.standard_affirmed" not in rules_of(appeal.request)
    assert "You can ask the state for a fair hearing." in letters(line, "appeal-upheld")[0].html
