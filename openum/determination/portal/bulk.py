"""The state of many requests at once, for the office that asked for them: typed or sent as a file, shown or as CSV."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import Case, Request
from openum.cases.queries import cases_visible_to
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.design.sheets import sheet
from openum.design.status import status_words
from openum.determination.models import Authorization
from openum.determination.portal.asked_rows import MOST_ROWS, AskedRow, Fault, read_rows
from openum.determination.portal.stages import next_step_for_office
from openum.determination.portal.standing import authorizations_of, standings, units_words

MOST_BYTES = 200_000
FAULTS = {
    Fault.NO_BIRTH_DATE: gettext_lazy("A number of a request begins with C- or A-. A member number needs the date of birth beside it."),
    Fault.BIRTH_DATE: gettext_lazy("The date of birth cannot be read. Write it as year-month-day, for example 2030-02-28."),
    Fault.TOO_MANY: gettext_lazy("Only the first 500 rows are answered. Send the rest once more."),
    Fault.COLUMNS: gettext_lazy("A row has one number, or a member number and a date of birth."),
}  # fmt: skip
NOT_FOUND = gettext_lazy("Your organization has no such request.")


class StatusForm(forms.Form):
    """Numbers, typed or in a file."""

    rows = forms.CharField(
        label=gettext_lazy("One request or member a row"), required=False, max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"class": "form-control mono", "rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy("A number like C-26-0000123 or A-26-0000123, or a member number and a date of birth: M-1, 2030-02-28. Up to 500 rows."),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("Or a file with these rows"), required=False,
        help_text=gettext_lazy("Text or CSV, up to 200 kB."),
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".csv,.txt,text/csv,text/plain"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Read the file, or take what was typed; either must hold something."""
        cleaned = super().clean() or {}
        upload = cleaned.get("file")
        text = str(cleaned.get("rows") or "")
        if upload is not None:
            if (upload.size or 0) > MOST_BYTES:
                raise forms.ValidationError(_("The file is larger than 200 kB. Split it."))
            try:
                text = upload.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise forms.ValidationError(
                    _("This is no text. Save the table as CSV (UTF-8) and send that.")
                ) from None
        if not text.strip():
            raise forms.ValidationError(_("Enter at least one number, or choose a file."))
        cleaned["asked"] = read_rows(text)
        return cleaned


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_ORGANIZATION_CASES)
def bulk_status(request: HttpRequest) -> HttpResponse:
    """Tell where the named requests stand; the trail of reads names every case that was told."""
    user, at = actor(request), now()
    form, status = StatusForm(), 200
    told: list[dict[str, Any]] | None = None
    if request.method == "POST":
        form = StatusForm(request.POST, request.FILES)
        if form.is_valid():
            told, cases = _answer(user, form.cleaned_data["asked"])
            audit.record_reads(by=user, at=at, case_ids=[case.public_id for case in cases], why="bulk status")
            if request.POST.get("do") == "file":
                return sheet("status", _cells(told), at=at)
        else:
            status = 422
    rows = [] if told is None else told
    context = {
        "form": form,
        "told": told,
        "found": sum(1 for row in rows if row["case"]),
        "not_found": sum(1 for row in rows if not row["case"]),
        "again": "\n".join(row["text"] for row in rows if row["text"]),
        "most": MOST_ROWS,
    }
    return render(request, "determination/bulk_status.html", context, status=status)


def _answer(user: User, asked: list[AskedRow]) -> tuple[list[dict[str, Any]], list[Case]]:
    """Return a row for each case that a row names, and one with its fault for each row that names none."""
    by_number, by_member = _found(_of_offices(user), asked)
    cases = list({case.pk: case for rows in (*by_number.values(), *by_member.values()) for case in rows}.values())
    where = standings(cases)
    segments = {row.authorization.case_id: row for row in authorizations_of(cases)}
    told: list[dict[str, Any]] = []
    for row in asked:
        fitting = (
            by_number.get(row.reference, [])
            if row.reference
            else by_member.get((row.member_number, row.birth_date), [])
        )
        if row.fault is not None or not fitting:
            words = FAULTS[row.fault] if row.fault is not None else NOT_FOUND
            told.append({"place": row.place, "text": row.text, "case": None, "fault": str(words)})
            continue
        for case in fitting:
            segment = segments.get(case.pk)
            told.append(
                {
                    "place": row.place, "text": row.text, "case": case, "standing": where[case.pk], "fault": "",
                    "next": next_step_for_office(where[case.pk], may_talk=False),
                    "number": segment.authorization.number if segment else "",
                    "units": units_words(segment) if segment else "",
                    "received": short_moment(case.opened_at, case.plan.time_zone),
                }
            )  # fmt: skip
    return told, cases


def _of_offices(user: User) -> QuerySet[Case]:
    """Cases of the actor's provider organizations alone, whatever else the actor may see."""
    offices = scope_of(user).organizations_with(Permission.SEE_ORGANIZATION_CASES)
    return cases_visible_to(user).filter(organization__in=offices).select_related("member", "plan")


def _found(
    cases: QuerySet[Case], asked: Iterable[AskedRow]
) -> tuple[Mapping[str, list[Case]], Mapping[tuple[str, Any], list[Case]]]:
    """Look every row up with a handful of queries."""
    good = [row for row in asked if row.fault is None]
    numbers = {row.reference for row in good if row.reference}
    keys = _keys_of(numbers)
    by_key = {case.pk: case for case in cases.filter(pk__in=set(keys.values()))}
    by_number = {number: [by_key[key]] for number, key in keys.items() if key in by_key}
    members = {(row.member_number, row.birth_date) for row in good if row.member_number}
    by_member: dict[tuple[str, Any], list[Case]] = {}
    wanted = cases.filter(
        member__member_number__in={number for number, _born in members},
        member__birth_date__in={born for _number, born in members},
    )
    for case in wanted.order_by("-opened_at", "pk") if members else []:
        key = (case.member.member_number, case.member.birth_date)
        if key in members:
            by_member.setdefault(key, []).append(case)
    return by_number, by_member


def _keys_of(numbers: Collection[str]) -> dict[str, int]:
    """Return the primary key of the case that each of our numbers belongs to."""
    found: dict[str, int] = dict(Case.objects.filter(number__in=numbers).values_list("number", "pk"))
    found |= dict(
        Request.objects.filter(administrative_number__in=numbers).values_list("administrative_number", "case_id")
    )
    found |= dict(Authorization.objects.filter(number__in=numbers).values_list("number", "case_id"))
    return found


def _cells(told: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """Return the answer as a table."""
    heads = (_("Row"), _("Asked"), _("Request"), _("Service"), _("Status"), _("Next"), _("Authorization"), _("Units"), _("Received"), _("Not told because"))  # fmt: skip
    cells: list[tuple[object, ...]] = [heads]
    for row in told:
        case = row["case"]
        if case is None:
            cells.append((row["place"], row["text"], "", "", "", "", "", "", "", row["fault"]))
            continue
        standing = row["standing"]
        cells.append(
            (
                row["place"], row["text"], case.number, standing.service, status_words(standing.status, "requester"),
                row["next"], row["number"], row["units"], row["received"], "",
            )
        )  # fmt: skip
    return cells
