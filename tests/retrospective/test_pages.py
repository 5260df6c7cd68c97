"""The pages of claim review: leads, one claim, findings, patterns; what they show, take and refuse."""

import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from openum.audit.models import EventRow
from openum.cases.services import attach
from openum.criteria.models import GuidelineDraft
from openum.criteria.queries import published_guidelines
from openum.db import clock
from openum.retrospective.models import ClaimFinding, ClaimLine, Lead, Rebuttal
from openum.retrospective.rules.findings import Issue, Question
from openum.retrospective.rules.leads import LeadState
from openum.retrospective.rules.outcomes import Outcome
from openum.retrospective.rules.patterns import Counted, PatternKey, patterns
from openum.retrospective.services import dismiss_lead, propose_change, send_finding
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel
from tests.retrospective.story import file, finding, load, paper, row, taken
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(world, at):
    """The nurse's browser; the clock stands an hour on."""
    clock.set_demo_clock(at + timedelta(hours=1))
    return browser(world.nurse)


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def table(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def upload(desk, content, plan="harbor"):
    return desk.post("/claim-review/", {"plan": plan, "file": SimpleUploadedFile("leads.csv", content)})


def step(desk, claim_line, name, **typed):
    return desk.post(reverse("retrospective:act", args=[claim_line.public_id, name]), typed)


# leads


def test_a_file_is_loaded_and_a_wrong_one_told_with_its_row(world, desk):
    answer = upload(desk, file(row("A"), row("B")))
    assert (answer.status_code, Lead.objects.count()) == (200, 2)
    assert b"2 new leads; 0 were known" in answer.content
    wrong = upload(desk, file(row("C"), row("D", amount="much")))
    assert wrong.status_code == 422
    assert b"Row 3: amount is no number." in wrong.content
    assert upload(desk, b"", plan="elsewhere").status_code == 422
    assert Lead.objects.count() == 2


def test_leads_are_listed_by_rule_provider_and_state_and_each_read_is_kept(world, desk, at):
    load(world, row("A", provider="1"), row("B", "upcoding", provider="2"), row("C", "upcoding", provider="2"), at=at)
    dismiss_lead(lead=Lead.objects.get(claim_id="C"), because="Both sides.", by=world.nurse, at=at)
    claims = lambda query: {each["claim_id"] for each in table(desk.get(f"/claim-review/leads.csv?{query}"))}
    assert claims("") == {"A", "B"}
    assert claims("state=all") == {"A", "B", "C"}
    assert claims("rule=upcoding") == claims("provider=2") == {"B"}
    assert claims("state=dismissed&procedure=99215&diagnosis=J06.9&payer=tpa") == {"C"}
    assert claims("state=nonsense") == {"A", "B"}
    page = desk.get("/claim-review/?state=all").content
    assert b"A/1" in page
    assert b"$180.00" in page
    assert EventRow.objects.filter(type="LeadsRead").count() >= 6


def test_a_lead_is_dismissed_or_taken_up_on_its_page(world, desk, at):
    load(world, row("A", provider=world.practice.npi), row("B"), at=at)
    taken_up, dismissed = (Lead.objects.get(claim_id=name) for name in "AB")
    path = reverse("retrospective:lead", args=[dismissed.public_id])
    assert desk.get(path).status_code == 200
    assert desk.post(path, {"step": "dismiss"}).status_code == 422
    assert desk.post(path, {"step": "dismiss", "because": "A repeat after a fall."}).status_code == 302
    assert b"A repeat after a fall." in desk.get(path).content
    assert desk.post(path, {"step": "dismiss", "because": "Again."}).status_code == 409
    path = reverse("retrospective:lead", args=[taken_up.public_id])
    early = {"step": "take", "received_at": "2019-01-01T10:00"}
    assert desk.post(path, early).status_code == 422
    right = {"step": "take", "received_at": at.astimezone(ZoneInfo(world.plan.time_zone)).strftime("%Y-%m-%dT%H:%M")}
    answer = desk.post(path, right)
    assert answer.status_code == 302
    case = desk.get(answer.url)
    assert b"Open the review" in case.content
    taken_up.refresh_from_db()
    assert taken_up.state == LeadState.IN_REVIEW


def test_a_case_without_a_claim_says_nothing_of_claims(world, desk, at):
    case = send(world, knee_request(world, at=at), at=at).case
    assert b'id="claim"' not in desk.get(f"/cases/{case.public_id}/").content


# one claim


FOUND = {
    "issue": "coding", "appropriate": "yes", "effective": "yes", "timely": "yes", "setting": "yes", "page": "1",
    "words": "The visit note supports a lower level.", "documented_code": "99213", "amount": "110.00",
}  # fmt: skip


def test_a_review_from_finding_to_adjustment_over_http(world, desk, at):
    claim_line = taken(world, "A", at=at)
    (document,) = attach(
        case=claim_line.line.case, request=claim_line.line.request, documents=[paper()], channel=Channel.MAIL,
        by=world.nurse, at=at,
    )  # fmt: skip
    assert step(desk, claim_line, "finding", **FOUND).status_code == 422
    assert b"Link the page that shows it." in step(desk, claim_line, "finding", **FOUND).content
    assert step(desk, claim_line, "finding", **FOUND, document=str(document.public_id)).status_code == 302
    made = ClaimFinding.objects.get()
    assert (made.amount_cents, set(made.answers)) == (11000, set(Question))
    assert step(desk, claim_line, "reply").status_code == 422
    assert step(desk, claim_line, "settle", is_accepted="no", answer="Why.").status_code == 409
    assert step(desk, claim_line, "send").status_code == 302
    assert step(desk, claim_line, "send").status_code == 409
    said = {
        "agrees": "no", "said_by": "Coder", "words": "It took forty minutes.", "channel": "mail",
        "received_at": clock.now().astimezone(ZoneInfo(world.plan.time_zone)).strftime("%Y-%m-%dT%H:%M"),
    }  # fmt: skip
    assert step(desk, claim_line, "reply", **said).status_code == 302
    physician = browser(world.physician)
    typed = {
        "code": "99213", "rationale": "The note supports 99213 and no more.", "cited_authority": "coding section 4",
        "conversation_reason": "A question of billing, answered in writing.", "evidence_reason": "Read on paper.",
    }  # fmt: skip
    waits = step(physician, claim_line, "adjust", **typed)
    assert waits.status_code == 409
    assert b"Answer the rebuttal before you decide." in waits.content
    assert b"The note supports 99213 and no more." in waits.content, "nothing typed is lost"
    assert step(desk, claim_line, "settle", is_accepted="no", answer="The note does not say so.").status_code == 302
    assert Rebuttal.objects.get().is_accepted is False
    assert step(desk, claim_line, "adjust", **typed).status_code == 403, "a nurse does not decide against a claim"
    assert step(physician, claim_line, "adjust", **typed).status_code == 302
    page = desk.get(reverse("retrospective:claim", args=[claim_line.public_id])).content
    assert b"adjusted" in page
    assert b"A hold does not stop it." in page
    (line,) = table(desk.get("/claim-review/findings.csv"))
    assert (line["issue"], line["amount"], line["reply"], line["outcome"], line["rules"]) == (
        "coding", "110.00", "rebuttal refused", "adjusted", "duplicate 1",
    )  # fmt: skip
    listed = desk.get("/claim-review/findings/").content
    assert b"$110.00" in listed
    assert b"Dec 16, 2026" in listed, "thirty days from November 16, in the plan's zone"


def test_a_duplicate_is_closed_by_the_intake_desk_and_held_before(world, desk, at):
    claim_line = taken(world, "A", at=at)
    assert step(desk, claim_line, "hold", because="").status_code == 422
    assert step(desk, claim_line, "hold", because="A look-alike.").status_code == 302
    assert b"Held since" in desk.get(reverse("retrospective:claim", args=[claim_line.public_id])).content
    assert step(desk, claim_line, "release").status_code == 302
    intake = browser(world.intake)
    early = step(intake, claim_line, "duplicate", explanation="It repeats claim 1.")
    assert early.status_code == 409
    send_finding(finding=finding(world, claim_line, Issue.DUPLICATE, at=at), by=world.nurse, at=at)
    assert step(desk, claim_line, "duplicate", explanation="It repeats claim 1.").status_code == 403
    assert step(intake, claim_line, "duplicate", explanation="It repeats claim 1.").status_code == 302
    assert ClaimLine.objects.get().line.status == "dismissed"
    assert step(desk, claim_line, "no-such-step").status_code == 404


# patterns


def lead(service="99215", provider="1", state=LeadState.OPEN, outcome=None):
    return Counted(
        key=PatternKey(service=service, diagnosis="J06.9", provider=provider, population="tpa"), state=state,
        outcome=outcome, amount_cents=100,
    )  # fmt: skip


def test_a_pattern_counts_out_of_all_found_with_the_provider():
    rows = [lead() for _ in range(9)]
    rows += [lead(state=LeadState.DISMISSED), lead(state=LeadState.IN_REVIEW, outcome=Outcome.ADJUSTED)]
    rows += [lead(service=str(number)) for number in range(29)] + [lead(provider="2")]
    (first,) = patterns(rows, at_least=2)
    assert (first.leads, first.of_provider, first.dismissed, first.confirmed, first.amount_cents) == (
        11,
        40,
        1,
        1,
        1100,
    )
    assert len(patterns(rows)) == 31
    assert patterns([]) == []


def test_the_board_leads_to_its_leads_the_letter_and_a_draft(world, desk, at):
    load(world, *(row(f"A-{number}", "upcoding", provider="1993999992") for number in range(3)), at=at)
    page = desk.get("/claim-review/patterns/").content.decode()
    assert "3 of 3" in page
    assert "procedure=99215&amp;diagnosis=J06.9&amp;provider=1993999992&amp;payer=tpa&amp;state=all" in page
    letter = desk.get("/claim-review/providers/1993999992/letter.pdf")
    assert letter.content.startswith(b"%PDF")
    (pack,) = table(desk.get("/claim-review/providers/1993999992/pack.csv"))
    assert (pack["service"], pack["found"], pack["of_all_found"]) == ("99215", "3", "3")
    assert "person_id" not in pack
    assert "E-1" not in str(pack)
    for file_name in ("letter.pdf", "pack.csv"):
        assert desk.get(f"/claim-review/providers/nobody/{file_name}").status_code == 404
    policy = published_guidelines()[0].policy
    typed = {
        "pattern": "0", "guideline": f"{policy.key} {policy.version}", "version": "v2099.1",
        "words": "Say which visits need the highest level.",
    }  # fmt: skip
    assert desk.post("/claim-review/patterns/", typed | {"words": ""}).status_code == 422
    assert desk.post("/claim-review/patterns/", typed).status_code == 302
    draft = GuidelineDraft.objects.get(version="v2099.1")
    assert (draft.key, draft.version, draft.status) == (policy.key, "v2099.1", "draft")
    assert "99215 J06.9 1993999992 tpa, 3 of 3 found" in draft.texts.get().note
    assert desk.post("/claim-review/patterns/", typed).status_code == 409


def test_a_proposal_says_what_and_why(world, at):
    (pattern,) = patterns([lead()])
    with pytest.raises(Invalid):
        propose_change(
            pattern=pattern,
            policy=published_guidelines()[0].policy,
            version=" ",
            words="Change it.",
            by=world.nurse,
            at=at,
        )


def test_another_plans_people_and_the_practice_find_nothing(world, desk, at):
    claim_line = taken(world, "A", at=at)
    path = reverse("retrospective:claim", args=[claim_line.public_id])
    for user in (world.provider, world.member_user):
        assert browser(user).get(path).status_code == 403
        assert browser(user).get("/claim-review/").status_code == 403
