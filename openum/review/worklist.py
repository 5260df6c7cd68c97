"""The nurse's worklist: lines in due order, quick with a hundred thousand open cases.

The list walks the partial index of open clocks in order of their due time and stops after one page; nothing is
sorted or counted over all cases.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import Exists, Field, OuterRef, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from openum.accounts.models import User
from openum.cases.models import Case, Request, ServiceLine
from openum.cases.queries import lines_visible_to, not_replaced
from openum.cases.rules import OPEN_STATUSES
from openum.clocks.faces import faces_of
from openum.clocks.models import Clock
from openum.db import plain
from openum.design.clock import clock_chip
from openum.design.drawings import progress_dots
from openum.design.shapes import shape
from openum.design.status import status_chip
from openum.directory.models import Member, Product
from openum.review.models import Review
from openum.review.queries import lines_for_nurses
from openum.vocabulary.terms import FindingValue, LineStatus, Urgency
from openum.work.queries.lists import ME, Choice, Held, chosen, few_lines, held_of, sorted_by_due, tags_of

PAGE = 50
DEEPEST_PAGE = 40
_WHY_SHOWN = 36
"""Characters of the reason that a row shows; the whole stands in its title."""

WITH_NURSE = sorted([LineStatus.RECEIVED, LineStatus.PENDED_WITH_PAYER, LineStatus.REOPENED])


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the list, ready to show."""

    public_id: UUID
    number: str
    member: str
    product: str
    service: str
    specialty: str
    clock: SafeString
    standing: SafeString
    """Its status, below it the queue with why it is there, and the team's tags."""
    fast: SafeString
    """A second line that says expedited; empty for standard handling."""
    progress: SafeString
    reviewer: str
    choose: str
    """How the box that chooses the row is called."""


FEW = 500
"""Up to so many lines are sorted by themselves; more are found by walking the clocks in due order."""
_WALK = """
SELECT clock.case_id FROM clocks_clock clock
WHERE clock.binds AND clock.due_at IS NOT NULL AND clock.stopped_at IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM clocks_clock earlier
        WHERE earlier.case_id = clock.case_id AND earlier.binds AND earlier.stopped_at IS NULL
            AND (earlier.due_at < clock.due_at OR (earlier.due_at = clock.due_at AND earlier.id < clock.id)))
    AND EXISTS ({lines} LIMIT 1 OFFSET 0)
ORDER BY clock.due_at, clock.id LIMIT %s OFFSET %s
"""
"""Walks the open clocks that bind their case, each the earliest of its case, in due order."""


def _cases_by_due(lines: QuerySet[ServiceLine], *, start: int, count: int) -> list[int]:
    """Return a page of the cases of these lines, by primary key, in order of the clock that binds them."""
    of_case = lines.filter(case_id=RawSQL("clock.case_id", ())).order_by().values("pk")
    try:
        sql, parameters = of_case.query.sql_with_params()
    except EmptyResultSet:
        return []
    rows = plain.execute(_WALK.format(lines=sql), [*parameters, count, start])
    return [case_id for (case_id,) in rows]


def _few_by_due(lines: Sequence[tuple[int, int]]) -> list[int]:
    """Return the cases of few lines (line and case by primary key) in the same order: no walk over everybody's clocks."""
    case_of = dict(lines)
    return list(dict.fromkeys(case_of[pk] for pk in sorted_by_due(lines)))


def _dated() -> QuerySet[Clock]:
    return Clock.objects.filter(case_id=OuterRef("case_id"), stopped_at__isnull=True, due_at__isnull=False, binds=True)


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list with what its row shows, read by one statement."""

    pk: int
    public_id: UUID
    case_id: int
    sequence: int
    replaces_id: int | None
    status: str
    wording: str
    code: str
    specialty: str
    urgency: str
    case_public_id: UUID
    number: str
    given_name: str
    family_name: str
    birth_date: date | None
    product: str


_LISTED = """
SELECT line.id, line.public_id, line.case_id, line.sequence, line.replaces_id, line.status, line.wording, line.code,
    line.specialty, request.urgency, file.public_id, file.number, member.given_name, member.family_name, member.birth_date,
    product.name
