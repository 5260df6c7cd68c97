"""What a person may see of the sandbox: the clients whose answers they may choose, and what their own clients said."""

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from openum.accounts.models import ApiClient, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.adapters.sandbox.models import RecordedMessage
from openum.submission.models import Submission

MOST_SEARCHED = 500
_TESTERS = (Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS)


def clients_armed_by(user: User) -> QuerySet[ApiClient]:
    """Return the active clients of the sandbox plans that a person works for; nothing they said is shown with them."""
    found = ApiClient.objects.select_related("plan", "user")
    return found.filter(plan_id__in=scope_of(user).plans_with(*_TESTERS), plan__is_sandbox=True, is_active=True)


def clients_of(user: User) -> QuerySet[ApiClient]:
    """Return the clients of sandbox plans that are a person's own, whose messages this person may read.

    Own are those of one's organization, those one registered, and those that a plan one works for keeps for itself.
    """
    scope = scope_of(user)
    kept_by_plan = Q(plan_id__in=scope.plans_with(*_TESTERS), organization__isnull=True, requested_by__isnull=True)
    own = Q(organization_id__in=scope.organizations_with(*_TESTERS)) | Q(requested_by=user) | kept_by_plan
    return ApiClient.objects.select_related("plan", "user").filter(own, plan__is_sandbox=True)


def messages_visible_to(user: User) -> QuerySet[RecordedMessage]:
    """Return the recorded messages of a person's clients, the latest first."""
    found = RecordedMessage.objects.filter(client__in=clients_of(user))
    return found.select_related("client", "client__plan").order_by("-pk")


def holding(messages: QuerySet[RecordedMessage], words: str) -> Iterator[RecordedMessage]:
    """Yield the messages in which every word occurs, in address, status or either body; case does not matter."""
    wanted = [word.casefold().encode() for word in words.split()]
    for message in messages[:MOST_SEARCHED]:
        held = f"{message.method} {message.address} {message.query} {message.status}".encode()
        whole = b"\n".join((held, bytes(message.body or b""), bytes(message.answer or b"")))
        folded = whole.decode(errors="replace").casefold().encode()
        if all(word in folded for word in wanted):
            yield message


def submission_of(message: RecordedMessage) -> Submission | None:
    """Return what the door made of a recorded message, where it was a request."""
    if message.direction != RecordedMessage.FROM_CLIENT or not message.body_digest:
        return None
    found = Submission.objects.filter(client_id=message.client_id, raw_digest=message.body_digest)
    return found.filter(entered_at__lte=message.at).select_related("case", "case__member").order_by("-pk").first()
