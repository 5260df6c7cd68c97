"""The director's page: rows of figures, each figure with its definition, its time and the cases behind it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise as Words
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.agreement.queries import fraction, last_closed
from openum.cases.queries import shown_to
from openum.clocks.faces import faces_of
from openum.clocks.lateness import LINE_GROUPS
from openum.command import queries
from openum.command import rows as contributed
from openum.command.queries import Asked
from openum.db.clock import now
from openum.design.clock import clock_chip
from openum.design.drawings import parts_bar
from openum.design.moments import moment, short_moment
from openum.design.paging import page_asked
from openum.design.river import Column, flow
from openum.design.sheets import sheet
from openum.vocabulary.numbers import whole

PAGE = 50
TITLES: dict[str, Words] = {
    "due": gettext_lazy("Due today"),
    "at-risk": gettext_lazy("At risk"),
    "late": gettext_lazy("Late and still open"),
    "came": gettext_lazy("Came today"),
    "decided": gettext_lazy("Decided today"),
    "with-plan": gettext_lazy("With the plan"),
    "with-physician": gettext_lazy("With a physician"),
    "with-provider": gettext_lazy("With the provider"),
    "by-rule": gettext_lazy("Approved by a rule"),
    "rule-changed": gettext_lazy("Rule's approval changed by a person"),
    "denied": gettext_lazy("Answers of no"),
    "overturned": gettext_lazy("Answers of no that were changed"),
    "hard-letters": gettext_lazy("Letters that read too hard"),
    "complaints": gettext_lazy("Open complaints"),
    "agreement": gettext_lazy("Kappa of the last reading"),
}
DEFINITIONS: dict[str, Words] = {
    "due": gettext_lazy("Cases whose earliest open duty of law ends between now and midnight, in the plan's zone."),
    "at-risk": gettext_lazy("Of the cases due today, those with four hours or less."),
    "late": gettext_lazy("Cases whose earliest open duty of law has passed its time. The clock keeps counting."),
    "came": gettext_lazy("Requests that became cases today."),
    "decided": gettext_lazy("Cases with a line decided today, whatever the answer."),
    "with-plan": gettext_lazy("Open lines that wait for the plan, not for a physician."),
    "with-physician": gettext_lazy("Open lines that wait for a physician."),
    "with-provider": gettext_lazy("Open lines that wait for information."),
    "by-rule": gettext_lazy("Lines of the last 30 days that a published rule approved, of all lines decided."),
    "rule-changed": gettext_lazy("Approvals by a rule in the last 30 days that a person replaced since."),
    "denied": gettext_lazy("Lines of the last 30 days denied, approved in part or ended early."),
    "overturned": gettext_lazy("Answers of no changed in the last 90 days, by what changed them."),
    "hard-letters": gettext_lazy("Letters to members of the last 30 days that the reading gate warned of."),
    "complaints": gettext_lazy("Complaints that wait for an answer."),
    "agreement": gettext_lazy(
        "How well readers of the same invented patients agreed beyond chance, in the round that closed last."
    ),
}
_CAUSES: dict[str, Words] = {
    "appeal": gettext_lazy("appeal"),
    "external_review": gettext_lazy("review outside the plan"),
    "peer_to_peer": gettext_lazy("talk between doctors"),
    "reopening": gettext_lazy("reopening"),
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number as it stands on the page."""

    key: str
    value: int | str
    note: str = ""
    tone: str = ""
    url: str

    @property
    def title(self) -> str:
        """Its words."""
        return str(TITLES[self.key])

    @property
    def definition(self) -> str:
        """What is counted."""
        return str(DEFINITIONS[self.key])


@dataclass(frozen=True, kw_only=True)
class _Page:
    """What was asked for, and the group of lines of business chosen, by its place in the list (None: all)."""

    asked: Asked
    group: int | None

    def url(self, key: str, group: int | None = None) -> str:
        """The address of the list behind a figure."""
        chosen = self.group if group is None else group
        return reverse("command:behind", args=[key]) + (f"?line={chosen}" if chosen is not None else "")

    def figure(self, key: str, value: int | str, note: str = "", *, tone: str = "") -> Figure:
        """A figure with its address."""
        return Figure(key=key, value=value, note=note, tone=tone if value else "", url=self.url(key))


