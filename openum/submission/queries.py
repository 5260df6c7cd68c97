"""Reads at the door: the intake list, what an inquiry may find, and the numbers of a case."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from openum.accounts.models import ApiClient, Organization, Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import Case, InformationRequest
from openum.directory.queries import find_members
from openum.submission.models import AttachmentMessage, Draft, Submission, TelephoneCall
from openum.submission.rules import plain_number

MOST_CASES = 200
"""Of one member and sender; the newest are looked through for a tracking number."""


def submissions_without_case(user: User) -> QuerySet[Submission]:
    """The intake list: messages kept without a case, of the plans a user does intake for, oldest first."""
    scope = scope_of(user)
    if Permission.MATCH_INTAKE not in scope.permissions:
        return Submission.objects.none()
    return (
        Submission.objects.filter(
            plan_id__in=scope.plans_with(Permission.MATCH_INTAKE), state__in=[Submission.WAITING, Submission.REFUSED]
        )
        .select_related("client", "plan", "submitted_by")
        .defer("raw", "answer")
        .order_by("received_at", "pk")
    )


def submissions_visible_to(user: User) -> QuerySet[Submission]:
    """Messages of the plans a user works for, or sent by the user's organizations."""
    scope = scope_of(user)
    visible = Q(pk__in=[])
    if Permission.SEE_PLAN_CASES in scope.permissions:
        visible |= Q(plan_id__in=scope.plans_with(Permission.SEE_PLAN_CASES))
    if Permission.SEE_ORGANIZATION_CASES in scope.permissions:
        visible |= Q(organization_id__in=scope.organizations_with(Permission.SEE_ORGANIZATION_CASES))
    visible |= Q(plan_id__in=scope.plans_with(Permission.CAPTURE_REQUEST), submitted_by=user)
    return Submission.objects.filter(visible)


def drafts_visible_to(user: User) -> QuerySet[Draft]:
    """Drafts a user started, and those shared in the user's organizations, not sent yet."""
    scope = scope_of(user)
    return Draft.objects.filter(
        Q(started_by=user) | Q(organization_id__in=scope.organizations_with(Permission.SUBMIT_REQUEST)),
        submission__isnull=True,
    ).order_by("-saved_at", "pk")


def calls_visible_to(user: User) -> QuerySet[TelephoneCall]:
    """Calls in which requests were taken for the plans a user takes requests for, newest first."""
    plans = scope_of(user).plans_with(Permission.CAPTURE_REQUEST)
    rows = TelephoneCall.objects.filter(draft__plan_id__in=plans)
    return rows.select_related("draft__plan", "draft__submission__case", "taken_by").order_by("-began_at", "-pk")


def cases_findable_by(client: ApiClient) -> QuerySet[Case]:
    """Cases an API client may inquire about: of its plan, and of its organization if it has one, or its own."""
    cases = Case.objects.filter(plan=client.plan)
    if client.organization_id is not None:
        return cases.filter(Q(organization_id=client.organization_id) | Q(requests__client=client)).distinct()
    return cases.filter(Q(requests__client=client)).distinct()


def cases_for_attachments(
    *, plan: Plan, client: ApiClient | None, organization: Organization | None, member_number: str
) -> list[Case]:
    """Return the cases that records of a sender may belong to: of the member, and among the sender's own."""
    members = [row.linked_to_id or row.pk for row in find_members(plan=plan, number=member_number)]
    if client is not None:
        cases = cases_findable_by(client)
    elif organization is not None:
        cases = Case.objects.filter(plan=plan, organization=organization)
    else:
        return []
    found = cases.filter(member_id__in=members).select_related("plan", "product", "member")
    return list(found.order_by("-opened_at", "-pk")[:MOST_CASES])


def numbers_of(case: Case) -> frozenset[str]:
    """Return every number by which a sender can tie records to a case, as they are compared."""
    found: set[str] = set()
    for row in case.requests.all():
        found |= {row.identifier_value}
        found |= {str(one.get("value", "")) for one in row.identifiers}
        found |= {str(one) for one in row.echo.get("control_numbers", ())}
    for line in case.lines.all():
        found |= {str(line.public_id)}
        found |= {str(one.get("value", "")) for one in line.traces}
    questions = InformationRequest.objects.filter(case=case)
    found |= {str(one) for one in questions.values_list("public_id", flat=True)}
    found |= {str(one) for one in questions.values_list("items__public_id", flat=True) if one}
    return frozenset(plain_number(one) for one in found if one) | given_numbers_of(case)


def given_numbers_of(case: Case) -> frozenset[str]:
    """Return the numbers under which a case was answered, of lines that a revision replaced too, as they are compared.

    Numbers of an earlier payer that a line goes on from are among them.
    """
    found = set(sequences_of_numbers(case))
    for row in case.requests.all():
        found |= {str(row.public_id), row.administrative_number}
    return frozenset(plain_number(one) for one in found if one)


def sequences_of_numbers(case: Case) -> dict[str, int]:
    """Return the sequence of the line that each authorization or administrative number of a case belongs to."""
    found: dict[str, int] = {}
    lines = case.lines.order_by("pk").values_list(
        "sequence", "previous_authorization_number", "administrative_number", "authorizations__number"
    )
    for sequence, *numbers in lines:
        found |= {number: sequence for number in numbers if number}
    return found


def held_for(*, plan: Plan, numbers: Iterable[str], client: ApiClient | None) -> list[AttachmentMessage]:
    """Return the held records of a sender for a member, oldest first."""
    wanted = AttachmentMessage.objects.filter(is_held=True, member_number__in=sorted(numbers), submission__plan=plan)
    same_sender = Q(submission__client=client)
    if client is not None and client.organization_id is not None:
        same_sender |= Q(submission__organization_id=client.organization_id)
    return list(wanted.filter(same_sender).select_related("submission", "submission__submitted_by").order_by("pk"))


def held_attachment(submission: Submission) -> AttachmentMessage | None:
    """Return what ties a waiting message to a request, if it holds records that were sent apart."""
    return AttachmentMessage.objects.filter(submission=submission, is_held=True).first()
