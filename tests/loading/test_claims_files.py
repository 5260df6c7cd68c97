"""Claims files on their page: told by their bytes, mapped, loaded by a job, mended, admitted and taken back."""

import gzip
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from openum.accounts.services import register_person
from openum.analytics.store.sniff import FREE_BYTES, proposed, sniff, table_by_heads
from openum.audit.models import EventRow
from openum.db import clock
from openum.jobs import run_due
from openum.loading.models import ClaimsFile, ClaimsLoad, HeaderMapping
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Role

STRANGE = {
    "a Windows program": (b"MZ\x90\0", "is a Windows program"),
    "a script": (b"#!/bin/sh\n", "is a script"),
    "a spreadsheet": (b"PK\x03\x04", "is a ZIP archive or a spreadsheet"),
    "an ELF in gzip": (gzip.compress(b"\x7fELF123"), "unpacked, is a program"),
    "a bomb": (gzip.compress(b"0" * (FREE_BYTES + 1), 9), "unpacks to more than"),
    "half a Parquet file": (b"PAR1 and no more", "is no complete Parquet file"),
    "half a gzip file": (gzip.compress(b"a,b\n1,2\n")[:-9], "cannot be read to its end"),
    "nothing": (b"", "is empty"),
    "bytes": (b"a\0b", "is no text"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_no_claims_file_is_refused_by_its_bytes(tmp_path, name):
    content, said = STRANGE[name]
    (tmp_path / "claims.csv").write_bytes(content)
    with pytest.raises(OpenUMError, match=said):
        sniff(tmp_path / "claims.csv", "claims.csv")


def test_headers_of_other_systems_are_understood():
    heads = ["Claim Number", "LINE", "MemberID", "Service From", "paid", "DX1", "CPT"]
    assert table_by_heads(heads) == "medical_claim"
    assert proposed("medical_claim", heads) == {
        "claim_id": "Claim Number", "claim_line_number": "LINE", "person_id": "MemberID", "claim_start_date": "Service From",
        "paid_amount": "paid", "diagnosis_code_1": "DX1", "hcpcs_code": "CPT",
    }  # fmt: skip


PEOPLE = b"Mbr_ID,payer,Eff_Date,Term_Date\n0001,commercial,2024-01-01,2024-12-31\n"
LINES = b"Claim Number,Line,MemberID,Service From,Paid\nC1,1,0001,2024-03-01,10.00\nC2,1,0001,someday,20.00\nC3,1,,2024-03-02,5.00\n"


@pytest.fixture
def browser(world, at, settings, tmp_path):
    """A director's browser, and who else keeps claims but sees no members."""
    settings.OPENUM_DATA = tmp_path
    clock.set_demo_clock(at)
    found = {}
    for role in (Role.DIRECTOR, Role.INTEGRATOR):
        found[role] = Client()
        found[role].force_login(
            register_person(
                email=f"{role}@test.invalid", name=str(role), password=None, roles=[(role, world.plan, None)]
            )
        )
    return found


def work(at):
    for _ in range(6):
        run_due(at + timedelta(minutes=5))


@pytest.mark.django_db(transaction=True)
def test_files_are_given_mapped_loaded_mended_and_taken_back(world, at, browser):
    page, other = browser[Role.DIRECTOR], browser[Role.INTEGRATOR]
    plan = str(world.plan.public_id)
    given = lambda *files: {
        "plan": plan,
        "source": "old",
        "encoding": "utf-8",
        "given": [SimpleUploadedFile(*file) for file in files],
    }
    refused = page.post(reverse("loading:loads"), given(("claims.csv", b"MZ\x90\0")))
    assert refused.status_code == 422
    assert "is a Windows program" in refused.content.decode()
    assert not ClaimsLoad.objects.exists()

    page.post(
        reverse("loading:loads"),
        given(
            ("members.csv", PEOPLE),
            ("lines.csv", LINES),
            ("medical_claim_bad.csv", b"claim_id,claim_line_number,person_id\n1,2\n"),
        ),
    )
    load = ClaimsLoad.objects.get()
    address = reverse("loading:load", args=[load.public_id])
    people, lines, bad = load.files.order_by("pk")
    assert (people.table, lines.table) == ("eligibility", "medical_claim")
    shown = page.get(address).content.decode()
    assert "Claim Number" in shown
    told = {f"table-{file.pk}": file.table for file in (people, lines, bad)}
    told |= {f"head-{file.pk}-{place}": next((name for name, head in file.mapping.items() if head == each), "") for file in (people, lines) for place, each in enumerate(file.heads)}  # fmt: skip
    assert (
        "The table needs them" in page.post(address, told | {"start": "1", f"head-{lines.pk}-0": ""}).content.decode()
    )
    assert page.post(address, told | {"start": "1", "keep_as": "Old system"}).status_code == 302
    assert {row.table for row in HeaderMapping.objects.all()} == {"eligibility", "medical_claim"}
    assert page.post(address, told | {"start": "1"}).status_code == 409
    work(at)
    states = {file.name: (file.state, file.taken, file.set_aside) for file in ClaimsFile.objects.all()}
    assert states["members.csv"] == ("loaded", 1, 0)
    assert states["lines.csv"] == ("loaded", 1, 2)
    assert states["medical_claim_bad.csv"][0] == "refused"
    load.refresh_from_db()
    assert load.state == "ended"
    assert any(row["id"] == "unknown-diagnosis" for row in load.scorecard)
    ended = page.get(address).content.decode()
    assert "medical_claim_bad.csv, line 2" in ended
    assert "/incoming/" not in ended

    aside = reverse("loading:aside", args=[lines.public_id])
    rows = page.get(aside).content.decode()
    assert "There is no person_id." in rows
    assert 'value="someday"' in rows
    hidden = other.get(aside).content.decode()
    assert "There is no person_id." in hidden
    assert "someday" not in hidden
    assert other.post(aside, {"row": "1", "value-claim_start_date": "2024-03-05", "reason": "x"}).status_code == 404
    assert other.get(reverse("loading:aside-file", args=[lines.public_id])).status_code == 404
    assert page.post(aside, {"row": "1", "value-claim_start_date": "2024-03-05", "reason": ""}).status_code == 422
    assert (
        page.post(aside, {"row": "1", "value-claim_start_date": "2024-03-05", "reason": "the paper"}).status_code == 302
    )
    assert page.post(aside, {}).status_code == 302
    work(at)
    again = ClaimsFile.objects.get(repairs_of=lines)
    assert (again.state, again.taken, again.set_aside) == ("loaded", 1, 1)
    assert "No row of this file waits" in page.get(aside).content.decode()
    still = page.get(reverse("loading:aside-file", args=[again.public_id]))
    body = still.getvalue()
    assert b"C3" in body
    mended = body.replace(b",C3,1,,", b",C3,1,0001,")
    page.post(reverse("loading:aside", args=[again.public_id]), {"file": SimpleUploadedFile("x.csv", mended)})
    work(at)
    assert ClaimsFile.objects.get(repairs_of=again).taken == 1

    assert page.post(reverse("loading:take-back", args=[lines.public_id]), {"reason": ""}).status_code == 422
    assert page.post(reverse("loading:take-back", args=[lines.public_id]), {"reason": "wrong month"}).status_code == 302
    assert ClaimsFile.objects.filter(state="taken_back").count() == 3
    assert page.post(reverse("loading:take-back", args=[lines.public_id]), {"reason": "again"}).status_code == 404
    assert page.get(reverse("loading:loads")).status_code == 200
    kinds = set(EventRow.objects.values_list("type", flat=True))
    assert {
        "ClaimsUploaded",
        "ClaimsFileMoved",
        "ClaimsRowsRead",
        "ClaimsRowRepaired",
        "ClaimsFileTakenBack",
        "HeaderMappingKept",
    } <= kinds
    assert not EventRow.objects.filter(data__icontains="someday").exists()