def _page(request: HttpRequest) -> _Page:
    user = actor(request)
    plans = plans_visible_to(user, Permission.SEE_FIGURES)
    said = whole(request.GET.get("line", ""))
    group = said if said is not None and said < len(LINE_GROUPS) else None
    return _Page(
        asked=Asked(
            user=user, at=now(), zone=ZoneInfo(plans[0].time_zone if plans else "America/New_York"),
            lines_of_business=frozenset(str(each) for each in LINE_GROUPS[group][1]) if group is not None else frozenset(),
        ),
        group=group,
    )  # fmt: skip


def _of(part: int, whole: int) -> str:
    return _("%(share)s %% of %(whole)d") % {"share": f"{100 * part / whole:.0f}", "whole": whole} if whole else ""


def _promises(page: _Page) -> list[dict[str, Any]]:
    """Return a row for each group of lines of business, and the whole."""
    found = queries.promise(page.asked)
    rows = []
    for number, (words, lines) in enumerate(LINE_GROUPS):
        own = [found[line] for line in lines if line in found]
        if page.group is None or page.group == number:
            cells = {key: sum(getattr(row, key.replace("-", "_")) for row in own) for key in ("due", "at-risk", "late")}
            rows.append({"words": words, "cells": [(key, n, page.url(key, number)) for key, n in cells.items()]})
    return rows


def _flow(page: _Page) -> dict[str, Any]:
    hours = queries.by_hour(page.asked)
    balls, shares = queries.balls(page.asked), queries.shares(page.asked)
    return {
        "drawing": flow(
            [Column(label=f"{hour:02}:00", counts=counts, url="") for hour, counts in enumerate(hours)],
            kinds=[_("came"), _("decided")], now=page.asked.at.astimezone(page.asked.zone).hour,
            label=_("Requests that came and lines decided, by hour"), empty=_("Nothing came and nothing was decided today."),
        ),
        "balls": parts_bar(
            [
                ("payer", _("plan"), balls.plan, str(balls.plan), page.url("with-plan")),
                ("transit", _("physician"), balls.physician, str(balls.physician), page.url("with-physician")),
                ("provider", _("provider"), balls.provider, str(balls.provider), page.url("with-provider")),
            ]
        )
        if balls.whole
        else "",
        "open_lines": balls.whole,
        "figures": [
            page.figure("came", sum(came for came, _decided in hours)),
            page.figure("decided", sum(decided for _came, decided in hours)),
            page.figure("by-rule", shares.by_rule, _of(shares.by_rule, shares.decided)),
            page.figure("rule-changed", shares.changed, _of(shares.changed, shares.by_rule), tone="attention"),
        ],
    }  # fmt: skip


def _quality(page: _Page) -> list[Figure]:
    overturns, letters, complaints = (
        queries.overturns(page.asked), queries.letters(page.asked), queries.complaints(page.asked)
    )  # fmt: skip
    causes = ", ".join(f"{_CAUSES.get(key, key)} {n}" for key, n in sorted(overturns.items()))
    fast = _("%(fast)d fast; %(right)d were right in 90 days") % {"fast": complaints.fast, "right": complaints.right}
    shares = queries.shares(page.asked)
    return [
        page.figure("denied", shares.denied, _of(shares.denied, shares.decided)),
        page.figure("overturned", sum(overturns.values()), causes, tone="attention"),
        page.figure("hard-letters", letters.hard, _of(letters.hard, letters.graded), tone="attention"),
        page.figure("complaints", complaints.open, fast),
        *_agreement(page),
    ]


