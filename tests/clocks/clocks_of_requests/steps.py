"""What happens to a request of the small world: it is received, asked about, answered, decided and told."""

from openum import audit
from openum.audit.queries import events_of
from openum.cases.events import (
    InformationReceived,
    InformationRequested,
)
from openum.cases.models import InformationRequest, ServiceLine
from openum.clocks import services
from openum.clocks.models import Clock
from openum.determination.events import LineDecided
from openum.notices.events import NoticeSent
from openum.vocabulary.identifiers import new_uuid7
from tests.clocks.book import eastern
from tests.clocks.world import machine, person, question, request_of

RECEIVED = eastern("2026-11-24 16:40")


def start(business="medicare_advantage", **values):
    request = request_of(business, RECEIVED, **values)
    services.start_request(request_id=request.pk, by=machine(), at=RECEIVED)
    return request


def clock(request, rule) -> Clock:
    return Clock.objects.get(request=request, rule=rule)


def rules_of(request) -> set[str]:
    return set(Clock.objects.filter(request=request).values_list("rule", flat=True))


def types(request) -> list[str]:
    return [row.type for row in events_of(request.case.public_id)]


def lines_of(request):
    return tuple(ServiceLine.objects.filter(request=request).order_by("sequence").values_list("public_id", flat=True))


def ask(request, at):
    asked = question(request, at)
    event = InformationRequested(
        case_id=request.case.public_id,
        line_ids=lines_of(request),
        information_request_id=asked.public_id,
        request_id=request.public_id,
    )
    services.pause_if_the_law_allows(event, recorded_at(at))
    return asked


def answer(request, asked, at):
    InformationRequest.objects.filter(pk=asked.pk).update(closed_at=at)
    event = InformationReceived(
        case_id=request.case.public_id,
        information_request_id=asked.public_id,
        request_id=request.public_id,
        is_complete=True,
    )
    services.resume(event, recorded_at(at))


def decide(request, at, *, lines=None, status="approved"):
    lines = lines or lines_of(request)
    ServiceLine.objects.filter(public_id__in=lines).update(status=status)
    event = LineDecided(
        case_id=request.case.public_id,
        line_ids=lines,
        determination_id=new_uuid7(),
        outcome=status,
        is_adverse=status == "denied",
    )
    services.note_decision(event, recorded_at(at))


def send(request, at, *, audience="member", lines=None, kind="approval"):
    event = NoticeSent(
        case_id=request.case.public_id, line_ids=lines or lines_of(request), cause=kind, notice_id=new_uuid7(), audience=audience,
        channel="portal", is_adverse=kind == "denial",
    )  # fmt: skip
    services.stop_on_notice(event, recorded_at(at))


def recorded_at(at):
    return audit.Recorded(event_id=new_uuid7(), by=person(), at=at)
