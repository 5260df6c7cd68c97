"""Workbooks (XLSX) that people download: several tables in one file, numbers as numbers and text never as a formula."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import xlsxwriter
from django.http import HttpResponse

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_TITLE = 31


def workbook(name: str, tables: Mapping[str, Iterable[Sequence[object]]], *, at: datetime) -> HttpResponse:
    """Return tables as one XLSX file called by name and day, a sheet for each; the first row of each is its heads.

    The same tables at the same instant give the same bytes.
    """
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": at.replace(tzinfo=None)})
    bold = book.add_format({"bold": True, "bottom": 1})
    for title, rows in tables.items():
        page = book.add_worksheet(title[:_LONGEST_TITLE])
        widths: list[int] = []
        for line, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, int | float):
                    page.write_number(line, place, value)
                else:
                    page.write_string(line, place, str(value), bold if line == 0 else None)
                widths += [0] * (place + 1 - len(widths))
                widths[place] = max(widths[place], len(str(value)))
        for place, width in enumerate(widths):
            page.set_column(place, place, min(width + 2, 60))
        page.freeze_panes(1, 0)
    book.close()
    answer = HttpResponse(made.getvalue(), content_type=_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{name}-{at:%Y-%m-%d}.xlsx"'
    return answer
