"""Links places in the record to criteria, confirms what the machine proposed, and closes links."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases import working
from openum.cases.models import Attachment, AttachmentPage, ServiceLine
from openum.criteria import queries
from openum.criteria.events import EvidenceLinked, EvidenceUnlinked
from openum.criteria.models import EvidenceLink
from openum.criteria.regions import Region, RegionOutsidePage, check_region
from openum.criteria.rules import EvidencePointsNowhere, check_leaf, check_may_find
from openum.db.text import clean
from openum.vocabulary.errors import Conflict, Invalid


class QuoteNotOnPage(Invalid):
    """The quoted words do not stand on the page."""

    code: ClassVar[str] = "quote-not-on-page"


class LinkIsClosed(Conflict):
    """The link was closed meanwhile."""

    code: ClassVar[str] = "link-is-closed"


@permitted(Permission.REVIEW_LINES, on="line.case")
@transaction.atomic
def link_evidence(
    *,
    line: ServiceLine,
    leaf: str,
    by: User,
    at: datetime,
    attachment: Attachment | None = None,
    resource_key: str = "",
    page: int | None = None,
    quote: str = "",
    quote_start: int | None = None,
    quote_end: int | None = None,
    region: Region | None = None,
) -> EvidenceLink:
    """Link a document, a page, a place on its picture, quoted words or a stored resource to a criterion.

    Args:
        line: the requested service.
        leaf: the key of the criterion.
        attachment: a document or resource of the same case.
        resource_key: type and id of a stored resource, for example Observation/1, instead of an attachment.
        page: page of the document, from 1.
        quote: the words; where the page has a text layer they must stand on it.
        quote_start: first character of the words in the page's text, from 0; found when absent.
        quote_end: the character after the last.
        region: a rectangle on the picture of the page.
        by: a person with the permission to review.
        at: the instant.

    Raises:
        MachineMayNotFind: `by` is no person; proposals of the machine come from evaluation.
        PermissionRefused: the person may not review.
        CriterionUnknown: the guideline has no such criterion.
        EvidencePointsNowhere: neither an attachment of this case nor a stored resource.
        QuoteNotOnPage: the words do not stand there.
        RegionOutsidePage: the rectangle is not on a page of a document.
    """
    check_may_find(is_machine=by.kind != User.PERSON)
    matched = queries.standing_match(line)
    if matched.guideline is not None:
        check_leaf([known.key for known in matched.guideline.leaves], leaf)
    target = _target(line, attachment, resource_key)
    start, end = _place_of_quote(target, page, quote, quote_start, quote_end)
    if region is not None:
        check_region(region)
        if page is None or target.kind != Attachment.DOCUMENT:
            raise RegionOutsidePage("A place lies on a page of a document. Choose the page first.")
    link = EvidenceLink.objects.create(
        line=line,
        leaf=clean(leaf),
        attachment=target,
        resource_key=clean(resource_key),
        page=page,
        quote=clean(quote),
        quote_start=start,
        quote_end=end,
        region=list(region) if region is not None else None,
        linked_by=by,
        linked_at=at,
    )
    _record_link(link, "linked", by=by, at=at)
    return link


def find_place(line: ServiceLine, *, leaf: str, attachment: Attachment | None, page: int | None, quote: str) -> None:
    """Refuse a place that is not there: a criterion, a page of a document of the case, words on it.

    Raises:
        CriterionUnknown, EvidencePointsNowhere, QuoteNotOnPage: as link_evidence.
    """
    matched = queries.standing_match(line)
    if leaf and matched.guideline is not None:
        check_leaf([known.key for known in matched.guideline.leaves], leaf)
    if attachment is not None:
        _place_of_quote(_target(line, attachment, ""), page, quote, None, None)


def _target(line: ServiceLine, attachment: Attachment | None, resource_key: str) -> Attachment:
    rows = Attachment.objects.filter(case_id=line.case_id, moved_to__isnull=True)
    if attachment is not None:
        found = rows.filter(pk=attachment.pk).first()
    elif resource_key:
        found = rows.filter(kind=Attachment.FHIR, source_key=resource_key).order_by("-received_at", "-pk").first()
    else:
        found = None
    if found is None:
        raise EvidencePointsNowhere(
            "This document does not belong to this case. Choose one from the list of documents."
        )
    return found


def _place_of_quote(
    attachment: Attachment, page: int | None, quote: str, start: int | None, end: int | None
) -> tuple[int | None, int | None]:
    """Return where the words stand in the page's text; none where there is no text layer."""
    pages = AttachmentPage.objects.filter(attachment=attachment)
    if page is not None and attachment.kind == Attachment.DOCUMENT and pages.exists():
        row = pages.filter(number=page).first()
        if row is None:
            raise EvidencePointsNowhere(f"The document has no page {page}. Choose a page that it has.")
    else:
        row = pages.first() if page is None and pages.count() == 1 else None
    if not quote or row is None or not row.text:
        return None, None
    if start is not None and end is not None and row.text[start:end] == quote:
        return start, end
    found = row.text.find(quote)
    if found < 0:
        words = " ".join(quote.split())
        if words not in " ".join(row.text.split()):
            raise QuoteNotOnPage("These words do not stand on that page. Select the text again.")
        return None, None
    return found, found + len(quote)


