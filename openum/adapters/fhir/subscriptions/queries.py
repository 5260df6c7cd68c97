"""Reads of subscriptions. A client sees its own only; what another has does not exist for it."""

from uuid import UUID

from django.db.models import Q, QuerySet

from openum.accounts.models import ApiClient
from openum.adapters.fhir.elements import part, rows, text
from openum.adapters.fhir.subscriptions.models import Subscription, SubscriptionEvent
from openum.cases.models import Case, Party, Request
from openum.submission.queries import cases_findable_by
from openum.vocabulary.terms import PartyRole

_ASKING = [PartyRole.REQUESTER, PartyRole.ORDERING]


def subscriptions_of(client: ApiClient, *, base: str) -> QuerySet[Subscription]:
    """Return the subscriptions of a client at one base, oldest first, deleted ones left out."""
    return Subscription.objects.filter(client=client, base=base, deleted_at__isnull=True).order_by("created_at", "pk")


def subscription_of(client: ApiClient, *, base: str, public_id: UUID) -> Subscription | None:
    """Return one subscription of a client, also a deleted one."""
    return (
        Subscription.objects.filter(client=client, base=base, public_id=public_id)
        .select_related("client", "client__user")
        .first()
    )


def events_between(subscription: Subscription, *, first: int, last: int, most: int) -> list[SubscriptionEvent]:
    """Return the numbered events of a span, both ends included, in order."""
    return list(
        SubscriptionEvent.objects.filter(subscription=subscription, number__gte=first, number__lte=last)
        .select_related("case", "case__plan", "case__product", "case__member", "request", "request__submission")
        .order_by("number")[:most]
    )


def listening_for(case: Case, *, except_client: UUID | None) -> list[Subscription]:
    """Return the subscriptions that may be told of a case: of clients that may find it, in a fixed order."""
    candidates = (
        Subscription.objects.filter(client__plan=case.plan, client__is_active=True, deleted_at__isnull=True)
        .exclude(status=Subscription.OFF)
        .select_related("client", "client__plan", "client__organization")
        .order_by("pk")
    )
    if except_client is not None:
        candidates = candidates.exclude(client__public_id=except_client)
    may_find: dict[int, bool] = {}
    found = []
    for one in candidates:
        if one.client_id not in may_find:
            may_find[one.client_id] = cases_findable_by(one.client).filter(pk=case.pk).exists()
        if may_find[one.client_id]:
            found.append(one)
    return found


def identifiers_of_askers(case: Case) -> frozenset[str]:
    """Return what names the requesting organizations of a case: provider numbers, the identifiers they sent of
    themselves, and their interchange sender ids.
    """
    found: set[str] = set()
    parties = Party.objects.filter(request__case=case, role__in=_ASKING).select_related("organization")
    for party in parties:
        found |= {party.npi, party.organization.npi if party.organization else ""}
    if case.organization is not None:
        found.add(case.organization.npi)
    for echo in Request.objects.filter(case=case).values_list("echo", flat=True):
        found |= {text(one) for one in echo.get("requestor_identifiers", ())}
        sent = rows(part(echo, "transmission").get("extension"))
        found |= {text(one.get("valueString")) for one in sent if one.get("url") == "interchangeSenderID"}
    return frozenset(found - {""})


def names_somebody(client: ApiClient, identifiers: list[str]) -> bool:
    """Say whether an identifier belongs to an organization or provider that ever asked this plan for something."""
    asking = Party.objects.filter(request__case__plan=client.plan, role__in=_ASKING)
    return asking.filter(Q(npi__in=identifiers) | Q(organization__npi__in=identifiers)).exists()
