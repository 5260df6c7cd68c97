"""Puts the pages of papers in order: turn, black out, split, merge; each step can be undone. The bytes stay as received."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.intake.events import PaperChanged
from openum.intake.models import Paper, PaperPage, PaperStep
from openum.intake.papers.services.receiving import TO_ENTER, new_receipt
from openum.intake.reading.words import Box
from openum.submission.events import SubmissionSettled
from openum.submission.models import Submission
from openum.submission.rules import AlreadyAdmitted
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import Channel

_SMALLEST = 0.002
MERGED, SPLIT_UNDONE = "merged into another paper", "its split was undone"


def locked_paper(paper: Paper) -> Paper:
    """Lock an open paper until the transaction ends.

    Raises:
        AlreadyAdmitted: it was entered, merged or closed meanwhile.
    """
    row = Paper.objects.select_for_update(of=("self",)).select_related("plan", "submission", "member").get(pk=paper.pk)
    row.submission = Submission.objects.select_for_update(of=("self",)).get(pk=row.submission_id)
    if row.submission.state != Submission.WAITING:
        raise AlreadyAdmitted("This paper was dealt with meanwhile. Go back to the list to see where it went.")
    return row


def _pages(paper: Paper) -> list[PaperPage]:
    return list(paper.pages.select_for_update().order_by("position", "pk"))


def _as_it_is(pages: Iterable[PaperPage]) -> list[dict[str, Any]]:
    return [
        {"page": page.pk, "paper": page.paper_id, "position": page.position, "turn": page.turn, "hidden": page.hidden}
        for page in pages
    ]


def _note(
    paper: Paper, did: str, before: list[dict[str, Any]], *, by: User, at: datetime, other: Paper | None = None
) -> PaperStep:
    step = PaperStep.objects.create(paper=paper, other=other, did=did, before=before, by=by, at=at)
    Paper.objects.filter(pk=paper.pk).update(version=paper.version + 1, saved_at=at)
    audit.record(PaperChanged(paper_id=paper.public_id, step_id=step.public_id, cause=did), by=by, at=at)
    return step


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def turn_page(*, paper: Paper, page: PaperPage, by: User, at: datetime) -> PaperStep:
    """Turn a page clockwise by 90 degrees."""
    paper = locked_paper(paper)
    row = paper.pages.select_for_update().get(pk=page.pk)
    before = _as_it_is([row])
    row.turn = (row.turn + 90) % 360
    row.save(update_fields=["turn"])
    return _note(paper, "turn", before, by=by, at=at)


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def hide_area(*, paper: Paper, page: PaperPage, box: Box, by: User, at: datetime) -> PaperStep:
    """Black out an area of a page, given as fractions of the page as it is shown now.

    Raises:
        Invalid: no area of the page.
    """
    left, top, right, bottom = (min(1.0, max(0.0, edge)) for edge in box)
    if right - left < _SMALLEST or bottom - top < _SMALLEST:
        raise Invalid("Mark an area of the page: its right edge lies right of its left one, its lower edge below.")
    paper = locked_paper(paper)
    row = paper.pages.select_for_update().get(pk=page.pk)
    before = _as_it_is([row])
    row.hidden = [*row.hidden, [row.turn, left, top, right, bottom]]
    row.save(update_fields=["hidden"])
    return _note(paper, "hide", before, by=by, at=at)


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def split_paper(*, paper: Paper, page: PaperPage, by: User, at: datetime) -> Paper:
    """Split before a page: it and those after it become a paper of their own with the same receipt.

    Raises:
        Invalid: before the first page there is nothing to split off.
    """
    paper = locked_paper(paper)
    pages = _pages(paper)
    index = next((number for number, row in enumerate(pages) if row.pk == page.pk), 0)
    if index == 0:
        raise Invalid(
            "A paper is split before its second or a later page. Choose the page that begins the next request."
        )
    first = paper.submission
    receipt = new_receipt(
        plan=paper.plan, channel=Channel(first.channel), digest=first.raw_digest, size=first.raw_size, raw=None,
        retry_key="", received_at=first.received_at, by=by, at=at,
    )  # fmt: skip
    other = Paper.objects.create(plan=paper.plan, submission=receipt, title=paper.title, split_from=paper, saved_at=at)
    before = _as_it_is(pages)
    _move(pages[index:], other)
    _note(paper, "split", before, by=by, at=at, other=other)
    return other


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def merge_papers(*, paper: Paper, other: Paper, by: User, at: datetime) -> Paper:
    """Put the pages of another paper behind those of this one. The earliest receipt wins: that paper stays.

    Raises:
        Invalid: the same paper, or one of another plan.
        AlreadyAdmitted: one of them was dealt with.
    """
    if paper.pk == other.pk or paper.plan_id != other.plan_id:
        raise Invalid("Choose another paper of the same plan.")
    paper, other = (locked_paper(one) for one in sorted((paper, other), key=lambda one: one.pk))
    if (other.submission.received_at, other.pk) < (paper.submission.received_at, paper.pk):
        paper, other = other, paper
    pages, added = _pages(paper), _pages(other)
    before = _as_it_is([*pages, *added])
    _move(added, paper, behind=len(pages))
    _settle(other, MERGED, by=by, at=at)
    _note(paper, "merge", before, by=by, at=at, other=other)
    return paper


def _move(pages: Sequence[PaperPage], paper: Paper, *, behind: int = 0) -> None:
    for position, row in enumerate(pages, start=behind + 1):
        row.paper, row.position = paper, position
    PaperPage.objects.bulk_update(pages, ["paper", "position"])


def _settle(paper: Paper, note: str, *, by: User, at: datetime) -> None:
    receipt = paper.submission
    receipt.state, receipt.settled_by, receipt.settled_at, receipt.settled_note = Submission.SETTLED, by, at, note
    receipt.save(update_fields=["state", "settled_by", "settled_at", "settled_note"])
    audit.record(SubmissionSettled(submission_id=receipt.public_id, cause=note), by=by, at=at)


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def undo_step(*, paper: Paper, step: PaperStep, by: User, at: datetime) -> None:
    """Put pages back as they were before the paper's last step.

    Raises:
        Conflict: it is not the last step any more, or a page was worked on elsewhere since.
    """
    paper = locked_paper(paper)
    last = paper.steps.select_for_update().filter(undone_at__isnull=True).order_by("-pk").first()
    if last is None or last.pk != step.pk:
        raise Conflict("Only the last step can be undone. Reload the page to see what was done since.")
    _check_untouched_since(paper, last)
    rows = {
        row.pk: row for row in PaperPage.objects.select_for_update().filter(pk__in=[one["page"] for one in last.before])
    }
    for one in last.before:
        row = rows[one["page"]]
        row.paper_id, row.position, row.turn, row.hidden = one["paper"], one["position"], one["turn"], one["hidden"]
    PaperPage.objects.bulk_update(rows.values(), ["paper", "position", "turn", "hidden"])
    if last.did == "split" and last.other is not None:
        _settle(locked_paper(last.other), SPLIT_UNDONE, by=by, at=at)
    if last.did == "merge" and last.other is not None:
        Submission.objects.filter(pk=last.other.submission_id).update(
            state=Submission.WAITING, settled_by=None, settled_at=None, settled_note="", problems=[TO_ENTER]
        )
    last.undone_by, last.undone_at = by, at
    last.save(update_fields=["undone_by", "undone_at"])
    Paper.objects.filter(pk=paper.pk).update(version=paper.version + 1, saved_at=at)
    audit.record(PaperChanged(paper_id=paper.public_id, step_id=last.public_id, cause="undo"), by=by, at=at)


def _check_untouched_since(paper: Paper, step: PaperStep) -> None:
    """Refuse to undo what reaches into a paper that somebody worked on since."""
    if step.did != "split" or step.other is None:
        return
    other = locked_paper(step.other)
    if other.version or other.fields or other.member_id or other.steps.exists():
        raise Conflict("Somebody worked on the paper that was split off. Merge the two papers instead.")
