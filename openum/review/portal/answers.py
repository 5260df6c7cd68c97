"""The provider's side of review: answering what was asked."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases.kinds import DOCUMENT_KINDS
from openum.cases.queries import information_requests_visible_to
from openum.cases.services import NewDocument
from openum.db.clock import now
from openum.design.moments import moment
from openum.review import services
from openum.review.asked import asked_for
from openum.submission.drafts import MAX_FILE_BYTES, FileNotUsable, kind_of_file
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Channel


@require_http_methods(["GET", "POST"])
@needs(Permission.SEND_DOCUMENTS)
def respond(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send what the plan asked for: files, and which items they answer."""
    user, at = actor(request), now()
    question = get_object_or_404(
        information_requests_visible_to(user).select_related(
            "case", "case__plan", "case__product", "case__member", "request"
        ),
        public_id=public_id,
    )
    refusal, status = "", 200
    if request.method == "POST":
        try:
            services.receive_information(
                question=question, documents=_documents(request), channel=Channel.PORTAL, by=user, at=at,
                answered=list(question.items.filter(public_id__in=_ids(request.POST.getlist("item")))),
            )  # fmt: skip
        except OpenUMError as error:
            refusal, status = error.sentence, 422
        else:
            return redirect("determination:request", public_id=question.case.public_id)
    audit.record_reads(by=user, at=at, case_ids=[question.case.public_id], why="answering the plan")
    context = {
        "question": question,
        "case": question.case,
        "items": asked_for(
            question.items.select_related("line__case__product", "line__case__plan", "line__request").order_by("pk")
        ),
        "asked": moment(question.asked_at, question.case.plan.time_zone),
        "respond_by": moment(question.respond_by, question.case.plan.time_zone),
        "kinds": DOCUMENT_KINDS,
        "refusal": refusal,
    }
    return render(request, "review/respond.html", context, status=status)


def _ids(values: list[str]) -> list[UUID]:
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _documents(request: HttpRequest) -> list[NewDocument]:
    """Return the uploaded files, each judged by its bytes."""
    documents = []
    for upload in request.FILES.getlist("file"):
        if (upload.size or 0) > MAX_FILE_BYTES:
            raise FileNotUsable("A file is larger than 15 MB. Split it, or send it in a lower resolution.")
        content = upload.read()
        documents.append(
            NewDocument(
                title=(upload.name or "Document")[:200], content_type=kind_of_file(content), content=content,
                document_kind=request.POST.get("document_kind", ""),
            )
        )  # fmt: skip
    return documents
