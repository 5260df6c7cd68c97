"""What a spreadsheet opens: numbers stay numbers, and no text is read as a formula or a link."""

import io
import zipfile
from datetime import UTC, datetime

from openum.design.workbooks import workbook

AT = datetime(2026, 11, 16, 17, tzinfo=UTC)


def test_text_is_never_a_formula_and_numbers_are_numbers():
    answer = workbook(
        "figures",
        {"A table with a title that is far too long": [("name", "count"), ("=1+1", 3.5), ("https://x.example", "")]},
        at=AT,
    )
    assert answer["Content-Disposition"] == 'attachment; filename="figures-2026-11-16.xlsx"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        page, words = (parts.read(name).decode() for name in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"))
        titles = parts.read("xl/workbook.xml").decode()
    assert "<f>" not in page
    assert "hyperlink" not in page
    assert "<v>3.5</v>" in page
    assert "=1+1" in words
    assert 'name="A table with a title that is fa"' in titles
    assert (
        answer.content
        == workbook(
            "figures",
            {
                "A table with a title that is far too long": [
                    ("name", "count"),
                    ("=1+1", 3.5),
                    ("https://x.example", ""),
                ]
            },
            at=AT,
        ).content
    )
