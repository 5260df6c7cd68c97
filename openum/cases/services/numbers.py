"""Numbers for people: case and authorization numbers, without gaps under a lock."""

from datetime import datetime

from openum.db import plain
from openum.vocabulary.identifiers import authorization_number, call_number, case_number, receipt_number


def _next(series: str, year: int) -> int:
    """Draw the next number; the row stays locked until the transaction ends, so no number is given twice."""
    ((drawn,),) = plain.execute(
        "INSERT INTO cases_numberseries (series, year, last) VALUES (%s, %s, 1) "
        "ON CONFLICT (series, year) DO UPDATE SET last = cases_numberseries.last + 1 RETURNING last",
        [series, year],
    )
    return int(drawn)


def next_case_number(*, at: datetime) -> str:
    """Draw the next case number of the year."""
    return case_number(year=at.year, sequence=_next("case", at.year))


def next_authorization_number(*, at: datetime) -> str:
    """Draw the next authorization number of the year."""
    return authorization_number(year=at.year, sequence=_next("authorization", at.year))


def next_receipt_number(*, at: datetime) -> str:
    """Draw the next number of a receipt that no authorization is needed."""
    return receipt_number(year=at.year, sequence=_next("receipt", at.year))


def next_call_number(*, at: datetime) -> str:
    """Draw the next number of a call in which a request is taken."""
    return call_number(year=at.year, sequence=_next("call", at.year))
