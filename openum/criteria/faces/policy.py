"""The policy page of one guideline version as sections of blocks: the HTML page and the PDF are made from them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from openum.criteria.approval import ApprovalRule
from openum.criteria.faces.difference import ages
from openum.criteria.faces.flow import flow_svg, outline
from openum.criteria.faces.logic import Threshold, thresholds_by_leaf
from openum.criteria.faces.words import (
    AUTHORITY_KINDS,
    DOCUMENTS,
    KINDS,
    LINES_OF_BUSINESS,
    amount,
    known,
    listed,
    named,
    rule_of,
    say,
)
from openum.criteria.guideline import Authority, Guideline
from openum.criteria.tree import Leaf, Node
from openum.design.moments import day
from openum.vocabulary.terms import FindingValue

Block = dict[str, Any]
_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_MAIN_HEADING = re.compile(r"^# ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Edition:
    """One version in the list of versions."""

    version: str
    effective_from: date
    effective_to: date | None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A guideline version with what stands beside the document: its versions, approval rules and the day it is shown."""

    guideline: Guideline
    digest: str
    on: date
    editions: tuple[Edition, ...] = ()
    rules: tuple[ApprovalRule, ...] = ()
    address: str = ""
    """The full address of the page, written into the PDF."""
    retired_on: date | None = None
    """The first day without it, where it was retired before its end."""

    @property
    def earlier(self) -> Edition | None:
        """The version before this one, or None."""
        names = [edition.version for edition in self.editions]
        place = names.index(self.guideline.version) if self.guideline.version in names else len(names)
        return self.editions[place + 1] if place + 1 < len(names) else None

    @property
    def state(self) -> str:
        """Say whether it holds on the day: current, coming or ended."""
        if self.on < self.guideline.effective_from:
            return "coming"
        end = min((day for day in (self.guideline.effective_to, self.retired_on) if day), default=None)
        return "ended" if end is not None and end <= self.on else "current"


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page."""

    key: str
    heading: str
    blocks: tuple[Block, ...]


def sections(shown: Shown) -> tuple[Section, ...]:
    """Return the whole page in the active language."""
    g = shown.guideline
    made = [
        Section("scope", _("Who and what it is for"), (_scope(g),)),
        Section("authority", _("What it rests on"), tuple(_authority(g))),
        Section("criteria", _("The criteria"), ({"kind": "criteria", "nodes": _nodes(g)},)),
        Section("flow", _("Flow chart"), (_flow(g),)),
        Section("text", _("In more words"), tuple(_prose(g))),
        Section("machine", _("Approval by machine"), tuple(_machine(shown))),
        Section("tests", _("How it was tested"), tuple(_tests(g))),
        Section("sources", _("Sources"), (_sources(g),)),
        Section("codes", _("Code lists"), tuple(_codes(g))),
        Section("versions", _("Versions"), (_versions(shown),)),
    ]
    return tuple(made)


def facts(shown: Shown) -> list[tuple[str, str]]:
    """Return what names the version."""
    g = shown.guideline
    until = " – " + day(g.effective_to) + " " + _("(first day it no longer holds)") if g.effective_to else ""
    retired = [(_("Retired on"), day(shown.retired_on))] if shown.retired_on else []
    return [
        (_("Guideline"), f"{g.id} {g.version}"),
        (_("In force from"), day(g.effective_from) + until),
        *retired,
        (_("Responsible"), g.owner),
        (_("Fingerprint"), shown.digest),
    ]


def _scope(g: Guideline) -> Block:
    scope = g.scope
    everywhere = _("any")
    codes = sorted(scope.service_value_sets)
    rows = [
        (_("Services"), ", ".join(f"{system} {code}" for system, code in scope.services)),
        *([(_("Services of code lists"), listed(codes))] if codes else []),
        (_("Plans of this kind"), listed(known(LINES_OF_BUSINESS, each) for each in scope.lines_of_business) or everywhere),
        (_("Products"), ", ".join(scope.products) or everywhere),
        (_("States"), ", ".join(scope.jurisdictions) or everywhere),
        (_("Places of service"), ", ".join(scope.places) or everywhere),
        (_("Age"), ages(scope)),
    ]  # fmt: skip
    return {"kind": "facts", "rows": rows}


def _authority(g: Guideline) -> Iterable[Block]:
    if g.authorities:
        yield _authorities(_("The rules these criteria rest on"), g.authorities)
    else:
        yield _paragraph(_("The document names no authority of its own; its sources stand below."))
    barred = g.scope.fully_established_by
    if barred:
        yield _paragraph(
            _(
                "Medicare Advantage: where one of these Medicare rules settles the matter, it takes the place of this page."
            )
        )
        yield _authorities(_("Medicare's own rules that come first"), barred)
    else:
        yield _paragraph(
            _("Medicare Advantage: no Medicare rule is named here that takes the place of this page.")
        )  # fmt: skip


def _authorities(caption: str, entries: Sequence[Authority]) -> Block:
    rows = [
        [
            f"{each.name} {each.section}".strip(),
            known(AUTHORITY_KINDS, each.kind),
            ", ".join(each.states) or _("everywhere"),
            verified(is_verified=each.verified),
        ]
        for each in entries
    ]
    return _table(caption, [_("Rule"), _("Kind"), _("Where"), _("source_verified")], rows)


def verified(*, is_verified: bool) -> str:
    """Say whether somebody compared a citation with its original."""
    return _("yes") if is_verified else _("no, not yet")


def _nodes(g: Guideline) -> list[Block]:
    def node(item: Node, depth: int) -> Block:
        if isinstance(item, Leaf):
            return _leaf(item, g, depth)
        children = [node(child, depth + 1) for child in item.children]
        head = named(item) if item.label else ""
        return {"key": item.key, "head": head, "rule": rule_of(item), "children": children, "depth": depth}

    return [node(g.root, 0)]


def _leaf(leaf: Leaf, g: Guideline, depth: int) -> Block:
    asked = [g.answers[link] for link in leaf.answers if link in g.answers]
    rows = [
        (_("In plain words"), say(leaf.plain)),
        (_("What satisfies it"), say(leaf.to_satisfy)),
        (_("Papers that can show it"), listed(known(DOCUMENTS, each) for each in leaf.documents)),
        (_("In the electronic record"), listed(dict.fromkeys(wanted.element for wanted in leaf.missing))),
        (_("Asked in the form"), "; ".join(f"{say(each.label)} ({known(KINDS, each.kind)}{', ' + each.unit if each.unit else ''})" for each in asked)),
    ]  # fmt: skip
    return {"key": leaf.key, "head": named(leaf), "rows": [row for row in rows if row[1]], "depth": depth}


def numbers_told(g: Guideline) -> list[tuple[str, list[str]]]:
    """Return the numbers in the logic by the criterion they decide; for people who check the logic."""
    by_leaf = thresholds_by_leaf(g)
    return [
        (named(leaf), list(dict.fromkeys(told(each) for each in by_leaf[leaf.key])))
        for leaf in g.leaves
        if by_leaf[leaf.key]
    ]


def told(threshold: Threshold) -> str:
    """Say a number of the logic with what it is compared by: “Six Weeks Ago: 42 days”, “Body Mass Index: at least 40”."""
    words = {
        "<": _("less than %(amount)s"),
        "<=": _("at most %(amount)s"),
        ">": _("more than %(amount)s"),
        ">=": _("at least %(amount)s"),
        "=": _("exactly %(amount)s"),
    }.get(threshold.sign, "%(amount)s")
    said = words % {"amount": amount(threshold.value, threshold.unit)}
    argument = f" ({threshold.argument}, {threshold.function})" if threshold.argument else ""
    return f"{threshold.definition}{argument}: {said}"


def _flow(g: Guideline) -> Block:
    return {"kind": "flow", "svg": flow_svg(g), "outline": outline(g), "title": say(g.title)}


def _prose(g: Guideline) -> Iterable[Block]:
    """Show the words of the document in the reader's language; a second main heading begins those in Spanish."""
    english, spanish = in_two_languages(g.prose)
    language = "es" if spanish and (get_language() or "en").startswith("es") else "en"
    if language == "en" and (get_language() or "en").startswith("es"):
        yield _paragraph(_("This part is written in English for clinicians. Help in your language is free: call the number on your member card."))  # fmt: skip
    prose = spanish if language == "es" else english
    title, _newline, rest = prose.partition("\n")
    text = rest if title.startswith("# ") else prose
    html = _MARKDOWN.render(_lower(text))
    yield {"kind": "prose", "language": language, "html": html, "parts": _parts(_MARKDOWN.parse(text))}


