"""What the lifecycle does when an answer changes: a job that numbers the event, once for a case and instant."""

from openum import jobs
from openum.adapters.fhir.subscriptions.models import Subscription
from openum.adapters.fhir.subscriptions.rules import answer_changes
from openum.audit import Recorded
from openum.cases import working
from openum.cases.events import InformationRequested, LineStatusChanged
from openum.determination.events import AuthorizationIssued


def tell_of_status(event: LineStatusChanged, recorded: Recorded) -> None:
    """Tell when the requester's answer reads differently now."""
    if answer_changes(event.before, event.after):
        _tell(event, recorded)


def tell_of_answer(event: InformationRequested | AuthorizationIssued, recorded: Recorded) -> None:
    """Tell of a question, or of an authorization that was given or changed."""
    _tell(event, recorded)


def _tell(event: LineStatusChanged | InformationRequested | AuthorizationIssued, recorded: Recorded) -> None:
    """A request that is being taken in is answered at once; only others than its sender are told of changes by it."""
    at_hand = working.current()
    if event.case_id is None or (at_hand is not None and at_hand.is_new_case):
        return
    if not Subscription.objects.filter(deleted_at__isnull=True).exclude(status=Subscription.OFF).exists():
        return
    sender = at_hand.request.client if at_hand is not None else None
    cause = f"{event.case_id}@{recorded.at.isoformat()}"
    jobs.enqueue(
        "subscriptions.tell",
        {"case": str(event.case_id), "cause": cause, "not_client": str(sender.public_id) if sender else ""},
        run_at=recorded.at,
        dedupe_key=f"tell:{cause}",
    )
