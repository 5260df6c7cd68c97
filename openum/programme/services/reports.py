"""Public reports: the figures of a year, frozen and posted."""

import hashlib
import json
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.directory.queries import policies_on
from openum.needs.queries import REQUIREMENTS
from openum.needs.reading import read_requirements
from openum.needs.rules.lists import Authorization
from openum.programme.book import book
from openum.programme.events import PublicReportFrozen
from openum.programme.models import PublicReport
from openum.programme.queries import Level, asked_in, levels_of
from openum.programme.rules.public_metrics import figures
from openum.vocabulary.errors import Conflict, Invalid, Missing

ASKED_FOR = {Authorization.NEEDED, Authorization.CONDITIONAL, Authorization.BY_PERFORMER}


class LevelUnknown(Missing):
    """The plan posts nothing for this contract, plan, state or issuer."""

    code: ClassVar[str] = "public-metrics-level-unknown"


class YearNotOver(Invalid):
    """Figures of a year are frozen when it is over."""

    code: ClassVar[str] = "public-metrics-year-not-over"


class LevelUnnamed(Invalid):
    """The products of the level do not say to which contract or state they belong."""

    code: ClassVar[str] = "public-metrics-level-unnamed"


class CorrectionUnexplained(Conflict):
    """Figures of this year are posted; another version needs a reason."""

    code: ClassVar[str] = "public-metrics-correction-unexplained"


def level_of(plan: Plan, line_of_business: str, key: str) -> Level:
    """Return one level of a plan.

    Raises:
        LevelUnknown: the plan has none of that name.
    """
    for level in levels_of([plan]):
        if level.posting.line_of_business == line_of_business and level.key == key:
            return level
    raise LevelUnknown("This plan posts no figures there. Open the list of reports again.")


def figures_of(level: Level, year: int, *, at: datetime) -> dict[str, Any]:
    """Return the figures of a level and year as they stand at an instant, with the readings and the services listed."""
    asked = asked_in(level.products, date(year, 1, 1), date(year + 1, 1, 1), zone=level.plan.time_zone, until=at)
    held = book()
    return figures(asked, held.elements) | {
        "year": year,
        "unit": "request",
        "notes": [dict(note) for note in held.notes],
        "book_version": held.version,
        "services": services_listed(level, on=at.astimezone(ZoneInfo(level.plan.time_zone)).date()),
    }


def services_listed(level: Level, *, on: date) -> list[dict[str, Any]]:
    """Return the services of a level that require prior authorization (element 1), by the name of their requirement."""
    found = []
    for policy in policies_on(plan=level.plan, kind=REQUIREMENTS, on=on):
        for row in read_requirements(policy.body).rows:
            laws = row.conditions.lines_of_business
            if row.authorization in ASKED_FOR and (not laws or level.posting.line_of_business in laws):
                codes = sorted(f"{system} {code}" for system, code in row.conditions.services)
                found.append(
                    {"service": row.key.replace("-", " "), "codes": codes, "list": f"{policy.key} {policy.version}"}
                )
    return sorted(found, key=lambda row: (row["service"], row["list"]))


def digest_of(kept: dict[str, Any]) -> str:
    """Return the SHA-256 of figures as canonical JSON, hexadecimal."""
    return hashlib.sha256(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@permitted(Permission.POST_METRICS, on="plan")
@transaction.atomic
def freeze_report(
    *, plan: Plan, line_of_business: str, level_key: str, year: int, because: str, by: User, at: datetime
) -> PublicReport:
    """Freeze and post the figures of a year; what is posted never changes, a correction is another version.

    Raises:
        PermissionRefused, OutOfReach: the actor does not post figures of this plan.
        LevelUnknown: the plan has no such contract, plan, state or issuer.
        LevelUnnamed: its products name no contract or state.
        YearNotOver: the year still runs in the plan's zone.
        CorrectionUnexplained: a version is posted and no reason was given.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    level = level_of(plan, line_of_business, level_key)
    if level_key.startswith("no "):
        raise LevelUnnamed(
            f"The products name no {level.posting.level}. Enter it with the product, then freeze the figures."
        )
    if at.astimezone(ZoneInfo(plan.time_zone)).year <= year:
        raise YearNotOver(f"The year {year} is not over. Its figures can be frozen from January 1, {year + 1}.")
    earlier = (
        PublicReport.objects.filter(plan=plan, line_of_business=line_of_business, level_key=level_key, year=year)
        .order_by("-version")
        .first()
    )
    if earlier is not None and not because.strip():
        raise CorrectionUnexplained("Figures of this year are posted. Say why they have to be corrected.")
    kept = figures_of(level, year, at=at)
    report = PublicReport.objects.create(
        plan=plan, line_of_business=line_of_business, level=level.posting.level, level_key=level_key,
        citation=level.posting.citation, year=year, version=earlier.version + 1 if earlier else 1,
        because=because.strip() if earlier else "", figures=kept, digest=digest_of(kept), frozen_by=by, frozen_at=at,
    )  # fmt: skip
    audit.record(
        PublicReportFrozen(report_id=report.public_id, year=year, cause=report.because or "first version"), by=by, at=at
    )
    return report
