"""Whose case it is: changed only when a provisional person is tied to the right member, or the tie is undone."""

from django.db import transaction

from openum.cases.models import Case
from openum.directory.models import Coverage, Member


@transaction.atomic
def give_to_member(*, case: Case, member: Member, coverage: Coverage | None) -> Case:
    """Put a case on another row of the same person. Numbers, receipts and the product stay; the caller records it."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    case.member, case.coverage = member, coverage
    case.save(update_fields=["member", "coverage"])
    return case
