"""Many requests at once: rows read as a table of cases, told only to their office, each in its trail."""

import csv
import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from openum.audit.models import EventRow
from openum.determination.portal.asked_rows import MOST_ROWS, Fault, read_rows
from openum.determination.services import approve_line
from tests.provider.office import browser_of, stranger
from tests.world import knee_request, send

ADDRESS = "/requests/status/"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("c-26-0000001", [("C-26-0000001", "", None, None)]),
        ("M-1, 1960-05-04", [("", "M-1", date(1960, 5, 4), None)]),
        ("M-1;05/04/1960", [("", "M-1", date(1960, 5, 4), None)]),
        ("M-1\t05-04-1960\n\n,,\nA-26-7\t", [("", "M-1", date(1960, 5, 4), None), ("A-26-7", "", None, None)]),
        ("member number,birth date\nM-1,1960-05-04", [("", "M-1", date(1960, 5, 4), None)]),
        ("M-1", [("", "", None, Fault.NO_BIRTH_DATE)]),
        ("M-1, 1960-02-30", [("", "M-1", None, Fault.BIRTH_DATE)]),
        ("M-1, 1960-05-04, x", [("", "", None, Fault.COLUMNS)]),
    ],
)
def test_rows_are_read(text, expected):
    assert [(row.reference, row.member_number, row.birth_date, row.fault) for row in read_rows(text)] == expected


def test_rows_past_the_limit_are_told():
    rows = read_rows("C-26-1\n" * (MOST_ROWS + 5))
    assert (len(rows), rows[-1].fault, rows[-1].place) == (MOST_ROWS + 1, Fault.TOO_MANY, MOST_ROWS + 1)


@pytest.fixture
def case(world, demo_clock, at):
    made = send(world, knee_request(world, at=at), at=at).case
    approve_line(line=made.lines.get(), by=world.physician, at=at, rationale="Met.", cited_authority="NCD 1")
    return made


@pytest.mark.django_db
def test_each_way_to_name_a_request_tells_where_it_stands_and_bad_rows_say_why(world, case):
    number = case.authorizations.get().number
    named = [case.number, case.requests.get().administrative_number, number, "C-1, 1960-05-04"]
    bad = ["C-26-9999999", "C-1, 1961-05-04", "C-1", "C-1, soon"]
    office = browser_of(world.provider)
    page = office.post(ADDRESS, {"rows": "\n".join(named + bad)}).content.decode()
    assert "4 told, 4 not." in page
    assert page.count(f"/requests/{case.public_id}/") == 4
    assert page.count("Your organization has no such request.") == 2
    reads = EventRow.objects.filter(type="CasesRead")
    assert str(case.public_id) in reads.latest("pk").data
    file = office.post(ADDRESS, {"rows": f"{number}\nC-1", "do": "file"})
    assert file.headers["Content-Type"].startswith("text/csv")
    _heads, told, refused = csv.reader(io.StringIO(file.content.decode()))
    assert (told[2], told[6], told[9]) == (case.number, number, "")
    assert refused[9].startswith("A number of a request begins with")


@pytest.mark.django_db
def test_another_office_is_told_nothing(world, case):
    number = case.authorizations.get().number
    page = browser_of(stranger(world)).post(ADDRESS, {"rows": f"{case.number}\n{number}\nC-1, 1960-05-04"})
    assert "0 told, 3 not." in page.content.decode()
    assert str(case.public_id) not in page.content.decode()
    assert browser_of(world.nurse).get(ADDRESS).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"rows": " "}, "Enter at least one number"),
        ({"file": SimpleUploadedFile("x.csv", b"\xff\xfe\x00M")}, "This is no text"),
        ({"file": SimpleUploadedFile("x.csv", b"C-26-1\n" * 40_000)}, "larger than 200 kB"),
    ],
)
def test_nothing_or_no_table_is_told(world, demo_clock, sent, words):
    refused = browser_of(world.provider).post(ADDRESS, sent)
    assert (refused.status_code, words in refused.content.decode()) == (422, True)


@pytest.mark.django_db
def test_a_file_is_read_as_what_is_typed(world, case):
    file = SimpleUploadedFile("list.csv", f"reference\n{case.number}\n".encode("utf-8-sig"))
    assert "1 told, 0 not." in browser_of(world.provider).post(ADDRESS, {"file": file}).content.decode()
