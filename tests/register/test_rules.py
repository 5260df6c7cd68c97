"""Citations, the search by a section, and what a version changes."""

import pytest

from openum.register.rules import LONGEST, Change, changes, citations, facts_of, names


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("422.568", "42 CFR 422.568(d)-(e), 422.572(e)", True),
        ("42 cfr  422.568", "see 42 CFR 422.568", True),
        ("422.572(e)", "42 CFR 422.568(d)-(e), 422.572(e)", True),
        ("422.568", "42 CFR 1422.568", False),
        ("422.568", "42 CFR 422.5681", False),
        ("422.56", "42 CFR 422.568", False),
        ("422", "42 CFR 422.568", False),
        ("1367.01", "Cal. Health & Safety Code 1367.01(h)(2)", True),
        ("1367.0", "Cal. Health & Safety Code 1367.01", False),
        ("", "42 CFR 422.568", False),
        ("(d)", "42 CFR 422.568 (d)", True),
    ],
)
def test_a_section_is_found_whole_and_not_as_a_part_of_another(words, text, found):
    assert names(words, text) is found


def test_each_law_of_a_text_is_named_once_in_its_order():
    text = (
        "By 42 CFR 438.210(d)(1) and Cal. Health & Safety Code 1367.01(h); 42 CFR 438.210(d)(1), N.Y. Ins. Law 4903(b)."
    )
    assert citations(text) == (
        "42 CFR 438.210(d)(1)", "Cal. Health & Safety Code 1367.01(h)", "N.Y. Ins. Law 4903(b)",
    )  # fmt: skip


def test_the_facts_of_a_body_are_its_json_its_yaml_or_its_front_matter():
    assert facts_of('{"limit": {"amount": 7}}') == {"limit": {"amount": 7}}
    assert facts_of("key: a\nrows: [1]\n") == {"key": "a", "rows": [1]}
    assert facts_of("---\nid: knee\n---\n# Text: not a fact\n") == {"id": "knee"}
    assert facts_of("key: [unclosed") == {}
    assert facts_of("only words") == {}


def test_a_version_is_told_fact_by_fact_without_its_number():
    before = '{"version": 1, "limit": {"amount": 14, "unit": "calendar_days"}, "law": "x", "title": "same"}'
    after = '{"version": 2, "limit": {"amount": 7, "unit": "calendar_days"}, "notes": "new", "title": "same"}'
    assert changes(before, after) == [
        Change("law", "x", ""),
        Change("limit", '{"amount": 14, "unit": "calendar_days"}', '{"amount": 7, "unit": "calendar_days"}'),
        Change("notes", "", "new"),
    ]
    (long,) = changes('{"a": ""}', f'{{"a": "{"x" * 999}"}}')
    assert len(long.after) == LONGEST + 2
