"""Asking again: a new request that begins with what an earlier one said, for the next course or the next patient visit."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases.models import Case, Diagnosis, Party
from openum.cases.queries import cases_visible_to, current_lines, initial_request
from openum.db.clock import now
from openum.submission import drafts
from openum.submission.composing import MAX_LINES
from openum.vocabulary.terms import PartyRole

_DIAGNOSES = 4


@require_POST
@needs(Permission.SUBMIT_REQUEST)
def ask_again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Begin a draft with the facts of an earlier request. Days, papers and clinical answers are asked for anew."""
    user, at = actor(request), now()
    case = get_object_or_404(
        cases_visible_to(user).select_related("plan", "member", "organization"), public_id=public_id
    )
    draft = drafts.start(plan=case.plan, organization=case.organization, by=user, at=at)
    drafts.save_fields(draft=draft, fields=facts_of(case), by=user, at=at)
    audit.record_reads(by=user, at=at, case_ids=[case.public_id], why="asked again")
    return redirect("submission:step", public_id=draft.public_id, step="service")


def facts_of(case: Case) -> dict[str, str]:
    """Return what a new request may take over, as fields of a draft: who, what, why, and by whom."""
    member, first = case.member, initial_request(case)
    lines = current_lines(case)[:MAX_LINES]
    fields = {
        "member_number": member.member_number,
        "birth_date": member.birth_date.isoformat() if member.birth_date else "",
        "family_name": member.family_name,
        "line_count": str(max(1, len(lines))),
        "place": lines[0].place if lines else "",
    }
    for number, line in enumerate(lines, start=1):
        fields |= {
            f"line{number}-code_system": line.code_system,
            f"line{number}-code": line.code,
            f"line{number}-modifiers": " ".join(line.modifiers),
            f"line{number}-units": f"{line.requested_units.normalize():f}" if line.requested_units is not None else "",
            f"line{number}-unit": line.unit,
        }
    codes = Diagnosis.objects.filter(request=first).order_by("sequence").values_list("code", flat=True)[:_DIAGNOSES]
    fields |= {f"diagnosis{number}": code for number, code in enumerate(codes, start=1)}
    people = {party.role: party for party in Party.objects.filter(request=first).order_by("-pk")}
    if ordering := people.get(PartyRole.ORDERING):
        fields |= {"ordering_npi": ordering.npi, "ordering_name": ordering.name, "ordering_phone": ordering.phone}
    if facility := people.get(PartyRole.FACILITY):
        fields |= {"facility_npi": facility.npi, "facility_name": facility.name}
    return fields
