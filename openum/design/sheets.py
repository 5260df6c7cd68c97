"""Tables that people download and open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.http import HttpResponse


def harmless(value: str) -> str:
    """Keep a spreadsheet from reading a text as a formula."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def sheet(name: str, rows: Iterable[Sequence[object]], *, at: datetime) -> HttpResponse:
    """Return rows as a CSV file called by name and day; numbers stay numbers, also below nought."""
    text = io.StringIO()
    csv.writer(text).writerows(
        [value if isinstance(value, int | float) else harmless(str(value)) for value in row] for row in rows
    )
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{at:%Y-%m-%d}.csv"'
    return answer
