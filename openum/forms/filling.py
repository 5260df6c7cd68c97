"""Forms that an office is filling in: the only writer of them.

Answers are kept as they are typed; a completed form never changes, and then the records that filled it are let go.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import Organization, Plan, User
from openum.accounts.queries import check_user_may
from openum.accounts.rules import Permission
from openum.db.text import clean
from openum.forms.answers import Filled
from openum.forms.events import FillingCompleted, FillingDelivered, FillingRead, FillingRecordsRead, FillingStarted
from openum.forms.fields import kept_json
from openum.forms.models import Filling
from openum.vocabulary.errors import Conflict, Invalid

Json = dict[str, Any]

MOST_RECORDS = 5_000


class FormCompleted(Conflict):
    """The form was completed meanwhile."""

    code: ClassVar[str] = "form-completed"


class TooManyRecords(Invalid):
    """More resources than a form is filled from."""

    code: ClassVar[str] = "too-many-records"


@transaction.atomic
def start(
    *, plan: Plan, organization: Organization, form: str, title: str, subject: str, by: User, at: datetime,
    package: Sequence[Json] = (), context: Json | None = None,
) -> Filling:  # fmt: skip
    """Begin to fill in a form.

    Args:
        plan: whose form it is.
        organization: the office; its people share it.
        form: the canonical, with version.
        title: what people call it.
        subject: the patient in the office's own words.
        by: who begins.
        at: the instant.
        package: the resources of a form that did not come from us.
        context: references to coverage and orders.
    """
    check_user_may(by, Permission.SUBMIT_REQUEST)
    row = Filling.objects.create(
        plan=plan, organization=organization, started_by=by, form=form, title=clean(title)[:300],
        subject=clean(subject)[:200], package=list(package), context=context or {}, started_at=at, saved_at=at,
    )  # fmt: skip
    audit.record(
        FillingStarted(
            plan_id=plan.public_id, filling_id=row.public_id, organization_id=organization.public_id,
            form=form if not package else "",
        ),
        by=by, at=at,
    )  # fmt: skip
    return row


@transaction.atomic
def save(*, filling: Filling, filled: Filled, wrong: Mapping[str, str], at: datetime) -> Filling:
    """Keep the answers as they stand.

    Raises:
        FormCompleted: it is completed.
    """
    row = _lock(filling)
    row.answers, row.saved_at = kept_json(filled), at
    row.wrong = {name: clean(words)[:100_000] for name, words in wrong.items()}
    row.save(update_fields=["answers", "wrong", "saved_at"])
    return row


@transaction.atomic
def keep_records(
    *, filling: Filling, records: Sequence[Json], source: str, way: str, by: User, at: datetime
) -> Filling:
    """Keep what was read of the office's records, in place of what was read before.

    Raises:
        FormCompleted: it is completed.
        TooManyRecords: more than a form is filled from.
    """
    if len(records) > MOST_RECORDS:
        raise TooManyRecords(
            f"These are more than {MOST_RECORDS} records. Choose those of one patient and a shorter time."
        )
    row = _lock(filling)
    row.records, row.source, row.saved_at = list(records), clean(source)[:300], at
    born = next((one.get("birthDate") for one in records if one.get("resourceType") == "Patient"), None)
    row.context = row.context | {"born": born if isinstance(born, str) else ""}
    row.save(update_fields=["records", "source", "context", "saved_at"])
    audit.record(FillingRecordsRead(filling_id=row.public_id, resources=len(records), way=way), by=by, at=at)
    return row


@transaction.atomic
def ask_on(*, filling: Filling, contained: Json, is_done: bool, at: datetime) -> Filling:
    """Keep the questions so far of an adaptive form, and whether it has more."""
    row = _lock(filling)
    row.contained, row.context, row.saved_at = contained, row.context | {"asked_all": is_done}, at
    row.save(update_fields=["contained", "context", "saved_at"])
    return row


@transaction.atomic
def complete(*, filling: Filling, response: Json, by: User, at: datetime) -> Filling:
    """Complete a form: its response is fixed, the records that filled it are let go."""
    row = _lock(filling)
    row.response, row.completed_at, row.saved_at = response, at, at
    row.records, row.wrong = [], {}
    row.save(update_fields=["response", "completed_at", "saved_at", "records", "wrong"])
    audit.record(FillingCompleted(filling_id=row.public_id), by=by, at=at)
    return row


@transaction.atomic
def throw_away(*, filling: Filling) -> None:
    """Throw away a form that was not completed."""
    _lock(filling).delete()


@transaction.atomic
def note_read(*, filling: Filling, what: str, by: User, at: datetime) -> None:
    """Record that somebody saw the answers."""
    audit.record(FillingRead(filling_id=filling.public_id, what=what), by=by, at=at)


@transaction.atomic
def note_delivered(*, filling: Filling, case_id: Any, by: User, at: datetime) -> None:
    """Record that the response was attached to a request."""
    audit.record(FillingDelivered(filling_id=filling.public_id, case_id=case_id), by=by, at=at)


def _lock(filling: Filling) -> Filling:
    row = Filling.objects.select_for_update(of=("self",)).select_related("plan").get(pk=filling.pk)
    if row.completed_at is not None:
        raise FormCompleted("This form is completed. Start it anew if something has to change.")
    return row
