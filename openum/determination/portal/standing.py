"""Reads the facts that the requester's and the member's pages tell, for one case or a page of them."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openum.cases.models import Case, InformationRequest, ServiceLine
from openum.cases.rules import case_status
from openum.clocks.models import Clock
from openum.clocks.queries import binding_clocks
from openum.determination.models import AuthorizationSegment, Determination
from openum.determination.portal.stages import Standing, lead_line
from openum.determination.substitutions import is_other_than_asked
from openum.directory.models import Code
from openum.vocabulary.terms import ClockPurpose, LineStatus


def lines_by_case(case_ids: Sequence[int]) -> dict[int, list[ServiceLine]]:
    """Return the current lines of many cases with one query."""
    found: dict[int, list[ServiceLine]] = {case_id: [] for case_id in case_ids}
    for line in ServiceLine.objects.filter(case_id__in=case_ids, replaced_by__isnull=True).order_by("sequence", "pk"):
        found[line.case_id].append(line)
    return found


def service_words(line: ServiceLine | None, case: Case) -> str:
    """Return the service in our own words, in the reader's language where the code list has them."""
    if line is None:
        return case.summary
    if (get_language() or "en").startswith("es"):
        row = Code.objects.filter(code=line.code, code_list__system=line.code_system).exclude(wording_es="").first()
        if row is not None:
            return _capital(row.wording_es)
    return _capital(line.wording or line.code or case.summary)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def standings(cases: Sequence[Case]) -> dict[int, Standing]:
    """Return where each case stands, with a handful of queries for all of them."""
    ids = [case.pk for case in cases]
    lines = lines_by_case(ids)
    clocks = binding_clocks(ids)
    questions: dict[int, InformationRequest] = {}
    for question in InformationRequest.objects.filter(case_id__in=ids, closed_at__isnull=True).order_by("asked_at"):
        questions[question.case_id] = question
    decisions: dict[int, Determination] = {}
    for row in Determination.objects.filter(line__case_id__in=ids, superseded_by__isnull=True).order_by("decided_at"):
        decisions[row.line_id] = row
    segments: dict[int, AuthorizationSegment] = {}
    for segment in AuthorizationSegment.objects.filter(
        authorization__case_id__in=ids, superseded_at__isnull=True
    ).select_related("authorization", "determination__line__added_code"):
        segments[line_of(segment)] = segment
    unsent = set(
        Clock.objects.filter(
            case_id__in=ids, purpose__in=[ClockPurpose.NOTIFY_IN_WRITING], stopped_at__isnull=True, binds=True
        ).values_list("case_id", flat=True)
    )
    found: dict[int, Standing] = {}
    for case in cases:
        own = lines[case.pk]
        status = case_status([LineStatus(line.status) for line in own])
        lead = lead_line(own, status)
        clock, asked = clocks.get(case.pk), questions.get(case.pk)
        decision = decisions.get(lead.pk) if lead else None
        given = segments.get(lead.pk) if lead else None
        found[case.pk] = Standing(
            status=status,
            service=service_words(lead, case),
            zone=case.plan.time_zone,
            received_at=case.opened_at,
            due_at=clock.due_at if clock else None,
            asked_at=asked.asked_at if asked else None,
            respond_by=asked.respond_by if asked else None,
            decided_at=decision.decided_at if decision else None,
            valid_from=given.valid_from if given else None,
            last_day=_last_day(given.valid_to) if given else None,
            is_overturned=bool(decision and decision.supersedes_id and not decision.is_adverse),
            letter_is_out=case.pk not in unsent,
        )
    return found


def _last_day(after: date | None) -> date | None:
    return after - timedelta(days=1) if after else None


def authorizations_of(cases: Collection[Case]) -> QuerySet[AuthorizationSegment]:
    """The segments in force of many cases, each with the units used of it."""
    rows = AuthorizationSegment.objects.filter(authorization__case__in=cases, superseded_at__isnull=True)
    rows = rows.select_related("authorization__line", "determination__line__added_code")
    return rows.annotate(used=Coalesce(Sum("usage__units"), Decimal(0)))


def line_of(segment: AuthorizationSegment) -> int:
    """Return the primary key of the line a segment stands for: the authorization's, or the one that was added to it."""
    return segment.determination.line_id if is_added(segment) else segment.authorization.line_id


def is_added(segment: AuthorizationSegment) -> bool:
    """Say whether a segment, read with its decision, is of a code that was added after the operation."""
    return hasattr(segment.determination.line, "added_code")


def units_words(segment: AuthorizationSegment) -> str:
    """Return how many units were used of how many, for a segment of `authorizations_of`; empty where none were set."""
    if segment.units is None:
        return ""
    used: Decimal = segment.used  # type: ignore[attr-defined]  # annotated
    return _("%(used)s of %(units)s used") % {
        "used": f"{used.normalize():f}", "units": f"{segment.units.normalize():f}"
    }  # fmt: skip


def authorization_numbers(case: Case) -> dict[int, dict[str, Any]]:
    """Return number, period and use of the authorization of each line, by the line's primary key."""
    rows = authorizations_of([case])
    return {
        line_of(row): {
            "number": row.authorization.number,
            "from": row.valid_from,
            "to": _last_day(row.valid_to),
            "words": units_words(row),
            "other_code": row.code if not is_added(row) and is_other_than_asked(row, row.authorization.line) else "",
        }
        for row in rows
    }
