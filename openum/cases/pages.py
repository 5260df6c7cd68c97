"""Pages of documents as pictures: what can be pointed at, and cut out again beside a criterion."""

import io
from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases import queries
from openum.cases.models import Attachment
from openum.cases.pictures import MOST_PAGES, PDF, PaperNotUsable, count_pages, picture_of
from openum.db.clock import now

DRAWN: Final = frozenset({PDF, "image/png", "image/jpeg"})
"""Content types of which a page can be drawn."""
_DPI: Final = 100
_QUALITY: Final = 80


@require_GET
@needs(Permission.REVIEW_LINES, Permission.SEE_AUDIT, Permission.SEE_SAMPLED_FILES)
def page_picture(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """Draw one page of a document; what cannot be drawn is told in a sentence."""
    user = actor(request)
    attachment = get_object_or_404(
        queries.attachments_visible_to(user)
        .select_related("case")
        .filter(kind=Attachment.DOCUMENT, content_type__in=DRAWN),
        public_id=public_id,
    )
    content = bytes(attachment.content or b"")
    try:
        if not 1 <= number <= min(count_pages(content, attachment.content_type), MOST_PAGES):
            raise Http404
        drawn = picture_of(content, attachment.content_type, number=number, dpi=_DPI)
    except PaperNotUsable as refusal:
        return HttpResponse(refusal.sentence, status=422, content_type="text/plain; charset=utf-8")
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=_QUALITY)
    audit.record_reads(by=user, at=now(), case_ids=[attachment.case.public_id], why="page of a document")
    return HttpResponse(out.getvalue(), content_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})
