"""What the metrics of claims contribute to the director's page: use and cost of the newest statement of each plan."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop as _

from openum.accounts.models import User
from openum.command.rows import Row, register
from openum.design.columns import spark
from openum.utilization import queries
from openum.utilization.rules import ALL
from openum.utilization.words import NAMES, UNITS, value_words

SHOWN = (
    "acute_admits", "acute_days", "ed_visits_treat_and_release", "snf_days", "readmit_hwr_rate", "medical_paid_all",
    "pharmacy_paid_enrolled",
)  # fmt: skip


def _cost_and_use(user: User) -> Mapping[str, Any] | None:
    shown = []
    for statement in queries.newest(user):
        years = queries.year_figures(statement, ALL)
        months = queries.month_figures(statement, ALL, list(SHOWN))
        shown.append(
            {
                "statement": statement,
                "rows": [
                    {
                        "metric": metric, "name": NAMES[metric], "value": value_words(years[metric].value, years[metric].unit),
                        "unit": UNITS.get(years[metric].unit, ""), "spark": spark([each.value for each in months.get(metric, [])]),
                    }
                    for metric in SHOWN
                    if metric in years
                ],
            }
        )  # fmt: skip
    return {"statements": shown} if shown else None


def register_rows() -> None:
    """Register the row; called once at start."""
    register(Row("cost", _("Cost and use"), "utilization/command.html", _cost_and_use, place=4))
