"""Statements and figures as people may see them."""

from django.db.models import QuerySet

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.utilization.models import Figure, FigureList, Snapshot, Statement
from openum.utilization.rules import StatementState


def statements_visible_to(user: User) -> QuerySet[Statement]:
    """Statements of the plans whose figures a person sees, the newest first."""
    plans = scope_of(user).plans_with(Permission.SEE_FIGURES)
    return Statement.objects.filter(plan_id__in=plans).select_related("plan").order_by("-made_at", "-pk")


def newest(user: User) -> list[Statement]:
    """Return the newest ready statement of each plan."""
    found: dict[int, Statement] = {}
    for row in statements_visible_to(user).filter(state=StatementState.READY):
        found.setdefault(row.plan_id, row)
    return list(found.values())


def waiting(user: User) -> Statement | None:
    """Return the newest statement when it is being made or could not be."""
    row = statements_visible_to(user).first()
    return row if row is not None and row.state != StatementState.READY else None


def lists_visible_to(user: User) -> QuerySet[FigureList]:
    """Lists of rows of plans whose figures and members a person sees."""
    plans = scope_of(user).plans_with(Permission.SEE_PLAN_CASES)
    return FigureList.objects.filter(
        statement__in=statements_visible_to(user).order_by(), statement__plan_id__in=plans
    ).select_related("statement__plan", "asked_by")


def payers_of(statement: Statement) -> list[str]:
    """Return the payers of a statement, all together first."""
    rows = Figure.objects.filter(statement=statement, cut="").values_list("payer", flat=True)
    return sorted(set(rows), key=lambda payer: (payer != "ALL", payer))


def year_figures(statement: Statement, payer: str) -> dict[str, Figure]:
    """Return the year's figures of a payer by metric."""
    rows = Figure.objects.filter(statement=statement, payer=payer, month="", cut="")
    return {row.metric: row for row in rows}


def month_figures(statement: Statement, payer: str, metrics: list[str] | None = None) -> dict[str, list[Figure]]:
    """Return the figures by month of a payer, by metric, the oldest first."""
    rows = Figure.objects.filter(statement=statement, payer=payer, cut="").exclude(month="")
    if metrics is not None:
        rows = rows.filter(metric__in=metrics)
    found: dict[str, list[Figure]] = {}
    for row in rows.order_by("metric", "month"):
        found.setdefault(row.metric, []).append(row)
    return found


def cut_figures(statement: Statement, payer: str, metric: str) -> dict[str, list[Figure]]:
    """Return a metric's year by each cut, the groups with most of it first."""
    rows = Figure.objects.filter(statement=statement, payer=payer, metric=metric, month="").exclude(cut="")
    found: dict[str, list[Figure]] = {}
    for row in rows.order_by("cut", "-numerator", "group"):
        found.setdefault(row.cut, []).append(row)
    return found


def snapshots_visible_to(user: User) -> QuerySet[Snapshot]:
    """Snapshots of the plans whose figures a person sees, the newest first, without their files."""
    plans = scope_of(user).plans_with(Permission.SEE_FIGURES)
    return (
        Snapshot.objects.filter(plan_id__in=plans).select_related("plan").defer("pdf").order_by("-monday", "plan__name")
    )