FROM cases_serviceline line
JOIN cases_request request ON request.id = line.request_id
JOIN cases_case file ON file.id = line.case_id
JOIN directory_member member ON member.id = file.member_id
JOIN directory_product product ON product.id = file.product_id
WHERE {} IN ({}) ORDER BY line.sequence, line.id
"""


@lru_cache(maxsize=1)
def _listed_fields() -> tuple["Field[Any, Any]", ...]:
    """Return the columns of `_LISTED` in their order."""
    of_line = ("id", "public_id", "case", "sequence", "replaces", "status", "wording", "code", "specialty")
    return (
        *plain.fields_of(ServiceLine, of_line), *plain.fields_of(Request, ("urgency",)),
        *plain.fields_of(Case, ("public_id", "number")),
        *plain.fields_of(Member, ("given_name", "family_name", "birth_date")), *plain.fields_of(Product, ("name",)),
    )  # fmt: skip


def _listed(column: Literal["line.id", "line.case_id"], keys: Sequence[int]) -> list[Listed]:
    """Read lines by their own key or by their case's; the caller found the keys within the reader's scope."""
    if not keys:
        return []
    sql = _LISTED.format(column, plain.marks(keys))
    return [Listed(*row) for row in plain.select(sql, keys, _listed_fields())]


def _listed_in_order(line_ids: Sequence[int]) -> list[Listed]:
    found = {line.pk: line for line in _listed("line.id", line_ids)}
    return [found[pk] for pk in line_ids if pk in found]


def due_order(lines: QuerySet[ServiceLine], *, statuses: Sequence[str], start: int, count: int) -> list[Listed]:
    """Return a page of lines in order of the clock that binds their case.

    Late ones come first, because their time has passed; lines whose clock is paused or missing come last, the oldest
    first.
    """
    waiting = lines.filter(status__in=statuses)
    first = list(waiting.order_by().values_list("pk", "case_id")[: FEW + 1])
    is_many = len(first) > FEW
    case_ids = (
        _cases_by_due(waiting, start=start, count=count) if is_many else _few_by_due(first)[start : start + count]
    )
    if is_many and len(case_ids) < count:
        undated = waiting.filter(~Exists(_dated())).order_by("status_since", "pk").values_list("case_id", flat=True)
        dated = waiting.filter(Exists(_dated())).values("case_id").distinct()
        skip = 0 if case_ids or not start else max(0, start - dated.count())
        case_ids += undated[skip : skip + count - len(case_ids)]
    case_ids = list(dict.fromkeys(case_ids))
    # The cases were found within the reader's scope; their few lines are read by case alone, so that no planner walks a
    # status index over all open lines.
    rows = _listed("line.case_id", case_ids)
    replaced = {row.replaces_id for row in rows}
    found: dict[int, list[Listed]] = {}
    for line in rows:
        if line.status in statuses and line.pk not in replaced:
            found.setdefault(line.case_id, []).append(line)
    return [line for case_id in case_ids for line in found.get(case_id, [])]


def lines_of_view(user: User, view: str, *, page: int) -> tuple[list[Listed], bool]:
    """Return the lines of a view and whether there are more: due, team, waiting, mine or undated."""
    lines = lines_for_nurses(user)
    start = (min(page, DEEPEST_PAGE) - 1) * PAGE
    if view == "waiting":
        rows = lines.filter(status=LineStatus.PENDED_WITH_PROVIDER)
    elif view == "mine":
        in_review = Review.objects.filter(reviewer=user, level=Review.NURSE, ended_at__isnull=True)
        mine = {*in_review.values_list("line_id", flat=True), *(few_lines(Choice(holder=ME), user) or ())}
        return _page_by_due(lines.filter(pk__in=mine), start)
    elif view == "undated":
        rows = lines.filter(status__in=WITH_NURSE).filter(~Exists(_dated()))
    else:
        found = due_order(lines, statuses=WITH_NURSE, start=start, count=PAGE + 1)
        cases = list(dict.fromkeys(line.case_id for line in found))
        shown = set(cases[:PAGE])
        return [line for line in found if line.case_id in shown], len(cases) > PAGE
    keys = list(rows.order_by("status_since", "pk").values_list("pk", flat=True)[start : start + PAGE + 1])
    return _listed_in_order(keys[:PAGE]), len(keys) > PAGE


def lines_of_choice(user: User, choice: Choice, *, page: int) -> tuple[list[Listed], bool]:
    """Return a page of the open lines that a reader chose, in due order, and whether there are more.

    Few lines are sorted by themselves; with many, the clocks are walked until the page is full.
    """
    lines = chosen(lines_visible_to(user).filter(not_replaced(), status__in=sorted(OPEN_STATUSES)), choice, user)
    start = (min(page, DEEPEST_PAGE) - 1) * PAGE
    few = few_lines(choice, user)
    if few is not None:
        return _page_by_due(lines.filter(pk__in=few), start)
    found = due_order(lines, statuses=sorted(OPEN_STATUSES), start=start, count=PAGE + 1)
    fit = set(lines.filter(pk__in=[line.pk for line in found]).values_list("pk", flat=True))
    cases = list(dict.fromkeys(line.case_id for line in found))
    shown = set(cases[:PAGE])
    return [line for line in found if line.pk in fit and line.case_id in shown], len(cases) > PAGE


def _page_by_due(lines: QuerySet[ServiceLine], start: int) -> tuple[list[Listed], bool]:
    """Return a page of a small choice of lines, the earliest deadline first."""
    order = sorted_by_due(list(lines.order_by().values_list("pk", "case_id")))
    return _listed_in_order(order[start : start + PAGE]), len(order) > start + PAGE


_ANSWERS = """
SELECT line_id, leaf, value, is_machine FROM criteria_finding WHERE superseded_at IS NULL AND line_id IN ({})
"""


def progress_of(line_ids: Sequence[int]) -> dict[int, Counter[str]]:
    """Return how many criteria of each line are met, not met and unknown; a person's answer outranks the machine's."""
    answers: dict[tuple[int, str], tuple[bool, str]] = {}
    for line_id, leaf, value, is_machine in plain.among(_ANSWERS, line_ids):
        known = answers.get((line_id, leaf))
        if known is None or known[0]:
            answers[line_id, leaf] = (is_machine, value)
    counts: dict[int, Counter[str]] = {}
    for (line_id, _leaf), (_is_machine, value) in answers.items():
        counts.setdefault(line_id, Counter())[value] += 1
    return counts


_REVIEWERS = """
SELECT review.line_id, reviewer.name FROM review_review review JOIN accounts_user reviewer ON reviewer.id = review.reviewer_id
WHERE review.ended_at IS NULL AND review.line_id IN ({})
"""


def _fast() -> SafeString:
    return format_html('<span class="under t-attention fast">{}{}</span>', shape("cross"), _("Expedited"))


def _standing(status: str, place: Held | None, tags: Sequence[str]) -> SafeString:
    chip = status_chip(status)
    if place:
        why = f"{place.queue} · {place.because}"
        short = why if len(why) <= _WHY_SHOWN else f"{why[: _WHY_SHOWN - 1]}…"
        chip += format_html('<span class="under" title="{}">{}</span>', why, short)
    return chip + format_html_join("", '<span class="under">{}</span>', ((word,) for word in tags))


def rows_of(lines: Sequence[Listed], *, at: datetime) -> list[Row]:
    """Return the rows of a page: one query for clocks, for findings, for reviews, for who has a line, and for tags."""
    keys = [line.pk for line in lines]
    faces = faces_of([line.case_id for line in lines], at=at)
    counts = progress_of(keys)
    reviewers = dict(plain.among(_REVIEWERS, keys))
    held = held_of(keys)
    tags = tags_of({line.case_id for line in lines}) if held else {}
    today, choose, undated = at.date(), _("Choose %(number)s, line %(line)s"), SafeString(_("no clock"))
    rows = []
    for line in lines:
        face = faces.get(line.case_id)
        count = counts.get(line.pk) or Counter()
        place = held.get(line.pk)
        born = line.birth_date
        age = (
            "" if born is None else f", {today.year - born.year - ((today.month, today.day) < (born.month, born.day))}"
        )
        rows.append(
            Row(
                public_id=line.public_id,
                number=line.number,
                member=f"{line.given_name} {line.family_name}{age}",
                product=line.product,
                service=line.wording or line.code,
                specialty=line.specialty,
                clock=clock_chip(face) if face else undated,
                standing=_standing(line.status, place, tags.get(line.case_id, ())),
                fast=_fast() if line.urgency == Urgency.EXPEDITED else SafeString(""),
                progress=progress_dots(
                    met=count[FindingValue.MET],
                    not_met=count[FindingValue.NOT_MET],
                    unknown=count[FindingValue.UNKNOWN],
                ),
                reviewer=(place.holder if place else "") or reviewers.get(line.pk, "–"),
                choose=choose % {"number": line.number, "line": line.sequence},
            )
        )
    return rows
