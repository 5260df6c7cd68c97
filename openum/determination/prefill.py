"""What a new request of an office takes over from an earlier one."""

from collections.abc import Sequence
from typing import Final

from openum.cases.models import Case, Diagnosis, Party, ServiceLine
from openum.cases.queries import initial_request
from openum.submission.forms import UNITS
from openum.vocabulary.terms import PartyRole

_DIAGNOSES: Final = 4
_UNITS: Final = frozenset(unit for unit, _ in UNITS)
"""What the form counts in; a message may count in another code for plain units, which the form leaves empty."""


def facts_of(case: Case, lines: Sequence[ServiceLine]) -> dict[str, str]:
    """Return what a new request may take over, as fields of a draft: who, what, why, and by whom."""
    member, first = case.member, initial_request(case)
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
            f"line{number}-unit": line.unit if line.unit in _UNITS else "",
        }
    codes = Diagnosis.objects.filter(request=first).order_by("sequence").values_list("code", flat=True)[:_DIAGNOSES]
    fields |= {f"diagnosis{number}": code for number, code in enumerate(codes, start=1)}
    people = {party.role: party for party in Party.objects.filter(request=first).order_by("-pk")}
    if ordering := people.get(PartyRole.ORDERING):
        fields |= {"ordering_npi": ordering.npi, "ordering_name": ordering.name, "ordering_phone": ordering.phone}
    if facility := people.get(PartyRole.FACILITY):
        fields |= {"facility_npi": facility.npi, "facility_name": facility.name}
    return fields
