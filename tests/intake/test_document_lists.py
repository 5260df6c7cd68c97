"""Lists of papers as data: what is refused, which papers a request gets, and how each stands."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openum.intake.checklist.rules import (
    DocumentFact,
    DocumentListInvalid,
    MarkFact,
    PaperState,
    papers_for,
    read_list,
    standing_of,
)
from openum.work.rules.facts import Facts

FOLDER = Path(__file__).resolve().parents[2] / "policies" / "documents"
SURGERY = (FOLDER / "planned-surgery.yaml").read_text(encoding="utf-8")
LISTS = [read_list(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.yaml"))]
NOTE = read_list(SURGERY).papers[0]
EARLY = datetime(2026, 11, 1, tzinfo=UTC)
LATE = EARLY + timedelta(days=1)
RECEIVED, UNREADABLE, WAIVED, REQUIRED = (
    PaperState.RECEIVED, PaperState.UNREADABLE, PaperState.WAIVED, PaperState.REQUIRED,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("documents: [", "not YAML"),
        ("- x", "YAML mapping"),
        ("key: a", "lacks version, name, source, effective_from, documents"),
        (SURGERY.replace("2026-01-01", "soon"), "must be a day"),
        (SURGERY.replace("specialty:", "colour:"), "colour is no fact"),
        (SURGERY.replace("kind: authorization}", "complexity_at_least: 5}"), "not which papers"),
        (SURGERY.replace("kind: imaging-report", "kind: clinical-note"), "of the same kind"),
        (SURGERY.replace("  - kind: imaging-report\n    also", "  - also"), "Paper 2 needs a kind"),
        (
            SURGERY.replace("      en: The operation plan with side and level\n", ""),
            "Paper 3 needs a kind and a wording",
        ),
        (SURGERY.replace("months_back: 3", "months_back: none"), "whole number of months"),
        (SURGERY[: SURGERY.index("documents:")] + "documents: all", "documents is a list"),
    ],
)
def test_a_list_with_a_fault_is_refused(text, said):
    with pytest.raises(DocumentListInvalid, match=said):
        read_list(text)


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [
        (
            {"specialty": "orthopaedics", "kind": "authorization"},
            {"clinical-note", "imaging-report", "operation-plan"},
        ),
        ({"kind": "admission"}, {"clinical-note", "medication-list"}),
        ({"kind": "authorization", "specialty": "sleep medicine"}, set()),
        ({"kind": "admission", "standing": "member"}, {"clinical-note", "medication-list"}),
    ],
)
def test_a_request_gets_the_papers_of_its_kind_each_once(facts, kinds):
    found = [paper.kind for paper, _ in papers_for(LISTS, Facts(**facts))]
    assert set(found) == kinds
    assert len(found) == len(kinds)


def test_every_paper_has_its_wording_in_both_languages_and_english_where_there_is_none():
    for each in LISTS:
        assert each.source
        for paper in each.papers:
            assert paper.in_language("es-mx") != paper.in_language("en")
            assert paper.in_language("fr") == paper.in_language("en")


def document(key, kind="visit-note", at=EARLY):
    return DocumentFact(key, kind, at)


@pytest.mark.parametrize(
    ("documents", "marks", "expected"),
    [
        ([], [], (REQUIRED, None)),
        ([document(1)], [], (RECEIVED, 1)),
        ([document(1, "other")], [], (REQUIRED, None)),
        ([document(1, "other")], [MarkFact(1, RECEIVED, 1)], (RECEIVED, 1)),
        ([document(1)], [MarkFact(1, UNREADABLE, 1)], (UNREADABLE, 1)),
        ([document(1)], [MarkFact(1, UNREADABLE, 1), MarkFact(2, RECEIVED, 1)], (RECEIVED, 1)),
        ([document(1), document(2, at=LATE)], [MarkFact(1, UNREADABLE, 1)], (RECEIVED, 2)),
        ([document(1), document(2, at=LATE)], [MarkFact(1, UNREADABLE, 2)], (RECEIVED, 1)),
        ([document(1), document(2, at=LATE)], [], (RECEIVED, 2)),
        ([document(1)], [MarkFact(1, REQUIRED, 1)], (REQUIRED, None)),
        ([], [MarkFact(1, WAIVED, None)], (WAIVED, None)),
        ([document(1)], [MarkFact(1, WAIVED, None)], (WAIVED, None)),
        ([], [MarkFact(1, WAIVED, None), MarkFact(2, REQUIRED, None)], (REQUIRED, None)),
        ([], [MarkFact(1, RECEIVED, 7)], (REQUIRED, None)),
    ],
)
def test_how_a_paper_stands(documents, marks, expected):
    standing = standing_of(NOTE, documents, marks)
    assert (standing.state, standing.document) == expected
