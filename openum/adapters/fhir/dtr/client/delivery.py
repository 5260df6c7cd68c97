"""Hands a completed form over: it is attached to a request of the office, whose criteria are then answered anew."""

from datetime import datetime
from typing import Any, ClassVar

from openum.accounts.models import User
from openum.cases.models import Case
from openum.cases.queries import cases_visible_to, initial_request
from openum.cases.services import NewDocument, attach
from openum.forms.filling import note_delivered
from openum.forms.models import Filling
from openum.vocabulary.errors import Conflict, Missing
from openum.vocabulary.terms import Channel

Json = dict[str, Any]

MOST_REQUESTS = 50


class NoSuchRequest(Missing):
    """The request does not exist, or not for this office."""

    code: ClassVar[str] = "no-such-request"


class AnotherPatient(Conflict):
    """The records that filled the form are of somebody else than the member of the request."""

    code: ClassVar[str] = "another-patient"


def requests_to_attach_to(filling: Filling, user: User) -> list[Case]:
    """Return the open requests of the office with this plan, the newest first."""
    rows = cases_visible_to(user).filter(plan=filling.plan, organization=filling.organization, is_open=True)
    return list(rows.select_related("member").order_by("-opened_at")[:MOST_REQUESTS])


def attach_response(*, filling: Filling, case_id: str, by: User, at: datetime) -> Case:
    """Attach the response to a request.

    Raises:
        NoSuchRequest: it is none of the open requests of the office with this plan.
        AnotherPatient: the records said another date of birth than the member has.
    """
    case = next((one for one in requests_to_attach_to(filling, by) if str(one.public_id) == case_id), None)
    if case is None or filling.response is None:
        raise NoSuchRequest("Choose one of your open requests with this plan.")
    born = filling.context.get("born")
    if born and case.member.birth_date and born != case.member.birth_date.isoformat():
        raise AnotherPatient(
            "The records that filled this form give another date of birth than the member of the request has. "
            "Choose the right request, or fill the form from the right patient's records."
        )
    subject = {"identifier": {"value": case.member.member_number}}
    attach(
        case=case, request=initial_request(case), channel=Channel.PORTAL, by=by, at=at,
        documents=[NewDocument(
            title=filling.title[:200], content_type="application/fhir+json", document_kind="QuestionnaireResponse",
            resource=filling.response | {"subject": subject},
            source_key=f"QuestionnaireResponse/{filling.public_id}",
        )],
    )  # fmt: skip
    note_delivered(filling=filling, case_id=case.public_id, by=by, at=at)
    return case
