"""The page where a physician gives a line back to the nurses with a question."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.determination.forms import ReturnForm
from openum.determination.views.line import find_line
from openum.review import services as review
from openum.review.keeping import NOTHING, kept_forms
from openum.vocabulary.errors import OpenUMError


@require_http_methods(["GET", "POST"])
@needs(Permission.DECIDE_ADVERSELY)
def give_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask the nurse something before deciding."""
    line, user, at = find_line(request, public_id), actor(request), now()
    kept = kept_forms(line, user).get("return", NOTHING)
    form, status = ReturnForm(initial=kept.fields), 200
    if request.method == "POST":
        form, status = ReturnForm(request.POST), 422
        if form.is_valid():
            try:
                review.return_to_nurse(line=line, question=form.cleaned_data["question"], by=user, at=at)
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
            else:
                review.forget_form(line=line, form="return", by=user)
                return redirect("determination:worklist")
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="return to the nurse")
    context = {"line": line, "case": line.case, "form": form, "kept": kept}
    return render(request, "determination/give_back.html", context, status=status)