def in_two_languages(prose: str) -> tuple[str, str]:
    """Return the English and the Spanish words of a document; the Spanish ones may be absent."""
    titles = list(_MAIN_HEADING.finditer(prose))
    begin = titles[1].start() if len(titles) > 1 else len(prose)
    return prose[:begin].rstrip("\n"), prose[begin:]


def _lower(text: str) -> str:
    """Put the headings of the document one level lower, under the heading of the section."""
    return "\n".join(f"#{line}" if line.startswith("##") else line for line in text.split("\n"))


def _parts(tokens: Sequence[Token]) -> list[Block]:
    """Turn Markdown into blocks for print: headings, paragraphs and list items, each as runs of (text, is strong)."""
    parts: list[Block] = []
    kind, depth = "paragraph", 0
    for token in tokens:
        if token.type == "heading_open":
            kind = "heading"
        elif token.type == "heading_close":
            kind = "paragraph"
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            depth += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
        elif token.type == "inline":
            parts.append({"kind": "item" if depth and kind != "heading" else kind, "runs": _runs(token.children or [])})
    return parts


def _runs(tokens: Sequence[Token]) -> list[tuple[str, bool]]:
    runs: list[tuple[str, bool]] = []
    is_strong = False
    for token in tokens:
        if token.type == "strong_open":
            is_strong = True
        elif token.type == "strong_close":
            is_strong = False
        elif token.type in {"softbreak", "hardbreak"}:
            runs.append((" ", is_strong))
        elif token.content:
            runs.append((token.content, is_strong))
    return runs


