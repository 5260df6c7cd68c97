"""The nurse's worklist: lines in due order, quick with a hundred thousand open cases.

The list walks the partial index of open clocks in order of their due time and stops after one page; nothing is
sorted or counted over all cases.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from openum.accounts.models import Plan, User
from openum.cases.models import Case, Request, ServiceLine
from openum.cases.queries import lines_visible_to
from openum.cases.rules import OPEN_STATUSES
from openum.clocks.faces import faces_of
from openum.clocks.models import Clock
from openum.criteria.models import Finding
from openum.db import plain
from openum.design.clock import clock_chip
from openum.design.drawings import progress_dots
from openum.design.shapes import shape
from openum.design.status import status_chip
from openum.directory.models import Member, Product
from openum.review.models import Review
from openum.review.queries import lines_for_nurses
from openum.vocabulary.terms import FindingValue, LineStatus, Urgency
from openum.work.queries.lists import ME, Choice, chosen, few_lines, held_of, sorted_by_due, tags_of

AnyRow = TypeVar("AnyRow", bound=Model)
PAGE = 50
DEEPEST_PAGE = 40

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
    status: SafeString
    fast: SafeString
    """A second line that says expedited; empty for standard handling."""
    progress: SafeString
    reviewer: str
    queue: str
    because: str
    """Why it is in its queue."""
    tags: tuple[str, ...]
    choose: str
    """How the box that chooses the row is called."""


def _binding(rows: QuerySet[Clock]) -> QuerySet[Clock]:
    """Keep the open clock that binds each case: the earliest."""
    earlier = Clock.objects.filter(
        Q(due_at__lt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), pk__lt=OuterRef("pk")),
        case_id=OuterRef("case_id"), binds=True, stopped_at__isnull=True,
    )  # fmt: skip
    return rows.filter(binds=True, stopped_at__isnull=True, due_at__isnull=False).filter(~Exists(earlier))


def _dated() -> QuerySet[Clock]:
    return Clock.objects.filter(case_id=OuterRef("case_id"), stopped_at__isnull=True, due_at__isnull=False, binds=True)


def due_order(lines: QuerySet[ServiceLine], *, statuses: Sequence[str], start: int, count: int) -> list[ServiceLine]:
    """Return a page of lines in order of the clock that binds their case.

    Late ones come first, because their time has passed; lines whose clock is paused or missing come last, the oldest
    first.
    """
    of_case = lines.filter(case_id=OuterRef("case_id"), status__in=statuses).order_by()
    dated = _binding(Clock.objects.all()).filter(Exists(of_case))
    undated = lines.filter(status__in=statuses).filter(~Exists(_dated())).order_by("status_since", "pk")
    segments = (
        dated.order_by("due_at", "pk").values_list("case_id", flat=True),
        undated.values_list("case_id", flat=True),
    )
    case_ids: list[int] = []
    skip = start
    for segment in segments:
        part = list(segment[skip : skip + count - len(case_ids)])
        case_ids += part
        if len(case_ids) >= count:
            break
        skip = 0 if part or not skip else max(0, skip - segment.count())
    case_ids = list(dict.fromkeys(case_ids))
    # The cases were found within the reader's scope; their few lines are read by case alone, so that no planner walks a
    # status index over all open lines.
    rows = _lines_of_cases(case_ids)
    replaced = {row.replaces_id for row in rows}
    found: dict[int, list[ServiceLine]] = {}
    for line in rows:
        if line.status in statuses and line.pk not in replaced:
            found.setdefault(line.case_id, []).append(line)
    return [line for case_id in case_ids for line in found.get(case_id, [])]


def _lines_of_cases(case_ids: Sequence[int]) -> list[ServiceLine]:
    """Return the lines of a page's cases with what a row shows of them, one plain statement a table."""
    rows = plain.select_where(ServiceLine, "case_id IN (%s)", [case_ids], order="sequence, id")
    cases = {row.pk: row for row in plain.select_where(Case, "id IN (%s)", [case_ids])}
    members = _by_key(Member, {case.member_id for case in cases.values()})
    products = _by_key(Product, {case.product_id for case in cases.values()})
    plans = _by_key(Plan, {case.plan_id for case in cases.values()})
    requests = _by_key(Request, {row.request_id for row in rows})
    for case in cases.values():
        case.member, case.product, case.plan = members[case.member_id], products[case.product_id], plans[case.plan_id]
    for row in rows:
        row.case, row.request = cases[row.case_id], requests[row.request_id]
    return rows


def _by_key(model: type[AnyRow], keys: set[int]) -> dict[int, AnyRow]:
    return {row.pk: row for row in plain.select_where(model, "id IN (%s)", [keys])}


