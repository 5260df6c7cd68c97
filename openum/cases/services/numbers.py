"""Numbers for people: case and authorization numbers, without gaps under a lock."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from openum.cases.models import NumberSeries
from openum.vocabulary.identifiers import authorization_number, case_number


def _next(series: str, year: int) -> int:
    with transaction.atomic():
        if not NumberSeries.objects.filter(series=series, year=year).update(last=F("last") + 1):
            NumberSeries.objects.get_or_create(series=series, year=year)
            NumberSeries.objects.filter(series=series, year=year).update(last=F("last") + 1)
        return NumberSeries.objects.values_list("last", flat=True).get(series=series, year=year)


def next_case_number(*, at: datetime) -> str:
    """Draw the next case number of the year."""
    return case_number(year=at.year, sequence=_next("case", at.year))


def next_authorization_number(*, at: datetime) -> str:
    """Draw the next authorization number of the year."""
    return authorization_number(year=at.year, sequence=_next("authorization", at.year))