def _machine(shown: Shown) -> Iterable[Block]:
    yield _paragraph(
        _(
            "Our system may only say yes: under a published rule, when every criterion that is needed is met on the person's own record. It never refuses. Everything else goes to a nurse or a physician."
        )
    )
    if not shown.rules:
        yield _paragraph(
            _("No rule lets our system approve under this version by itself; a person looks at every request.")
        )
        return
    heads = [_("Rule"), _("Services"), _("Plans of this kind"), _("In force from"), _("Published by"), _("source_verified")]  # fmt: skip
    rows = [
        [
            f"{rule.id} {rule.version}",
            ", ".join(f"{system} {code}" for system, code in rule.services),
            listed(known(LINES_OF_BUSINESS, each) for each in rule.lines_of_business) or _("any"),
            day(rule.effective_from) + (f" – {day(rule.effective_to)}" if rule.effective_to else ""),
            rule.publisher,
            verified(is_verified=rule.source_verified),
        ]
        for rule in shown.rules
    ]
    yield _table(_("Rules by which our system may approve"), heads, rows)


def _tests(g: Guideline) -> Iterable[Block]:
    patients = g.patients
    if not patients:
        yield _paragraph(_("This document carries no test patients."))
        return
    yield _paragraph(
        _(
            "Invented test patients: %(n)d. A version is published only when the logic answers as written for each of them."
        )
        % {"n": len(patients)}
    )
    rows = [
        [named(leaf), *(str(sum(p.expected.get(leaf.key) is value for p in patients)) for value in FindingValue)]
        for leaf in g.leaves
    ]
    yield _table(
        _("How many test patients show each answer"),
        [_("Criterion"), _("met"), _("not met"), _("not known")],
        rows,
    )


def _sources(g: Guideline) -> Block:
    rows = [
        [
            {"text": source.title, "href": source.url}
            if source.url.startswith(("https://", "http://"))
            else source.title,
            source.section,
            verified(is_verified=source.verified),
        ]
        for source in g.sources
    ]
    return _table(_("Where the criteria come from; source_verified says whether somebody compared it with the original"), [_("Source"), _("Section"), _("source_verified")], rows)  # fmt: skip


def _codes(g: Guideline) -> Iterable[Block]:
    if not g.value_sets:
        yield _paragraph(_("The logic uses no code lists."))
        return
    rows = []
    for name, pairs in g.value_sets.items():
        by_system: dict[str, list[str]] = {}
        for system, code in pairs:
            by_system.setdefault(system, []).append(code)
        edition = g.code_lists.get(name)
        rows.append([
            name,
            edition.version if edition else g.version,
            "; ".join(f"{system}: {' '.join(codes)}" for system, codes in by_system.items()),
            edition.source if edition else "",
        ])  # fmt: skip
    if not any(row[3] for row in rows):
        yield _table(_("Code lists of this version; codes only, no licensed descriptions"), [_("List"), _("Edition"), _("Codes")], [row[:3] for row in rows])  # fmt: skip
    else:
        yield _table(_("Code lists of this version; codes only, no licensed descriptions"), [_("List"), _("Edition"), _("Codes"), _("Source")], rows)  # fmt: skip


def _versions(shown: Shown) -> Block:
    rows: list[list[Any]] = [
        [
            {"text": edition.version, "version": edition.version},
            day(edition.effective_from),
            day(edition.effective_to) if edition.effective_to else _("until further notice"),
        ]
        for edition in shown.editions
    ]
    return _table(_("Published versions; none of them ever changes"), [_("Version"), _("In force from"), _("First day it no longer holds")], rows)  # fmt: skip


def _paragraph(text: str) -> Block:
    return {"kind": "paragraph", "text": text}


def _table(caption: str, heads: list[str], rows: Sequence[Sequence[Any]]) -> Block:
    cells = [
        [
            (cell if isinstance(cell, dict) else {"text": cell}) | {"head": head}
            for cell, head in zip(row, heads, strict=True)
        ]
        for row in rows
    ]
    return {"kind": "table", "caption": caption, "heads": heads, "rows": cells}
