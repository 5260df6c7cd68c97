"""Reviews after the service on a real database: what they keep, and what they refuse."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from openum.audit.models import EventRow
from openum.cases.models import ServiceLine
from openum.cases.services import attach
from openum.clocks.models import Clock
from openum.determination.barred import LISTED, ProviderBarred
from openum.determination.models import CaseFlag
from openum.determination.protections import Protected
from openum.determination.rules import GuardAnswer, LessIsAdverse
from openum.determination.services import (
    approve_as_documented,
    approve_line,
    close_administratively,
    deny_line,
    flag_case,
    reopen_line,
)
from openum.directory.models import Exclusion
from openum.jobs import run_due
from openum.notices.models import Notice
from openum.retrospective.models import ClaimHold, ClaimLine, Lead
from openum.retrospective.queries import leads_visible_to, standing_of
from openum.retrospective.rules.findings import (
    Answer,
    FindingIncomplete,
    Issue,
    NothingToRebut,
    Question,
    ReasonNotOfFinding,
    RebuttalUnanswered,
    ReplyTooLate,
)
from openum.retrospective.rules.leads import LeadState
from openum.retrospective.rules.outcomes import Outcome
from openum.retrospective.services import (
    answer_rebuttal,
    dismiss_lead,
    hold_claim,
    receive_reply,
    release_claim,
    send_finding,
    take_up,
)
from openum.retrospective.services.findings import ClaimDecided, FindingSent, PageLink
from openum.retrospective.services.holds import CannotHold
from openum.retrospective.services.leads import LeadSettled
from openum.retrospective.services.taking import ClaimNotAdmitted, MemberUnknown
from openum.review.queries import documents_to_open
from openum.review.services import open_evidence
from openum.submission.models import Submission
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, ReasonClass, RequestKind
from tests.retrospective.story import finding, link, load, paper, row, taken

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TALK = {
    "conversation": GuardAnswer.NOT_APPLICABLE,
    "conversation_reason": "A question of billing, answered in writing.",
}


def again(claim_line):
    return ClaimLine.objects.select_related("line__case__product", "line__case__plan", "line__request").get(
        pk=claim_line.pk
    )


def record(world, claim_line, at):
    (document,) = attach(
        case=claim_line.line.case, request=claim_line.line.request, documents=[paper()], channel=Channel.MAIL,
        by=world.nurse, at=at,
    )  # fmt: skip
    return document


def sent(world, claim_line, at, issue=Issue.DUPLICATE, **facts):
    made = finding(world, claim_line, issue, at=at, **facts)
    return send_finding(finding=made, by=world.nurse, at=at)


def reply(world, made, at, **changes):
    facts = {
        "agrees": False,
        "said_by": "Coder",
        "words": "The note shows more.",
        "channel": Channel.MAIL,
        "received_at": at,
    }
    return receive_reply(finding=made, by=world.nurse, at=at, **facts | changes)


def opened(world, claim_line, at):
    for document in documents_to_open(claim_line.line.case):
        open_evidence(attachment=document, by=world.physician, at=at)
    return ServiceLine.objects.get(pk=claim_line.line_id)


# leads


def test_loading_again_changes_nothing(world, at):
    rows = [row("A"), row("A", "upcoding"), row("B")]
    first = load(world, *rows, row("B"), at=at)
    dismiss_lead(lead=Lead.objects.get(claim_id="B"), because="Both sides of the body.", by=world.nurse, at=at)
    second = load(world, *rows, at=at + DAY)
    assert (first.new, first.known, second.new, second.known) == (3, 0, 0, 3)
    assert Lead.objects.get(claim_id="B").state == LeadState.DISMISSED
    assert EventRow.objects.filter(type="LeadsLoaded").count() == 2


def test_a_lead_is_dismissed_once_and_with_a_reason(world, at):
    load(world, row("A"), at=at)
    lead = Lead.objects.get()
    with pytest.raises(Invalid):
        dismiss_lead(lead=lead, because=" ", by=world.nurse, at=at)
    dismiss_lead(lead=lead, because="A repeat test after a fall.", by=world.nurse, at=at)
    for act in (
        lambda: dismiss_lead(lead=lead, because="Again.", by=world.nurse, at=at),
        lambda: take_up(lead=lead, received_at=at, by=world.nurse, at=at),
    ):
        with pytest.raises(LeadSettled):
            act()


def test_leads_of_other_plans_do_not_exist(world, at):
    load(world, row("A"), at=at)
    assert leads_visible_to(world.nurse).count() == 1
    assert leads_visible_to(world.provider).count() == leads_visible_to(world.member_user).count() == 0


def test_a_claim_becomes_one_case_with_all_its_leads(world, at):
    npi = world.practice.npi
    load(
        world, row("A", provider=npi), row("A", "upcoding", provider=npi), row("A", claim_line_number="2", procedure="80048", provider=npi),
        row("B", provider=npi), at=at,
    )  # fmt: skip
    case = take_up(lead=Lead.objects.filter(claim_id="A").first(), received_at=at - DAY, by=world.nurse, at=at)
    lines = ClaimLine.objects.filter(line__case=case).order_by("number")
    assert [(each.number, each.line.code, each.charge_cents, each.leads.count()) for each in lines] == [
        (1, "99215", 24000, 2), (2, "80048", 24000, 1),
    ]  # fmt: skip
    request = case.requests.get()
    assert (request.kind, request.received_at) == (RequestKind.POST_SERVICE_PAYMENT, at - DAY)
    assert Clock.objects.filter(request=request, stopped_at__isnull=True, due_at__isnull=False).exists()
    assert Lead.objects.get(claim_id="B").state == LeadState.OPEN
    assert EventRow.objects.filter(type="ClaimTakenUp", case_id=case.public_id).count() == 1


def test_what_cannot_become_a_case_leaves_its_lead_open(world, at):
    load(world, row("A", person_id="nobody"), row("B", procedure=""), row("C", day="2023-01-01"), row("D"), at=at)
    cases = [
        ("A", at, MemberUnknown), ("B", at, Invalid), ("C", at, ClaimNotAdmitted), ("D", at + DAY, Invalid),
        ("D", at.replace(year=2025), Invalid),
    ]  # fmt: skip
    for claim, received_at, error in cases:
        with pytest.raises(error):
            take_up(lead=Lead.objects.get(claim_id=claim), received_at=received_at, by=world.nurse, at=at)
    assert set(Lead.objects.values_list("state", flat=True)) == {LeadState.OPEN}
    assert not Submission.objects.exists()


# holds


def test_a_hold_stops_no_time(world, at):
    claim_line = taken(world, "A", at=at)
    before = (standing_of(claim_line).pay_by, [clock.due_at for clock in Clock.objects.order_by("pk")])
    hold_claim(claim_line=claim_line, because="Looks like another claim.", by=world.nurse, at=at)
    assert standing_of(again(claim_line)).outcome == Outcome.HELD
    assert (standing_of(claim_line).pay_by, [clock.due_at for clock in Clock.objects.order_by("pk")]) == before
    release_claim(claim_line=claim_line, by=world.nurse, at=at + DAY)
    assert standing_of(again(claim_line)).outcome == Outcome.OPEN
    assert ClaimHold.objects.get().released_at == at + DAY


def test_what_cannot_be_held_or_released(world, at):
    claim_line = taken(world, "A", at=at)
    with pytest.raises(CannotHold):
        release_claim(claim_line=claim_line, by=world.nurse, at=at)
    with pytest.raises(Invalid):
        hold_claim(claim_line=claim_line, because="", by=world.nurse, at=at)
    hold_claim(claim_line=claim_line, because="A look-alike.", by=world.nurse, at=at)
    with pytest.raises(CannotHold):
        hold_claim(claim_line=claim_line, because="A look-alike.", by=world.nurse, at=at)
    sent(world, claim_line, at)
    close(world, claim_line, at)
    with pytest.raises(CannotHold):
        hold_claim(claim_line=again(claim_line), because="Too late.", by=world.nurse, at=at)


def close(world, claim_line, at):
    return close_administratively(
        line=ServiceLine.objects.get(pk=claim_line.line_id), reason_class=ReasonClass.DUPLICATE,
        explanation="It repeats claim 1.", by=world.intake, at=at,
    )  # fmt: skip


# findings and answers


def test_page_links_lead_to_pages_of_the_case(world, at):
    claim_line, other = taken(world, "A", at=at), taken(world, "B", at=at)
    document, foreign = record(world, claim_line, at), record(world, other, at)
    for wrong in (
        link(foreign),
        PageLink(document="no id", page=1),
        PageLink(document=str(document.public_id), page=9),
    ):
        with pytest.raises(FindingIncomplete):
            finding(world, claim_line, Issue.CODING, at=at, pages=(wrong,), documented_code="99213")
    made = finding(world, claim_line, Issue.CODING, at=at, pages=(link(document),), documented_code="99213")
    assert made.pages == [{"document": str(document.public_id), "page": 1, "words": ""}]


def test_a_finding_goes_out_once_and_only_the_latest(world, at):
    claim_line = taken(world, "A", at=at)
    first = finding(world, claim_line, Issue.DUPLICATE, at=at)
    second = finding(world, claim_line, Issue.NONE, at=at)
    with pytest.raises(FindingSent):
        send_finding(finding=first, by=world.nurse, at=at)
    send_finding(finding=second, by=world.nurse, at=at)
    with pytest.raises(FindingSent):
        send_finding(finding=second, by=world.nurse, at=at)
    assert (second.version, second.supersedes) == (2, first)
    assert Notice.objects.filter(kind="claim-finding", audience="provider").count() == 1
    assert not Notice.objects.filter(kind="claim-finding").exclude(audience="provider").exists()


def test_what_no_answer_is(world, at):
    claim_line, other = taken(world, "A", at=at), taken(world, "B", at=at)
    unsent = finding(world, claim_line, Issue.DUPLICATE, at=at)
    with pytest.raises(NothingToRebut):
        reply(world, unsent, at)
    made = send_finding(finding=unsent, by=world.nurse, at=at)
    for changes in (
        {"said_by": " "}, {"words": ""}, {"received_at": at + DAY}, {"received_at": at - DAY},
        {"document": record(world, other, at)},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            reply(world, made, at, **changes)
    late = made.reply_by + DAY
    with pytest.raises(ReplyTooLate):
        reply(world, made, late)
    kept = reply(world, made, late, late_because="The letter came back first.")
    with pytest.raises(NothingToRebut):
        reply(world, made, late, late_because="Once more.")
    with pytest.raises(Invalid):
        answer_rebuttal(rebuttal=kept, is_accepted=False, answer="", by=world.nurse, at=late)
    answer_rebuttal(rebuttal=kept, is_accepted=False, answer="Both claims name one visit.", by=world.nurse, at=late)
    with pytest.raises(NothingToRebut):
        answer_rebuttal(rebuttal=kept, is_accepted=True, answer="Or not.", by=world.nurse, at=late)


def test_agreement_needs_no_answer_of_ours(world, at):
    made = sent(world, taken(world, "A", at=at), at)
    agreed = reply(world, made, at, agrees=True)
    with pytest.raises(NothingToRebut):
        answer_rebuttal(rebuttal=agreed, is_accepted=True, answer="Thank you.", by=world.nurse, at=at)


def test_nothing_is_decided_against_an_unanswered_rebuttal(world, at):
    claim_line = taken(world, "A", at=at)
    made = sent(world, claim_line, at)
    waits = reply(world, made, at)
    with pytest.raises(RebuttalUnanswered):
        close(world, claim_line, at)
    answer_rebuttal(rebuttal=waits, is_accepted=False, answer="Both claims name one visit.", by=world.nurse, at=at)
    close(world, claim_line, at)
    assert standing_of(again(claim_line)).outcome == Outcome.DENIED


# guards


def test_an_emergency_is_not_denied_by_class_of_care_or_for_want_of_an_authorization(world, at):
    room, flagged = taken(world, "A", at=at, place="23"), taken(world, "B", at=at)
    flag_case(
        case=flagged.line.case,
        kind=CaseFlag.EMERGENCY,
        words="Came by ambulance with chest pain.",
        by=world.nurse,
        at=at,
    )
    for claim_line in (room, flagged):
        pages = (link(record(world, claim_line, at)),)
        for issue in (Issue.NO_AUTHORIZATION, Issue.LEVEL_OF_CARE):
            with pytest.raises(Protected):
                finding(world, claim_line, issue, at=at, pages=pages)
        sent(world, claim_line, at, Issue.CODING, pages=pages, documented_code="99213")
        with pytest.raises(Protected):
            approve_as_documented(
                line=opened(world, claim_line, at), code="99213", rationale="The note supports 99213 and no more.",
                cited_authority="coding section 4", by=world.physician, at=at, **TALK,
            )  # fmt: skip


def test_a_duplicate_is_no_judgement_of_the_care(world, at):
    claim_line = taken(world, "A", at=at)
    sent(world, claim_line, at)
    with pytest.raises(ReasonNotOfFinding):
        deny_line(
            line=opened(world, claim_line, at), rationale="The visit was not needed for this person.", by=world.physician,
            cited_authority="plan page 4", at=at, **TALK,
        )  # fmt: skip
    close(world, claim_line, at)
    run_due(at + timedelta(seconds=1), 100)
    kinds = set(Notice.objects.filter(case=claim_line.line.case).values_list("kind", flat=True))
    assert "dismissal" in kinds
    assert "denial" not in kinds


def test_less_than_claimed_is_less_and_more_than_none(world, at):
    claim_line = taken(world, "A", at=at, quantity="8", procedure="97110")
    document = record(world, claim_line, at)
    sent(world, claim_line, at, Issue.UNITS, pages=(link(document),), documented_units=Decimal(3))
    facts = {
        "line": opened(world, claim_line, at), "rationale": "38 timed minutes are 3 units.", "by": world.physician, "at": at,
        "cited_authority": "coding section 4",
    }  # fmt: skip
    for units in (Decimal(0), Decimal(9), Decimal(8), None):
        with pytest.raises(LessIsAdverse):
            approve_as_documented(units=units, **facts, **TALK)
    Exclusion.objects.create(
        plan=world.plan, npi=world.practice.npi, list_name="oig", source="test", valid_from=date(2020, 1, 1)
    )
    with pytest.raises(ProviderBarred):
        approve_as_documented(units=Decimal(3), **facts, **TALK)
    said = {LISTED: "The visit was an emergency, for which the law lets this provider be paid."}
    made = approve_as_documented(units=Decimal(3), statements=said, **facts, **TALK)
    assert made.statements == said
    assert (made.reason_class, made.is_adverse) == (ReasonClass.CODING, True)


def test_reopening_keeps_both_results(world, at):
    claim_line = taken(world, "A", at=at)
    sent(world, claim_line, at)
    close(world, claim_line, at)
    with pytest.raises(ClaimDecided):
        finding(world, again(claim_line), Issue.NONE, at=at)
    reopen_line(
        line=ServiceLine.objects.get(pk=claim_line.line_id), reason="new and material evidence",
        explanation="The second visit was in the evening.", by=world.physician, at=at + DAY,
    )  # fmt: skip
    finding(world, again(claim_line), Issue.NONE, at=at + DAY, answers=dict.fromkeys(Question, Answer.NOT_ASKED))
    approve_line(
        line=ServiceLine.objects.get(pk=claim_line.line_id), rationale="Two visits on one day.", by=world.physician,
        cited_authority="plan page 4", at=at + 2 * DAY,
    )  # fmt: skip
    standing = standing_of(again(claim_line))
    assert standing.outcome == Outcome.APPROVED
    assert [each.outcome for each in standing.decisions] == ["dismissed", "approved"]
    assert [each.issue for each in standing.findings] == [Issue.DUPLICATE, Issue.NONE]


def test_a_line_of_business_without_a_term_has_no_time_to_pay(world, at, monkeypatch):
    claim_line = taken(world, "A", at=at)
    monkeypatch.setattr("openum.retrospective.queries.terms", lambda: SimpleNamespace(prompt_pay={}))
    assert (standing_of(claim_line).pay_term, standing_of(claim_line).pay_by) == (None, None)
