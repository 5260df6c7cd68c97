"""The office adds a code that was found necessary during an approved operation."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases.queries import lines_visible_to
from openum.cases.services import NewDocument
from openum.db.clock import now
from openum.design.controls import DAY, SELECT, TEXT, area
from openum.design.forms import NamedForm
from openum.determination.portal.standing import authorization_numbers, service_words
from openum.determination.services import add_code
from openum.determination.services.adding import OPERATIVE_NOTE, Told, check_addable
from openum.directory.models import CodeList
from openum.submission.composing import CPT, ICD_10_CM
from openum.submission.drafts import MAX_FILE_BYTES, FileNotUsable, kind_of_file
from openum.vocabulary.errors import OpenUMError


class AddedCodeForm(NamedForm):
    """What was done besides what is authorized, why, and the operative note."""

    ids = "added"

    code_system = forms.ChoiceField(label=_("Code list"), choices=[(CPT, "CPT")], widget=forms.Select(attrs=SELECT))
    code = forms.CharField(
        label=_("Code found necessary"), max_length=20, widget=forms.TextInput(attrs={**TEXT, "autocapitalize": "characters"})
    )  # fmt: skip
    modifiers = forms.CharField(label=_("Modifiers"), required=False, max_length=20, widget=forms.TextInput(attrs=TEXT))
    units = forms.DecimalField(
        label=_("How many"), min_value=1, max_digits=9, decimal_places=3, initial=1,
        widget=forms.NumberInput(attrs=TEXT),
    )  # fmt: skip
    done_on = forms.DateField(label=_("Day of the operation"), widget=forms.DateInput(attrs=DAY))
    words = area(_("What was found, and why was it necessary?"), most=4000)
    file = forms.FileField(
        label=_("Operative note"), help_text=_("PDF, picture or text, up to 15 MB."),
        widget=forms.FileInput(attrs={"class": "form-control"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the code lists that are loaded."""
        super().__init__(*args, **kwargs)
        lists = CodeList.objects.exclude(system=ICD_10_CM).order_by("name").values_list("system", "name")
        choice = self.fields["code_system"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = list(lists) or [(CPT, "CPT")]

    def clean_code(self) -> str:
        """Return the code in capitals without blanks."""
        return str(self.cleaned_data["code"]).strip().upper()

    def told(self) -> Told:
        """Return what was told, of a valid form."""
        given = self.cleaned_data
        return Told(
            code_system=given["code_system"], code=given["code"], done_on=given["done_on"], units=given["units"],
            unit="UN", words=given["words"], modifiers=tuple(given["modifiers"].upper().replace(",", " ").split()),
        )  # fmt: skip

    def note(self) -> NewDocument:
        """Return the operative note.

        Raises:
            FileNotUsable: empty, too large, or of another kind than PDF, picture or text.
        """
        upload = self.cleaned_data["file"]
        if upload.size > MAX_FILE_BYTES:
            raise FileNotUsable("The file is larger than 15 MB. Split it, or send it in a lower resolution.")
        content = upload.read()
        return NewDocument(
            title=str(_("Operative note")), content_type=kind_of_file(content), content=content,
            document_kind=OPERATIVE_NOTE,
        )  # fmt: skip


@require_http_methods(["GET", "POST"])
@needs(Permission.SUBMIT_REQUEST)
def add(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask for the code, the day and the operative note; send it, and show the receipt."""
    user, at = actor(request), now()
    rows = lines_visible_to(user).select_related(
        "case__plan", "case__product", "case__member", "case__organization", "request"
    )
    line = get_object_or_404(rows, public_id=public_id)
    first = {"code_system": line.code_system, "done_on": line.service_from}
    form = AddedCodeForm(initial=first)
    refusal, status, is_addable = "", 200, True
    try:
        check_addable(line)
    except OpenUMError as error:
        refusal, status, is_addable = error.sentence, error.status, False
    if request.method == "POST" and is_addable:
        form, status = AddedCodeForm(request.POST, request.FILES, initial=first), 422
        if form.is_valid():
            try:
                added = add_code(line=line, told=form.told(), note=form.note(), by=user, at=at)
            except FileNotUsable as error:
                form.add_error("file", error.sentence)
            except OpenUMError as error:
                refusal, status = error.sentence, error.status
            else:
                return redirect("submission:receipt", public_id=added.line.request.submission.public_id)
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="adding a code")
    context = {
        "case": line.case,
        "line": line,
        "words": service_words(line, line.case),
        "authorization": authorization_numbers(line.case).get(line.pk),
        "form": form,
        "refusal": refusal,
        "is_addable": is_addable,
    }
    return render(request, "determination/add_code.html", context, status=status)
