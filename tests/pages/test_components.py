"""Chips, clocks, parcel line: word, shape and tone; every drawing has its words; nothing breaks the strict policy."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils.translation import override

import openum
from openum.audit.events import CATALOGUE
from openum.cases.rules import STATUS_TABLE
from openum.cases.timeline import WORDS
from openum.design.clock import Face, Rung, clock_chip, eighths, ladder, state_of, words_of
from openum.design.drawings import Stop, parcel_line, progress_dots, reference, split_bar
from openum.design.moments import day, moment, short_moment, span
from openum.design.status import FINDING_LOOKS, LINE_LOOKS, finding_chip, status_chip, status_words
from openum.vocabulary.terms import FindingValue

ROOT = Path(openum.__file__).parent
NOON = datetime(2030, 3, 6, 17, 0, tzinfo=UTC)


def face(*, used: float, left: float | None, stopped: bool = False, in_time: bool = True) -> Face:
    """A clock with hours used and left at noon."""
    return Face(
        started_at=NOON - timedelta(hours=used),
        due_at=None if left is None else NOON + timedelta(hours=left),
        now=NOON,
        zone="America/New_York",
        ball="payer",
        rule="a rule",
        stopped_at=NOON if stopped else None,
        in_time=in_time,
    )


def test_every_line_status_has_the_words_of_the_status_table():
    shown = {key: (str(look.staff), str(look.requester), str(look.member)) for key, look in LINE_LOOKS.items()}
    assert shown == {key.value: (row.staff, row.requester, row.member) for key, row in STATUS_TABLE.items()}


def test_findings_are_the_three_values_and_a_display_of_a_branch_not_taken():
    assert set(FINDING_LOOKS) == {value.value for value in FindingValue} | {"not_applicable"}
    assert FINDING_LOOKS["unknown"].tone == "muted"


def test_a_chip_carries_word_shape_and_tone():
    html = status_chip("denied")
    assert 'class="chip t-danger"' in html
    assert "<svg" in html
    assert "<span>Denied</span>" in html
    assert status_words("denied", "member") == "We said no"


def test_an_unknown_status_shows_as_its_own_word():
    assert "Something new" in status_chip("something_new")


@pytest.mark.parametrize(
    ("shown", "state", "words"),
    [
        (face(used=20, left=300), "comfortable", "12 d left"),
        (face(used=60, left=40), "running", "40 h left"),
        (face(used=3, left=6), "today", "today, 6 h left"),
        (face(used=70, left=2), "at_risk", "at risk, 2 h left"),
        (face(used=80, left=-5), "late", "late by 5 h"),
        (face(used=80, left=None), "paused", "paused"),
        (face(used=19, left=60, stopped=True), "stopped", "done in 19 h"),
        (face(used=80, left=-5, stopped=True, in_time=False), "stopped", "done late, in 3 d 8 h"),
    ],
)
def test_a_clock_says_its_state_in_words(shown, state, words):
    assert state_of(shown) == state
    assert words_of(shown) == words


def test_a_short_clock_is_at_risk_from_its_half():
    assert state_of(face(used=0.4, left=0.6)) == "today"
    assert state_of(face(used=0.6, left=0.4)) == "at_risk"


def test_the_pie_fills_in_eight_steps():
    assert [eighths(face(used=used, left=8 - used)) for used in (0, 1, 4, 7.9, 8)] == [0, 1, 4, 7, 8]


def test_the_clock_chip_tells_rule_and_due_time_to_readers_and_on_focus():
    html = clock_chip(face(used=20, left=300))
    assert 'tabindex="0"' in html
    assert "due Mar 19, 2030" in html
    assert "a rule" in html
    assert "with plan" in html


def test_the_ladder_marks_a_pause():
    html = ladder([Rung(text="Paused", at="Mar 1", kind="pause", cause="law")], label="Clock")
    assert '<li class="rung rung-pause">' in html
    assert "law" in html


def test_the_parcel_line_marks_the_current_stop():
    html = parcel_line([Stop("Received", "done"), Stop("Looked at", "current"), Stop("Answer", "todo")])
    assert html.count("<li") == 3
    assert html.count('aria-current="step"') == 1
    assert "Looked at" in html


def test_the_split_bar_writes_its_numbers():
    html = split_bar(payer=timedelta(days=2, hours=4), provider=timedelta(days=5, hours=17))
    assert "plan 2 d 4 h" in html
    assert "provider 5 d 17 h" in html
    assert 'width="82.5"' in html


def test_a_reference_is_read_aloud():
    assert "node 2a, evidence 1, 3" in reference(node="2a", numbers=(1, 3))
    assert reference(node="2a", numbers=()) == ""


def test_progress_counts_what_is_met():
    assert "3 of 5 met" in progress_dots(met=3, not_met=1, unknown=1)
    assert "no guideline" in progress_dots(met=0, not_met=0, unknown=0)


def test_times_name_their_zone_and_speak_spanish():
    assert moment(NOON, "America/New_York") == "Mar 6, 2030, 12:00 PM ET"
    assert short_moment(NOON, "America/New_York") == "Mar 6, 12:00 PM"
    with override("es"):
        assert day(NOON.date()) == "6 de marzo de 2030"
        assert moment(NOON, "America/New_York") == "6 de marzo de 2030, 12:00 p. m. ET"


def test_spans_stay_in_hours_below_two_days():
    lengths = [timedelta(seconds=20), timedelta(minutes=5), timedelta(hours=3, minutes=20), timedelta(hours=31)]
    assert [span(each) for each in lengths] == ["under 1 min", "5 min", "3 h 20 min", "31 h"]
    assert span(timedelta(days=2, hours=4)) == "2 d 4 h"
    assert span(timedelta(days=13, hours=4)) == "13 d"


def test_every_event_of_a_case_reads_as_words_on_the_timeline(django_apps_loaded):
    without_case = {
        "CasesRead", "ParityCompared", "PublicReportFrozen", "RequirementRemovalProposed", "RequirementProposalAnswered",
        "AgreementRoundOpened", "AgreementReadingHandedIn", "AgreementRoundClosed", "CriterionReadAgain",
        "AuthorizationFeedRead", "ClaimLineMatched", "ModelScoresTakenIn", "ClaimsFileMoved", "ClaimsFileTakenBack", "ClaimsLoadEnded", "ClaimsLoadStarted", "ClaimsRowRepaired", "ClaimsRowsRead", "ClaimsUploaded", "HeaderMappingKept", "MetricsStated", "SnapshotMade", "FigureListAsked", "FigureListMade", "FigureListRead", "SuggestionsRead", "SuggestionAnswered", "AttentionListsMade", "ListedRead", "ListedAnswered", "LeadsLoaded", "LeadsRead", "LeadDismissed", "PolicyPublished", "MemberEnrolled", "MemberLookedUp", "SandboxAnswerArmed", "SignedIn",
        "SignedOut", "SignInRefused", "SimulationAsked", "SimulationRead", "NeedsAsked", "AssertionRead",
        "AssertionsRemoved", "ReviewOrganizationEntered", "InterestDeclared", "IncentivesAffirmed", "AccessTokenIssued", "SignedTokenReplayed", "ConversationHeld",
        "StandingOrderSigned", "StandingOrderWithdrawn", "SandboxAnswerDisarmed", "SandboxFaultGiven",
        "BulkChangeUndone", "QueueKept", "CapacitySet", "AbsenceRecorded", "OnCallRecorded", "PastWeeksTakenIn",
        "CallerChecked", "CallEnded", "LanguageChanged", "ProofAdded", "ProofRemoved", "ProofAccepted", "ProofRefused",
        "SignInRuleChanged", "SampleDrawn", "GuestAdmitted", "GuestShutOut", "SampledFileJudged", "UniverseRead", "SampleClosed",
            "RequestForwarded", "ForwardingShown", "ForwardingAcknowledged", "SenderTold", "PaperReceived", "PaperShown", "PageRead", "PaperChanged", "FieldSettled", "PaperMemberChosen",
    }  # fmt: skip
    of_systems = (
        "Guideline",
        "Client",
        "Subscription",
        "RecordedMessages",
        "Form",
        "FillingStarted",
        "FillingRe",
        "FillingC",
    )
    events = {
        name
        for name, event in CATALOGUE.items()
        if event.__module__.startswith("openum.") and not name.startswith(of_systems)
    }
    assert events - without_case - set(WORDS) == set()
    assert set(WORDS) - events == set()


@pytest.fixture
def django_apps_loaded():
    """Import what defines events."""
    import openum.lifecycle  # noqa: F401


def test_templates_hold_no_inline_style_and_no_inline_script():
    for path in ROOT.rglob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        if "/notices/" in path.as_posix():
            continue  # letters have their own sheet and their own test
        assert not re.search(r"\sstyle=", text), path
        assert not re.search(r"\son[a-z]+=\"", text), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path


def test_the_theme_and_each_skin_stay_under_fifteen_kilobytes():
    for path in (ROOT / "design" / "static" / "openum").glob("*.css"):
        assert path.stat().st_size <= 15 * 1024, path.name


def test_chips_and_drawings_hold_no_inline_style():
    pieces = [
        finding_chip("met"),
        clock_chip(face(used=1, left=1)),
        split_bar(payer=timedelta(1), provider=timedelta(1)),
    ]
    assert all("style=" not in piece for piece in pieces)
