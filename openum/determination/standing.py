"""The authorization in force for a service, as the answer to "is authorization required?" needs it."""

from django.db.models import Q

from openum.criteria.codes import short_system
from openum.determination.models import AuthorizationSegment
from openum.determination.queries import remaining_units
from openum.needs.rules import Standing
from openum.needs.standing import Found, Search
from openum.vocabulary.terms import LineStatus

_IN_FORCE = [LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED]


def authorization_in_force(search: Search) -> Found | None:
    """Return the newest authorization that covers a service on a day and is not used up.

    An organization is told of its own authorizations and of those made out to the provider named in the question. One
    that names a servicing provider or a place covers no other, where the question says who or where.
    """
    wanted = set(search.services)
    visible = Q()
    if search.organization is not None:
        visible = Q(authorization__case__organization=search.organization) | Q(servicing_npi__in=sorted(search.npis))
    segments = (
        AuthorizationSegment.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=search.on),
            visible,
            authorization__case__member=search.member,
            authorization__line__status__in=_IN_FORCE,
            superseded_at__isnull=True,
            valid_from__lte=search.on,
            code__in=sorted({code for _, code in wanted}),
        )
        .select_related("authorization__case")
        .order_by("-valid_from", "-pk")
    )
    for segment in segments:
        if (short_system(segment.code_system), segment.code) not in wanted:
            continue
        if segment.servicing_npi and search.npis and segment.servicing_npi not in search.npis:
            continue
        if segment.place and search.place and segment.place != search.place:
            continue
        left = remaining_units(segment)
        if left is not None and left <= 0:
            continue
        last_day = segment.valid_to.fromordinal(segment.valid_to.toordinal() - 1) if segment.valid_to else None
        number = segment.authorization.number
        return Found(standing=Standing(number=number, last_day=last_day), case_id=segment.authorization.case.public_id)
    return None
