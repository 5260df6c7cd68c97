"""Keeping what is typed: the review and decision forms save by themselves."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases.queries import lines_visible_to
from openum.db.clock import now
from openum.design.moments import time_of_saving
from openum.review import services

_NOT_TYPED = {"csrfmiddlewaretoken", "document", "shown_page", "from_decision"}


@require_POST
@needs(Permission.REVIEW_LINES, Permission.DECIDE_ADVERSELY, Permission.HOLD_PEER_TO_PEER)
def keep(request: HttpRequest, public_id: UUID, form: str) -> HttpResponse:
    """Keep what stands in a form now; answer with the time of saving."""
    user, at = actor(request), now()
    line = get_object_or_404(lines_visible_to(user).select_related("case__plan"), public_id=public_id)
    typed = {key: value for key in request.POST if key not in _NOT_TYPED and (value := request.POST[key])}
    services.keep_form(line=line, form=form, fields=typed, by=user, at=at)
    return render(request, "design/saved.html", {"saved_at": time_of_saving(at, line.case.plan.time_zone)})