def _agreement(page: _Page) -> list[Figure]:
    """Return how well readers agreed last, where a round was closed."""
    one = last_closed(plans_visible_to(page.asked.user, Permission.SEE_FIGURES))
    if one is None:
        return []
    whole = one.results["whole"]
    alike = _("%(guideline)s: %(share)s %% alike") % {
        "guideline": f"{one.guideline.key} {one.guideline.version}", "share": f"{100 * float(fraction(whole['observed']) or 0):.0f}"
    }  # fmt: skip
    kappa = fraction(whole["kappa"])
    return [
        Figure(
            key="agreement", value="–" if kappa is None else f"{float(kappa):.2f}", note=alike,
            tone="attention" if one.results["verdict"] in {"watch", "correct"} else "", url=reverse("agreement:rounds"),
        )
    ]  # fmt: skip


@require_GET
@needs(Permission.SEE_FIGURES)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the rows. No case is shown, so no read is recorded; the lists behind the figures record theirs."""
    page = _page(request)
    promises = _promises(page)
    more = [(row, row.context(page.asked.user)) for row in contributed.rows()]
    return render(
        request,
        "command/dashboard.html",
        {
            "as_of": moment(page.asked.at, page.asked.zone.key),
            "groups": [(str(n), words, n == page.group) for n, (words, _lines) in enumerate(LINE_GROUPS)],
            "chosen": page.group is not None,
            "query": f"?line={page.group}" if page.group is not None else "",
            "promises": promises,
            "totals": [
                page.figure(key, sum(row["cells"][n][1] for row in promises), tone=tone)
                for n, (key, tone) in enumerate([("due", ""), ("at-risk", "attention"), ("late", "danger")])
            ],
            "flow": _flow(page),
            "quality": _quality(page),
            "more": [
                {"row": row, "html": render_to_string(row.template, dict(given), request)}
                for row, given in more
                if given is not None
            ],
        },
    )


@require_GET
@needs(Permission.SEE_FIGURES)
def dashboard_file(request: HttpRequest) -> HttpResponse:
    """Return the figures as CSV, each with its definition and the time it was counted."""
    page = _page(request)
    return sheet("command", _figures(page), at=page.asked.at)


def _figures(page: _Page) -> Iterator[Sequence[object]]:
    yield ("figure", "value", "note", "definition", "as_of")
    promises = _promises(page)
    for n, key in enumerate(("due", "at-risk", "late")):
        yield (key, sum(row["cells"][n][1] for row in promises), "", DEFINITIONS[key], page.asked.at.isoformat())
    for figure in (*_flow(page)["figures"], *_quality(page)):
        yield (figure.key, figure.value, figure.note, figure.definition, page.asked.at.isoformat())


@require_GET
@needs(Permission.SEE_FIGURES)
def behind(request: HttpRequest, figure: str) -> HttpResponse:
    """List the cases behind a figure."""
    if figure not in {*queries.DUTIES, *queries.LISTS}:
        raise Http404
    page = _page(request)
    user, at = page.asked.user, page.asked.at
    number = page_asked(request)
    found = queries.cases_behind(page.asked, figure, start=(number - 1) * PAGE, count=PAGE + 1)
    shown = found[:PAGE]
    audit.record_reads(by=user, at=at, case_ids=[case.public_id for case in shown], why=f"command: {figure}")
    faces = faces_of([case.pk for case in shown], at=at)
    address = page.url(figure) + ("&" if page.group is not None else "?")
    context = {
        "title": TITLES[figure],
        "definition": DEFINITIONS[figure],
        "group": LINE_GROUPS[page.group][0] if page.group is not None else "",
        "query": f"?line={page.group}" if page.group is not None else "",
        "as_of": short_moment(at, page.asked.zone.key),
        "rows": [
            {
                "case": case,
                "clock": clock_chip(faces[case.pk]) if case.pk in faces else "",
                "opened": short_moment(case.opened_at, case.plan.time_zone),
            }
            for case in shown_to(user, shown)
        ],
        "pages": {
            "words": _("Page %(n)d") % {"n": number},
            "previous_url": f"{address}page={number - 1}" if number > 1 else "",
            "next_url": f"{address}page={number + 1}" if len(found) > PAGE else "",
        },
    }
    return render(request, "command/behind.html", context)
