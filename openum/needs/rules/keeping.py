"""How long an answer is kept. Pure."""

from datetime import date, timedelta

KEPT_DAYS = 180
"""After it was last told: time for a form and a request to name it. One that a request names stays with its case."""


def keep_until(*, told_on: date, valid_to: date | None) -> date:
    """Return the first day on which an answer that no request names may be removed."""
    return max(told_on, valid_to or told_on) + timedelta(days=KEPT_DAYS)
