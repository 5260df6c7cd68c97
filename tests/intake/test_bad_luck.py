"""Uploads that go wrong: each is told in a sentence, its receipt is kept, nothing is run and nothing is lost."""

import pytest

from openum.cases.pictures import MOST_PAGES, PaperNotUsable
from openum.intake.models import Paper, PaperPage
from openum.jobs.models import Job
from openum.submission.drafts import FileNotUsable
from openum.submission.models import Submission
from tests.intake.papers import locked_pdf, pdf, picture, unfolding_picture

BAD = {
    "an executable named .pdf": (b"MZ\x90\x00\x03\x00\x00\x00" + bytes(range(256)) * 8, FileNotUsable, "not a PDF"),
    "a zip archive named .pdf": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(200), FileNotUsable, "not a PDF"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", FileNotUsable, "text file"),
    "an empty file": (b"", FileNotUsable, "empty"),
    "a damaged PDF": (b"%PDF-1.7\n" + b"junk" * 100, PaperNotUsable, "damaged"),
    "a PDF with a password": (locked_pdf, PaperNotUsable, "locked with a password"),
    "a picture that unfolds": (unfolding_picture, PaperNotUsable, "unfolds"),
    "half a picture": (lambda: picture()[:4000], PaperNotUsable, "damaged"),
    "too many pages": (lambda: pdf(pages=MOST_PAGES + 1), PaperNotUsable, "at most"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_shown_is_refused_in_a_sentence_and_its_receipt_kept(put, at, name):
    content, refusal, said = BAD[name]
    content = content() if callable(content) else content
    with pytest.raises(refusal, match=said):
        put(content)
    receipt = Submission.objects.get(door="desk upload")
    assert (receipt.state, receipt.received_at, receipt.raw_size) == (Submission.REFUSED, at, len(content))
    assert said in receipt.problems[0]["text"]
    assert (receipt.raw is None) == (refusal is FileNotUsable)
    assert (Paper.objects.count(), Job.objects.filter(kind="intake.read_page").count()) == (0, 0)


def test_a_file_over_the_limit_leaves_its_receipt_without_its_bytes(put, monkeypatch):
    monkeypatch.setattr("openum.intake.papers.services.receiving.MAX_FILE_BYTES", 1000)
    with pytest.raises(FileNotUsable, match="larger than 15 MB"):
        put(pdf())
    assert Submission.objects.get(door="desk upload").raw is None


def test_two_hundred_pages_are_taken_in_and_the_first_ones_read(put):
    paper = put(pdf(pages=200))
    assert paper.pages.count() == 200
    assert Job.objects.filter(kind="intake.read_page").count() == 20
    assert PaperPage.objects.filter(paper=paper, not_read_because="later").count() == 180
