"""What the review page shows: the criteria tree with its links numbered, the documents, the timeline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from openum.accounts.models import User
from openum.cases.holdings import holds
from openum.cases.models import Attachment, AttachmentPage, Case, ServiceLine
from openum.cases.pages import DRAWN
from openum.cases.queries import attachments_visible_to, open_information_requests
from openum.cases.timeline import timeline_of
from openum.clocks.faces import face_of, rungs_of
from openum.clocks.queries import binding_clock, clocks_of
from openum.criteria.queries import current_map
from openum.criteria.renderers.places import numbered_links
from openum.criteria.renderers.reviewer import nodes_of, summary_of
from openum.criteria.tree import Text
from openum.db.reading import once_a_page
from openum.design.moments import day, short_moment
from openum.design.status import CHANNEL_WORDS
from openum.review.actions import actions_for
from openum.review.beside import beside, question_of_physician
from openum.review.queries import openings_by
from openum.review.records import labels_of, records_of
from openum.vocabulary.numbers import whole


@dataclass(frozen=True)
class ShownPage:
    """The document page in the middle pane."""

    attachment: Attachment
    number: int
    count: int
    text: str
    origin: str
    is_chosen: bool
    previous: int | None
    following: int | None

    @property
    def has_picture(self) -> bool:
        """Whether the page can be drawn, and pointed at."""
        return self.attachment.content_type in DRAWN


def _say(text: Text) -> str:
    return text.in_language(get_language() or "en")


@once_a_page(lambda case, user: (case.pk, user.pk))
def _attachments(case: Case, user: User) -> list[Attachment]:
    """Return what a person may see of what came with a case, oldest first, without its bytes."""
    if not holds(case, Attachment):
        return []
    return list(attachments_visible_to(user).filter(case=case).defer("content").order_by("received_at", "pk"))


def page_of_document(line: ServiceLine, user: User, *, wanted: str, page: str) -> ShownPage | None:
    """Return the page to show: the one asked for, else the first page of the newest document."""
    documents = [item for item in _attachments(line.case, user) if item.kind == Attachment.DOCUMENT]
    if not documents:
        return None
    chosen = next((item for item in documents if str(item.public_id) == wanted), None)
    attachment = chosen or documents[-1]
    pages = list(AttachmentPage.objects.filter(attachment=attachment).order_by("number"))
    number = whole(page) or 1
    shown = next((item for item in pages if item.number == number), pages[0] if pages else None)
    number = shown.number if shown else 1
    count = pages[-1].number if pages else 1
    return ShownPage(
        attachment=attachment,
        number=number,
        count=count,
        text=shown.text if shown else "",
        origin=shown.origin if shown else "",
        is_chosen=chosen is not None,
        previous=number - 1 if number > 1 else None,
        following=number + 1 if number < count else None,
    )


def _documents(line: ServiceLine, user: User, *, zone: str) -> tuple[list[dict[str, Any]], list[Attachment]]:
    rows = _attachments(line.case, user)
    opened = openings_by(user, line.case) if rows else {}
    documents = [
        {
            "attachment": item,
            "received": short_moment(item.received_at, zone),
            "channel": CHANNEL_WORDS.get(item.channel, item.channel),
            "is_opened": item.pk in opened,
        }
        for item in rows
        if item.kind == Attachment.DOCUMENT
    ]
    return documents, [item for item in rows if item.kind == Attachment.FHIR]


def workspace(line: ServiceLine, user: User, *, shown: ShownPage | None, at: datetime) -> dict[str, Any]:
    """Return everything the page needs about one line."""
    case, zone = line.case, line.case.plan.time_zone
    picture = current_map(line)
    numbers = numbered_links(picture)
    documents, resources = _documents(line, user, zone=zone)
    records = records_of(resources, numbers, labels_of(line))
    binding = binding_clock(case)
    clocks = [clock for clock in clocks_of(case) if clock.binds][:1]
    return {
        "case": case,
        "line": line,
        "age": _age(line, at),
        "picture": picture,
        "guideline": _say(picture.title),
        "nodes": nodes_of(picture, get_language() or "en"),
        "open_keys": [leaf.key for leaf in picture.open_leaves],
        "keys": [(leaf.key, _say(leaf.question)) for leaf in picture.leaves],
        "documents": documents,
        "shown": shown,
        "shown_ref": numbers.get(f"{shown.attachment.public_id}:{shown.number}") if shown else None,
        "records": records,
        "record_numbers": {item["number"] for item in records},
        "face": face_of(binding, at=at) if binding else None,
        "rungs": rungs_of(clocks[0]) if clocks else [],
        "entries": timeline_of(case)[:40],
        "questions": [
            {"question": item, "asked": short_moment(item.asked_at, zone)} for item in open_information_requests(case)
        ],
        "service_day": day(line.service_from),
        "actions": actions_for(line, user),
        "beside": beside(line, user, at=at),
        "came_back": question_of_physician(line),
    }


def _age(line: ServiceLine, at: datetime) -> str:
    born, today = line.case.member.birth_date, at.date()
    if born is None:
        return ""
    return str(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


def summary_draft(line: ServiceLine, *, at: datetime) -> str:
    """Return the first words of a referral, from the criteria: what is met, what is not, what is unknown."""
    age = _age(line, at)
    head = f"{age + '-year-old. ' if age else ''}{line.wording or line.code}."
    return "\n".join([head, *summary_of(current_map(line))])