@permitted(Permission.REVIEW_LINES, on="link.line.case")
@transaction.atomic
def confirm_link(*, link: EvidenceLink, by: User, at: datetime) -> EvidenceLink:
    """Confirm a link that the machine proposed.

    Raises:
        MachineMayNotFind: `by` is no person.
        PermissionRefused: the person may not review.
        LinkIsClosed: it was closed meanwhile.
    """
    check_may_find(is_machine=by.kind != User.PERSON)
    changed = EvidenceLink.objects.filter(
        pk=link.pk, unlinked_at__isnull=True, confirmed_at__isnull=True, is_machine=True
    ).update(confirmed_by=by, confirmed_at=at)
    link.refresh_from_db()
    if link.unlinked_at is not None:
        raise LinkIsClosed("Somebody removed this link meanwhile. Link the text again if it still matters.")
    if changed:
        _record_link(link, "confirmed", by=by, at=at)
    return link


def _record_link(link: EvidenceLink, cause: str, *, by: User, at: datetime) -> None:
    event = EvidenceLinked(
        case_id=link.line.case.public_id,
        line_ids=(link.line.public_id,),
        link_id=link.public_id,
        leaf=link.leaf,
        cause=cause,
    )
    working.remember(queries.map_key(link.line), None)
    audit.record(event, by=by, at=at)


@permitted(Permission.REVIEW_LINES, on="link.line.case")
@transaction.atomic
def unlink_evidence(*, link: EvidenceLink, by: User, at: datetime) -> EvidenceLink:
    """Close a link. The row stays, with who closed it and when; closing twice changes nothing.

    Raises:
        MachineMayNotFind: `by` is no person.
        PermissionRefused: the person may not review.
    """
    check_may_find(is_machine=by.kind != User.PERSON)
    return _close(link, by=by, at=at)


def close_links_of(attachment: Attachment, *, by: User, at: datetime) -> int:
    """Close every link to a document that was moved to another case, and return how many there were."""
    links = EvidenceLink.objects.filter(attachment=attachment, unlinked_at__isnull=True)
    rows = list(links.select_related("line__case").order_by("pk"))
    for link in rows:
        _close(link, by=by, at=at)
    return len(rows)


def _close(link: EvidenceLink, *, by: User, at: datetime) -> EvidenceLink:
    changed = EvidenceLink.objects.filter(pk=link.pk, unlinked_at__isnull=True).update(unlinked_by=by, unlinked_at=at)
    link.refresh_from_db()
    if changed:
        working.remember(queries.map_key(link.line), None)
        audit.record(
            EvidenceUnlinked(
                case_id=link.line.case.public_id,
                line_ids=(link.line.public_id,),
                link_id=link.public_id,
                leaf=link.leaf,
            ),
            by=by,
            at=at,
        )
    return link
