"""The list of findings with rule, amount and the time to answer, and what reviews came to."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import day
from openum.design.sheets import sheet
from openum.retrospective.faces import ISSUES, OUTCOMES
from openum.retrospective.models import ClaimFinding
from openum.retrospective.queries import findings_visible_to, standing_of
from openum.retrospective.rules.findings import Issue
from openum.retrospective.rules.outcomes import Reviewed, sums
from openum.vocabulary.money import dollars

MOST = 500
HEADS = (
    "finding", "version", "claim_id", "claim_line", "rules", "issue", "amount", "sent", "reply_by", "reply", "outcome",
)  # fmt: skip


def _rows(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the latest findings first, each with the outcome of its line."""
    user = actor(request)
    found = list(findings_visible_to(user).order_by("-made_at", "-pk")[:MOST])
    standings = {row.claim_line_id: standing_of(row.claim_line) for row in found}
    audit.record_reads(
        by=user, at=now(), why="claim findings",
        case_ids=list(dict.fromkeys(row.claim_line.line.case.public_id for row in found)),
    )  # fmt: skip
    return [
        {
            "finding": row, "standing": standings[row.claim_line_id],
            "is_latest": standings[row.claim_line_id].findings[-1].pk == row.pk,
            "rules": ", ".join(f"{lead.rule} {lead.rule_version}" for lead in row.claim_line.leads.order_by("rule")),
            "reply": _reply_word(row),
        }
        for row in found
    ]  # fmt: skip


def _reply_word(row: ClaimFinding) -> str:
    reply = getattr(row, "rebuttal", None)
    if reply is None:
        return ""
    if reply.agrees:
        return "agrees"
    return {None: "rebutted", True: "rebuttal accepted", False: "rebuttal refused"}[reply.is_accepted]


@require_safe
@needs(Permission.REVIEW_LINES)
def findings(request: HttpRequest) -> HttpResponse:
    """List findings, and what the reviews came to."""
    rows = _rows(request)
    for row in rows:
        found = row["finding"]
        zone = ZoneInfo(found.claim_line.line.case.product.time_zone)
        row |= {
            "issue": ISSUES[Issue(found.issue)], "amount": dollars(found.amount_cents),
            "reply_by": day(found.reply_by.astimezone(zone).date()) if found.reply_by else "",
            "outcome": OUTCOMES[row["standing"].outcome],
        }  # fmt: skip
    total = sums(
        Reviewed(
            outcome=row["standing"].outcome, issue=row["finding"].issue if row["is_latest"] else "",
            amount_cents=row["finding"].amount_cents, was_sent=row["finding"].sent_at is not None and row["finding"].version == 1,
            rebuttal_held=row["reply"] == "rebuttal accepted",
        )
        for row in rows
    )  # fmt: skip
    context = {
        "rows": rows, "sums": total,
        "by_issue": [(ISSUES[Issue(key)], dollars(cents)) for key, cents in total.by_issue.items()],
    }  # fmt: skip
    return render(request, "retrospective/findings.html", context)


@require_safe
@needs(Permission.REVIEW_LINES)
def findings_file(request: HttpRequest) -> HttpResponse:
    """Return the findings as a table; times are in UTC."""
    cells: list[tuple[object, ...]] = [HEADS]
    for row in _rows(request):
        found, line = row["finding"], row["finding"].claim_line
        cells.append(
            (
                found.number, found.version, line.claim_id, line.number, row["rules"], found.issue,
                f"{found.amount_cents / 100:.2f}", found.sent_at.isoformat() if found.sent_at else "",
                found.reply_by.isoformat() if found.reply_by else "", row["reply"], row["standing"].outcome,
            )
        )  # fmt: skip
    return sheet("claim-findings", cells, at=now())
