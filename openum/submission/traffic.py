"""What became of the messages that a registered system sent, for the page of its keeper."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Count

from openum.accounts.connections.traffic import Traffic
from openum.accounts.models import ApiClient
from openum.submission.models import Submission

_PUT_ASIDE = (Submission.WAITING, Submission.REFUSED)


def read_traffic(clients: Sequence[ApiClient], since: datetime) -> Mapping[int, Traffic]:
    """Return the traffic of clients since an instant, by their primary keys."""
    rows = Submission.objects.filter(client__in=clients, entered_at__gte=since)
    counts: dict[int, Counter[str]] = {client.pk: Counter() for client in clients}
    for client_id, state, count in rows.order_by().values_list("client_id", "state").annotate(n=Count("pk")):
        counts[client_id][state] += count
    return {pk: _traffic(pk, found, since) for pk, found in counts.items()}


def _traffic(client_id: int, counts: Counter[str], since: datetime) -> Traffic:
    problems, problem_at = [], None
    if counts[Submission.WAITING] or counts[Submission.REFUSED]:
        rows = Submission.objects.filter(client_id=client_id, entered_at__gte=since, state__in=_PUT_ASIDE)
        newest = rows.order_by("-entered_at", "-pk").values_list("problems", "entered_at").first()
        problems, problem_at = newest or ([], None)
    return Traffic(
        accepted=counts[Submission.ADMITTED] + counts[Submission.SETTLED], waiting=counts[Submission.WAITING],
        refused=counts[Submission.REFUSED], last_problem=problems[0]["text"] if problems else "",
        last_problem_at=problem_at,
    )  # fmt: skip
