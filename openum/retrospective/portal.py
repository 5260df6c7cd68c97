"""The provider's side of claim review: a finding read, and answered in its time with words and papers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.rules import Permission
from openum.cases.models import Attachment
from openum.cases.services import NewDocument, attach
from openum.db.clock import now
from openum.design.controls import TEXT, area
from openum.retrospective.faces import office_face
from openum.retrospective.models import ClaimFinding
from openum.retrospective.queries import findings_for_office
from openum.retrospective.services import receive_reply
from openum.submission.drafts import MAX_FILE_BYTES, FileNotUsable, kind_of_file
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Channel

AGREES, AGAINST = "agrees", "against"


class ReplyForm(forms.Form):
    """The office's answer to a finding. Neither answer is chosen beforehand."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        choices=[
            (AGREES, gettext_lazy("We agree with the finding")),
            (AGAINST, gettext_lazy("We do not agree")),
        ],
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    words = area(gettext_lazy("Why, in your words"), most=20_000, rows=6)
    said_by = forms.CharField(
        label=gettext_lazy("Who answers for the practice"), max_length=200, widget=forms.TextInput(attrs=TEXT)
    )
    file = forms.FileField(
        label=gettext_lazy("A paper that shows it"), required=False,
        help_text=gettext_lazy("PDF, picture or text, up to 15 MB."),
        widget=forms.FileInput(attrs={"class": "form-control"}),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_ORGANIZATION_CASES)
def reply(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a finding that went to the practice, and take the answer."""
    user, at = actor(request), now()
    finding = get_object_or_404(findings_for_office(user), public_id=public_id)
    form, refusal, status = ReplyForm(initial={"said_by": user.name}), "", 200
    if request.method == "POST":
        form, status = ReplyForm(request.POST, request.FILES), 422
        if form.is_valid():
            try:
                _take(finding, form.cleaned_data, by=user, at=at)
            except OpenUMError as error:
                refusal, status = error.sentence, error.status
            else:
                messages.success(request, _("The plan has your answer."))
                return redirect("retrospective:reply", public_id=finding.public_id)
    case = finding.claim_line.line.case
    audit.record_reads(by=user, at=at, case_ids=[case.public_id], why="finding of claim review")
    context = {**office_face(finding, at), "case": case, "form": form, "refusal": refusal}
    return render(request, "retrospective/reply.html", context, status=status)


@transaction.atomic
def _take(finding: ClaimFinding, said: dict[str, Any], *, by: User, at: datetime) -> None:
    """Put the paper on the case and keep the answer; where the answer is refused, the paper is not put there either."""
    paper: Attachment | None = None
    upload = said["file"]
    line = finding.claim_line.line
    if upload is not None:
        if (upload.size or 0) > MAX_FILE_BYTES:
            raise FileNotUsable("The file is larger than 15 MB. Split it, or send it in a lower resolution.")
        content = upload.read()
        document = NewDocument(
            title=(upload.name or "Document")[:200], content_type=kind_of_file(content), content=content
        )
        (paper,) = attach(
            case=line.case, request=line.request, documents=[document], channel=Channel.PORTAL, by=by, at=at
        )
    receive_reply(
        finding=finding, agrees=said["answer"] == AGREES, said_by=said["said_by"], words=said["words"],
        channel=Channel.PORTAL, received_at=at, document=paper, by=by, at=at,
    )  # fmt: skip