def lines_of_view(user: User, view: str, *, page: int) -> tuple[list[ServiceLine], bool]:
    """Return the lines of a view and whether there are more: due, team, waiting, mine or undated."""
    lines = lines_for_nurses(user)
    start = (min(page, DEEPEST_PAGE) - 1) * PAGE
    if view == "waiting":
        rows = lines.filter(status=LineStatus.PENDED_WITH_PROVIDER).order_by("status_since", "pk")
    elif view == "mine":
        in_review = Review.objects.filter(reviewer=user, level=Review.NURSE, ended_at__isnull=True)
        mine = {*in_review.values_list("line_id", flat=True), *(few_lines(Choice(holder=ME), user) or ())}
        return _page_by_due(lines.filter(pk__in=mine), start)
    elif view == "undated":
        rows = lines.filter(status__in=WITH_NURSE).filter(~Exists(_dated())).order_by("status_since", "pk")
    else:
        found = due_order(lines, statuses=WITH_NURSE, start=start, count=PAGE + 1)
        cases = list(dict.fromkeys(line.case_id for line in found))
        shown = set(cases[:PAGE])
        return [line for line in found if line.case_id in shown], len(cases) > PAGE
    found = list(rows[start : start + PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def lines_of_choice(user: User, choice: Choice, *, page: int) -> tuple[list[ServiceLine], bool]:
    """Return a page of the open lines that a reader chose, in due order, and whether there are more.

    Few lines are sorted by themselves; with many, the clocks are walked until the page is full.
    """
    lines = chosen(
        lines_visible_to(user).filter(status__in=sorted(OPEN_STATUSES), replaced_by__isnull=True), choice, user
    )
    start = (min(page, DEEPEST_PAGE) - 1) * PAGE
    few = few_lines(choice, user)
    if few is not None:
        return _page_by_due(lines.filter(pk__in=few), start)
    found = due_order(lines, statuses=sorted(OPEN_STATUSES), start=start, count=PAGE + 1)
    fit = set(lines.filter(pk__in=[line.pk for line in found]).values_list("pk", flat=True))
    cases = list(dict.fromkeys(line.case_id for line in found))
    shown = set(cases[:PAGE])
    return [line for line in found if line.pk in fit and line.case_id in shown], len(cases) > PAGE


def _page_by_due(lines: QuerySet[ServiceLine], start: int) -> tuple[list[ServiceLine], bool]:
    """Return a page of a small choice of lines, the earliest deadline first."""
    order = sorted_by_due(list(lines.order_by().values_list("pk", "case_id")))
    rows = lines.select_related("case", "case__member", "case__product", "case__plan", "request")
    found = rows.in_bulk(order[start : start + PAGE])
    return [found[pk] for pk in order[start : start + PAGE]], len(order) > start + PAGE


def progress_of(line_ids: Sequence[int]) -> dict[int, Counter[str]]:
    """Return how many criteria of each line are met, not met and unknown; a person's answer outranks the machine's."""
    answers: dict[tuple[int, str], tuple[bool, str]] = {}
    rows = Finding.objects.filter(line_id__in=line_ids, superseded_at__isnull=True)
    for line_id, leaf, value, is_machine in rows.values_list("line_id", "leaf", "value", "is_machine"):
        known = answers.get((line_id, leaf))
        if known is None or known[0]:
            answers[line_id, leaf] = (is_machine, value)
    counts: dict[int, Counter[str]] = {}
    for (line_id, _leaf), (_is_machine, value) in answers.items():
        counts.setdefault(line_id, Counter())[value] += 1
    return counts


def _fast() -> SafeString:
    return format_html('<span class="under t-attention fast">{}{}</span>', shape("cross"), _("Expedited"))


def rows_of(lines: Sequence[ServiceLine], *, at: datetime) -> list[Row]:
    """Return the rows of a page: one query for clocks, for findings, for reviews, for who has a line, and for tags."""
    faces = faces_of([line.case_id for line in lines], at=at)
    counts = progress_of([line.pk for line in lines])
    reviewers = dict(
        Review.objects.filter(line__in=lines, ended_at__isnull=True).values_list("line_id", "reviewer__name")
    )
    held = held_of([line.pk for line in lines])
    tags = tags_of({line.case_id for line in lines}) if held else {}
    today, choose = at.date(), _("Choose %(number)s, line %(line)s")
    rows = []
    for line in lines:
        face = faces.get(line.case_id)
        count = counts.get(line.pk, Counter())
        place = held.get(line.pk)
        born = line.case.member.birth_date
        age = "" if born is None else str(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))
        rows.append(
            Row(
                public_id=line.public_id,
                number=line.case.number,
                member=f"{line.case.member.given_name} {line.case.member.family_name}" + (f", {age}" if age else ""),
                product=line.case.product.name,
                service=line.wording or line.code,
                specialty=line.specialty,
                clock=clock_chip(face) if face else SafeString(_("no clock")),
                status=status_chip(line.status),
                fast=_fast() if line.request.urgency == Urgency.EXPEDITED else SafeString(""),
                progress=progress_dots(
                    met=count[FindingValue.MET],
                    not_met=count[FindingValue.NOT_MET],
                    unknown=count[FindingValue.UNKNOWN],
                ),
                reviewer=(place.holder if place else "") or reviewers.get(line.pk, ""),
                queue=place.queue if place else "",
                because=place.because if place else "",
                tags=tuple(tags.get(line.case_id, ())),
                choose=choose % {"number": line.case.number, "line": line.sequence},
            )
        )
    return rows
