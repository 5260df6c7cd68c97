"""The authorization in force for a service, as the answer to "is authorization required?" needs it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from openum.accounts.models import Organization
from openum.cases.models import Case
from openum.criteria.codes import short_system
from openum.db import plain
from openum.determination.models import Authorization, AuthorizationSegment
from openum.determination.queries import remaining_units
from openum.needs.rules import Balance, Standing, counted_in
from openum.needs.standing import Found, Search

_IN_FORCE = """
SELECT segment.id, segment.code_system, segment.code, segment.servicing_npi, segment.place, segment.valid_to,
       number.number, file.public_id, COALESCE(file.organization_id, 0)
FROM determination_authorizationsegment segment
JOIN determination_authorization number ON number.id = segment.authorization_id
JOIN cases_serviceline line ON line.id = number.line_id
JOIN cases_case file ON file.id = number.case_id
WHERE file.member_id = %s AND segment.superseded_at IS NULL AND segment.valid_from <= %s
  AND (segment.valid_to IS NULL OR segment.valid_to > %s) AND line.status IN ('approved', 'partially_approved')
  AND (%s = 0 OR EXISTS (SELECT 1 FROM cases_request asked WHERE asked.case_id = file.id AND asked.client_id = %s))
ORDER BY segment.valid_from DESC, segment.id DESC
"""


def authorization_in_force(search: Search) -> Found | None:
    """Return the newest authorization that covers a service on a day and is not used up.

    An organization is told of its own authorizations and of those made out to the provider named in the question. One
    that names a servicing provider or a place covers no other, where the question says who or where; one with fewer units
    left than are wanted does not cover them.
    """
    for key, npi, place, valid_to, number, case_id, organization_id in _of_service(search):
        if search.organization is not None and organization_id != search.organization.pk and npi not in search.npis:
            continue
        if (npi and search.npis and npi not in search.npis) or (place and search.place and place != search.place):
            continue
        segment = AuthorizationSegment.objects.get(pk=key)
        left = remaining_units(segment)
        if left is not None and not _is_enough(left, segment.unit, search):
            continue
        balance = None
        if segment.units is not None and left is not None:
            balance = Balance(granted=segment.units, left=left, unit=segment.unit)
        last_day = valid_to.fromordinal(valid_to.toordinal() - 1) if valid_to else None
        return Found(standing=Standing(number=number, last_day=last_day, balance=balance), case_id=case_id)
    return None


def _is_enough(left: Decimal, unit: str, search: Search) -> bool:
    """Say whether what is left covers what is wanted; amounts counted in different units are not compared."""
    if search.units is None or left <= 0:
        return left > 0
    held = counted_in(unit)
    is_comparable = held is not None and (not held or not search.unit or held == search.unit)
    return not is_comparable or left >= search.units


def _of_service(search: Search) -> Iterator[tuple[Any, ...]]:
    """Yield the segments in force for one of the services: id, provider, place, end, number, case, organization."""
    tester = search.sandbox_client.pk if search.sandbox_client is not None else 0
    rows = plain.select(
        _IN_FORCE,
        [search.member.pk, search.on, search.on, tester, tester],
        (
            *plain.fields_of(AuthorizationSegment, ["id", "code_system", "code", "servicing_npi", "place", "valid_to"]),
            *plain.fields_of(Authorization, ["number"]),
            *plain.fields_of(Case, ["public_id"]),
            *plain.fields_of(Organization, ["id"]),
        ),
    )
    for key, system, code, *rest in rows:
        if (short_system(system), code) in search.services:
            yield key, *rest
