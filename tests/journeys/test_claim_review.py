"""D5: four claims of one plan under review after the service, with every clock, letter and what must not happen."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from openum.cases.models import ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import ItemAsked
from openum.clocks.models import Clock
from openum.determination.models import Authorization, AuthorizationSegment
from openum.determination.protections import ApprovedBefore, LegalReason, ProofMissing
from openum.determination.queries import current_determination
from openum.determination.rules import GuardAnswer
from openum.determination.services import (
    approve_alternative,
    approve_as_documented,
    approve_line,
    close_administratively,
    deny_line,
)
from openum.jobs import run_due
from openum.notices.models import Notice
from openum.retrospective.models import ClaimLine, Lead
from openum.retrospective.queries import standing_of
from openum.retrospective.rules.claims import MS_DRG
from openum.retrospective.rules.findings import FindingMissing, Issue, ReasonNotOfFinding
from openum.retrospective.rules.outcomes import Outcome
from openum.retrospective.services import (
    answer_rebuttal,
    hold_claim,
    make_finding,
    receive_reply,
    send_finding,
    take_up,
)
from openum.review.queries import documents_to_open
from openum.review.services import ask_for_information, open_evidence, receive_information
from openum.submission.incoming import IncomingLine
from openum.vocabulary.terms import Channel, ClockPurpose, ReasonClass, RequestKind
from tests.retrospective.story import found, link, load, paper, row
from tests.world import CPT, knee_request, send

pytestmark = pytest.mark.django_db
EAST = ZoneInfo("America/New_York")
CODING = "plan payment policy, coding section 4"


def on(month, day, hour=10, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=EAST).astimezone(UTC)


@dataclass
class Claims:
    visit: ClaimLine
    twin: ClaimLine
    therapy: ClaimLine
    stay: ClaimLine

    def all(self):
        return (self.visit, self.twin, self.therapy, self.stay)

    def again(self):
        """The same lines as they stand now."""
        return Claims(*(claim_line(each.claim_id) for each in self.all()))


def claim_line(claim):
    """The line under review of a claim, with its case."""
    return ClaimLine.objects.select_related("line__case__product", "line__case__plan", "line__request").get(
        claim_id=claim
    )


def authorize_twelve_visits(world):
    request = knee_request(
        world, of=world.erisa_member, at=on(9, 1),
        lines=(
            IncomingLine(
                sequence=1, code_system=CPT, code="97110", units=Decimal(12), unit="VS", first_day=date(2026, 9, 1),
                last_day=date(2026, 10, 31), provider_keys=("p2",),
            ),
        ),
    )  # fmt: skip
    line = send(world, request, at=on(9, 1)).case.lines.get()
    approve_line(
        line=line, rationale="Twelve visits as asked.", cited_authority="plan page 12", by=world.physician, at=on(9, 2)
    )
    return line


@pytest.fixture
def claims(world):
    """Step 1: the screens flag four claims, each with its rule and amount; step 2 opens them as cases on 11-09."""
    npi = world.practice.npi
    load(
        world,
        row("C-77103", "upcoding", provider=npi, amount="110.00"),
        row("C-77188", "duplicate", provider=npi, amount="180.00", evidence="claim C-77103"),
        row("C-77260", "excess_units", provider=npi, day="2026-10-20", procedure="97110", quantity="8", amount="260.00"),
        row(
            "C-77301", "drg_validation", provider=npi, day="2026-10-16", procedure="", drg="871", place="21", quantity="1",
            diagnosis="A41.9", amount="6100.00",
        ),
        at=on(11, 6),
    )  # fmt: skip
    assert set(Lead.objects.values_list("rule", "rule_version", "amount_cents")) == {
        ("upcoding", 1, 11000), ("duplicate", 1, 18000), ("excess_units", 1, 26000), ("drg_validation", 1, 610000),
    }  # fmt: skip
    for lead in Lead.objects.order_by("claim_id"):
        take_up(lead=lead, received_at=on(11, 5, 9), by=world.nurse, at=on(11, 6))
    return Claims(*(claim_line(number) for number in ("C-77103", "C-77188", "C-77260", "C-77301")))


def work(at):
    run_due(at + timedelta(seconds=1), 200)


def letters(claim_line, kind):
    return list(Notice.objects.filter(case=claim_line.line.case, kind=kind).order_by("pk"))


def decide_clock(claim_line):
    return Clock.objects.get(request=claim_line.line.request, purpose=ClockPurpose.DECIDE, binds=True)


def ask(world, claim_line, at):
    line = ServiceLine.objects.get(pk=claim_line.line_id)
    question = ask_for_information(
        case=line.case, request=line.request, items=[ItemAsked(line=line, text="The record of this service.")],
        by=world.nurse, at=at,
    )  # fmt: skip
    work(at)
    return question


def send_records(world, question, title, text, at):
    return receive_information(
        question=question, documents=[paper(title, text)], answered=list(question.items.all()), channel=Channel.MAIL,
        by=world.nurse, at=at,
    )[0]  # fmt: skip


def find(world, claim_line, issue, at, **changes):
    made = make_finding(claim_line=claim_line, found=found(issue, **changes), by=world.nurse, at=at)
    sent = send_finding(finding=made, by=world.nurse, at=at)
    work(at)
    return sent


def opened(world, claim_line, at):
    for document in documents_to_open(claim_line.line.case):
        open_evidence(attachment=document, by=world.physician, at=at)
    return ServiceLine.objects.get(pk=claim_line.line_id)


def test_four_claims_under_review(world, claims):
    authorize_twelve_visits(world)
    assert {each.line.request.kind for each in claims.all()} == {RequestKind.POST_SERVICE_PAYMENT}

    # the clock: 30 days from the receipt on 11-05
    assert decide_clock(claims.visit).due_at == datetime(2026, 12, 5, 23, 59, 59, tzinfo=EAST)

    # 2) 11-09 record request with the extension notice; a held payment stops no time
    hold_claim(claim_line=claims.twin, because="Looks like C-77103.", by=world.nurse, at=on(11, 9))
    before = standing_of(claims.twin).pay_by
    questions = {each.claim_id: ask(world, each, on(11, 9)) for each in claims.all()}
    for each in claims.all():
        assert letters(each, "information-request"), "the record request has its letter"
    assert standing_of(claims.twin).outcome == Outcome.HELD
    assert standing_of(claims.twin).pay_by == before == datetime(2026, 12, 5, 23, 59, 59, tzinfo=EAST)

    # 3) 11-16 the records arrive; tolled 11-09 to 11-16, so due 12-27
    note = send_records(world, questions["C-77103"], "Visit note", "Cough for two days. Supports 99213.", on(11, 16))
    send_records(world, questions["C-77188"], "Visit note", "The same visit.", on(11, 16))
    minutes = send_records(world, questions["C-77260"], "Therapy record", "38 timed minutes, visit 14.", on(11, 16))
    chart = send_records(world, questions["C-77301"], "Hospital record", "Lactate 1.4, cultures negative.", on(11, 16))
    for each in claims.all():
        assert decide_clock(each).due_at == datetime(2026, 12, 27, 23, 59, 59, tzinfo=EAST)

    # 4) findings sent 11-19 with evidence; each may be answered for 30 days
    visit = find(
        world, claims.visit, Issue.CODING, on(11, 19), pages=(link(note),), documented_code="99213", amount_cents=11000,
        words="The visit note supports 99213 and not 99215.",
    )  # fmt: skip
    twin = find(
        world, claims.twin, Issue.DUPLICATE, on(11, 19), amount_cents=18000,
        words="The same member, provider, day and code stand on claim C-77103.",
    )  # fmt: skip
    therapy = find(
        world, claims.therapy, Issue.UNITS, on(11, 19), pages=(link(minutes),), documented_units=Decimal(3),
        amount_cents=16250, offers_late_request=True,
        words="The therapist documents 38 timed minutes, which are 3 units. Visits 13 and 14 have no authorization.",
    )  # fmt: skip
    stay = find(
        world, claims.stay, Issue.GROUPING, on(11, 19), pages=(link(chart),), documented_code="194", amount_cents=610000,
        words="No organ failed: lactate 1.4, 18 breaths a minute, cultures negative. Neither A41.9 nor J96.01 stands.",
    )  # fmt: skip
    for each in (visit, twin, therapy, stay):
        assert each.reply_by == datetime(2026, 12, 19, 23, 59, 59, tzinfo=EAST)
    for each in claims.all():
        (letter,) = letters(each, "claim-finding")
        assert letter.audience == "provider"
        assert "accuses nobody" in letter.html
        assert f"claim {each.claim_id}, line 1" in letter.html
    assert "Visit note, page 1" in letters(claims.visit, "claim-finding")[0].html
    # 7) the late request is offered for the visits past the authorization, and only there
    assert "still ask for an authorization" in letters(claims.therapy, "claim-finding")[0].html
    assert "still ask for an authorization" not in letters(claims.visit, "claim-finding")[0].html

    # 5) the practice agrees on 99213; the hospital rebuts
    receive_reply(
        finding=visit, agrees=True, said_by="Office manager", words="We agree to 99213.", channel=Channel.PHONE,
        received_at=on(11, 24), by=world.nurse, at=on(11, 24),
    )  # fmt: skip
    against = receive_reply(
        finding=stay, agrees=False, said_by="Hospital coder", words="Arterial PaO2 was 58 on room air.",
        channel=Channel.MAIL, received_at=on(11, 25), by=world.nurse, at=on(11, 25), document=chart,
    )  # fmt: skip

    # 6) the physician accepts the PaO2: J96.01 stands, A41.9 does not
    answer_rebuttal(
        rebuttal=against, is_accepted=True, answer="PaO2 58 on room air shows respiratory failure: J96.01 stands.",
        by=world.physician, at=on(11, 30),
    )  # fmt: skip
    revised = make_finding(
        claim_line=claims.stay, by=world.physician, at=on(11, 30),
        found=found(
            Issue.GROUPING, "J96.01 stands by the arterial PaO2; A41.9 does not. The stay groups to DRG 193.",
            pages=(link(chart),), documented_code="193", amount_cents=410000,
        ),
    )  # fmt: skip
    send_finding(finding=revised, by=world.physician, at=on(11, 30))
    assert [each.documented_code for each in standing_of(claims.stay).findings] == ["194", "193"]

    # end state, decided 12-03
    end = on(12, 3)
    approve_alternative(
        line=opened(world, claims.visit, end), code_system=CPT, code="99213", accepted_by="Office manager",
        channel=Channel.PHONE, accepted_at=on(11, 24), rationale="The practice agrees that the note supports 99213.",
        cited_authority=CODING, by=world.physician, at=end,
    )  # fmt: skip
    close_administratively(
        line=ServiceLine.objects.get(pk=claims.twin.line_id), reason_class=ReasonClass.DUPLICATE,
        explanation="The same service is on claim C-77103.", by=world.intake, at=end,
    )  # fmt: skip
    talk = {
        "conversation": GuardAnswer.NOT_APPLICABLE,
        "conversation_reason": "A question of billing, answered in writing.",
    }
    approve_as_documented(
        line=opened(world, claims.therapy, end), units=Decimal(3), cited_authority=CODING, by=world.physician, at=end,
        rationale="38 timed minutes are documented, which are 3 units of 15 minutes.", **talk,
    )  # fmt: skip
    approve_as_documented(
        line=opened(world, claims.stay, end), code="193", code_system=MS_DRG, cited_authority=CODING, by=world.physician,
        at=end, rationale="Respiratory failure stands by the arterial PaO2; sepsis is not shown by the record.", **talk,
    )  # fmt: skip
    work(end)
    claims = claims.again()
    assert [standing_of(each).outcome for each in claims.all()] == [
        Outcome.ADJUSTED, Outcome.DENIED, Outcome.ADJUSTED, Outcome.ADJUSTED,
    ]  # fmt: skip
    paid = {
        each.claim_id: AuthorizationSegment.objects.get(authorization__line=each.line_id, superseded_at=None)
        for each in (claims.visit, claims.therapy, claims.stay)
    }
    assert (paid["C-77103"].code, paid["C-77260"].units, paid["C-77301"].code) == ("99213", Decimal(3), "193")

    # letters: the duplicate is told as such; none of the four speaks of the need for the care
    assert letters(claims.twin, "dismissal")
    assert not letters(claims.twin, "denial")
    for each in claims.all():
        assert current_determination(each.line).reason_class != ReasonClass.NOT_MEDICALLY_NECESSARY
        for letter in Notice.objects.filter(case=each.line.case):
            assert "Not shown to be medically necessary" not in letter.html
    # decided in time: used until 12-03 of the time to 12-27
    for each in claims.all():
        clock = decide_clock(each)
        assert clock.stopped_at is not None
        assert clock.stopped_at < clock.due_at


def test_must_not_happen(world, claims):
    """A medical-necessity denial of a service that holds an approval: neither as a finding nor as a decision."""
    approved = authorize_twelve_visits(world)
    assert Authorization.objects.filter(line=approved).exists()
    question = ask(world, claims.therapy, on(11, 9))
    record = send_records(world, question, "Therapy record", "38 minutes.", on(11, 16))
    said_so = LegalReason(ground="fraud_or_similar_fault", document="", words="Said so.")
    for reason, error in ((None, ApprovedBefore), (said_so, ProofMissing)):
        with pytest.raises(error):
            make_finding(
                claim_line=claims.therapy, by=world.nurse, at=on(11, 19),
                found=found(Issue.NECESSITY, pages=(link(record),), legal_reason=reason),
            )  # fmt: skip
    no = {
        "rationale": "The therapy was not needed for this person.", "cited_authority": "plan page 4", "by": world.physician,
        "at": on(11, 20),
    }  # fmt: skip
    with pytest.raises(FindingMissing):
        deny_line(line=opened(world, claims.therapy, on(11, 20)), **no)
    find(world, claims.therapy, Issue.UNITS, on(11, 19), pages=(link(record),), documented_units=Decimal(3))
    with pytest.raises(ReasonNotOfFinding):
        deny_line(line=opened(world, claims.therapy, on(11, 20)), **no)
    assert ServiceLine.objects.get(pk=claims.therapy.line_id).status in OPEN_STATUSES
