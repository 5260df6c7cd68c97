"""What the review page shows: the criteria tree with its links numbered, the documents, the timeline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openum.accounts.models import User
from openum.cases.kinds import kind_words
from openum.cases.models import Attachment, AttachmentPage, ServiceLine
from openum.cases.queries import attachments_visible_to, open_information_requests
from openum.cases.timeline import timeline_of
from openum.clocks.faces import face_of, rungs_of
from openum.clocks.queries import binding_clock, clocks_of
from openum.criteria.maps import GroupView, LeafView, LinkFact, MapView, NodeView
from openum.criteria.queries import current_map
from openum.criteria.tree import Text
from openum.design.moments import day, short_moment
from openum.design.status import CHANNEL_WORDS
from openum.review.actions import actions_for
from openum.review.models import EvidenceOpened
from openum.review.records import labels_of, records_of


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


@dataclass(frozen=True)
class Node:
    """One row of the criteria pane: a criterion or the heading of a group, with its depth."""

    key: str
    depth: int
    is_leaf: bool
    words: str
    mode: str
    value: str
    leaf: LeafView | None
    numbers: tuple[int, ...]
    refs: str
    links: tuple[tuple[int, LinkFact, str], ...]
    close_it: str
    count: int = 0
    """How many are enough, for a group of at least some."""


def _say(text: Text) -> str:
    return text.in_language(get_language() or "en")


def numbered_links(picture: MapView) -> dict[str, int]:
    """Give every linked place of the map a number, in reading order; the same place keeps one number."""
    numbers: dict[str, int] = {}
    for leaf in picture.leaves:
        for link in leaf.links:
            numbers.setdefault(place_of(link), len(numbers) + 1)
    return numbers


def place_of(link: LinkFact) -> str:
    """Return what tells one place from another: the record, or document and page."""
    return link.resource_key or f"{link.attachment_id}:{link.page or 1}"


def title_of(link: LinkFact) -> str:
    """Return what a linked place is called; facts of the request itself have no document."""
    if link.attachment_id or link.title != link.resource_key:
        return kind_words(link.title)
    if link.resource_key.startswith("Condition/request-diagnosis-"):
        return _("Diagnosis %(n)s of the request") % {"n": link.resource_key.rsplit("-", 1)[1]}
    return link.resource_key


def nodes_of(picture: MapView) -> list[Node]:
    """Return the criteria tree as rows, each with the numbers of its evidence."""
    numbers = numbered_links(picture)
    rows: list[Node] = []

    def walk(view: NodeView, depth: int) -> None:
        if isinstance(view, LeafView):
            links = tuple((numbers[place_of(link)], link, title_of(link)) for link in view.links)
            own = tuple(dict.fromkeys(number for number, _link, _title in links))
            rows.append(
                Node(
                    key=view.key, depth=depth, is_leaf=True, words=_say(view.question), mode="",
                    value="not_applicable" if view.is_not_applicable else view.value.value, leaf=view, numbers=own,
                    refs=" ".join(str(number) for number in own), links=links,
                    close_it=_say(view.to_satisfy) if view.is_open else "",
                )
            )  # fmt: skip
            return
        assert isinstance(view, GroupView)
        if view.key or _say(view.label):
            rows.append(
                Node(
                    key=view.key, depth=depth, is_leaf=False, words=_say(view.label), mode=view.mode.value,
                    value=view.value.value, leaf=None, numbers=(), refs="", links=(), close_it="", count=view.count,
                )
            )  # fmt: skip
            depth += 1
        for child in view.children:
            walk(child, depth)

    if picture.root is not None:
        walk(picture.root, 0)
    else:
        for leaf in picture.leaves:
            walk(leaf, 0)
    return rows


def page_of_document(line: ServiceLine, user: User, *, wanted: str, page: str) -> ShownPage | None:
    """Return the page to show: the one asked for, else the first page of the newest document."""
    documents = attachments_visible_to(user).filter(case=line.case, kind=Attachment.DOCUMENT).defer("content")
    chosen = next((item for item in documents if str(item.public_id) == wanted), None)
    attachment = chosen or documents.order_by("-received_at", "-pk").first()
    if attachment is None:
        return None
    pages = list(AttachmentPage.objects.filter(attachment=attachment).order_by("number"))
    number = int(page) if page.isdecimal() else 1
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
    rows = attachments_visible_to(user).filter(case=line.case).defer("content").order_by("received_at", "pk")
    opened = set(
        EvidenceOpened.objects.filter(reader=user, attachment__case=line.case).values_list("attachment_id", flat=True)
    )
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
        "nodes": nodes_of(picture),
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
    }


def _age(line: ServiceLine, at: datetime) -> str:
    born, today = line.case.member.birth_date, at.date()
    if born is None:
        return ""
    return str(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


def summary_draft(line: ServiceLine, *, at: datetime) -> str:
    """Return the first words of a referral, from the criteria: what is met, what is not, what is unknown."""
    picture = current_map(line)
    age = _age(line, at)
    head = f"{age + '-year-old. ' if age else ''}{line.wording or line.code}."
    parts = [head]
    for title, value in (("Met", "met"), ("Not met", "not_met"), ("Unknown", "unknown")):
        found = [leaf for leaf in picture.leaves if leaf.value.value == value and not leaf.is_not_applicable]
        if found:
            parts.append(f"{title}: " + " ".join(f"({leaf.key}) {leaf.question.en}{_note(leaf)}" for leaf in found))
    return "\n".join(parts)


def _note(leaf: LeafView) -> str:
    return f" – {leaf.note}" if leaf.note else ""
