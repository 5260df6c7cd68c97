"""The yardstick: a Django view that parses the same bundle and inserts four rows in one durable transaction.

The second view answers a CDS Hooks call the same way, with two rows. They are what one would write by hand in an
afternoon: the ORM, the same middleware and the same look-up of the bearer
token, in the same database file, on the same server with the same number of processes and threads.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from openum.accounts.connections.tokens import fixed_bearer_of
from openum.db import clock
from openum.directory.models import Member
from openum.vocabulary.identifiers import new_uuid7


class Submission(models.Model):
    """The message as received."""

    public_id = models.UUIDField(default=new_uuid7, unique=True)
    client_id = models.BigIntegerField()
    digest = models.TextField()
    body = models.BinaryField()
    received_at = models.DateTimeField()

    class Meta:
        app_label = "bare"
        db_table = "bare_submission"


class Case(models.Model):
    """The case."""

    public_id = models.UUIDField(default=new_uuid7, unique=True)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT)
    member = models.TextField()
    opened_at = models.DateTimeField()

    class Meta:
        app_label = "bare"
        db_table = "bare_case"


class Line(models.Model):
    """One requested service."""

    public_id = models.UUIDField(default=new_uuid7, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    code = models.TextField()
    status = models.TextField()

    class Meta:
        app_label = "bare"
        db_table = "bare_line"


class Event(models.Model):
    """What happened."""

    public_id = models.UUIDField(default=new_uuid7, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    kind = models.TextField()
    data = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        app_label = "bare"
        db_table = "bare_event"


ROWS: tuple[type[models.Model], ...] = (Submission, Case, Line, Event)


def create_tables() -> None:
    """Create the four tables."""
    known = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for model in ROWS:
            if model._meta.db_table not in known:
                editor.create_model(model)


def resource_of(bundle: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the first resource of a kind."""
    return next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind)


@csrf_exempt
def submit(request: HttpRequest) -> HttpResponse:
    """Check the token, parse, insert four rows, answer."""
    bearer = fixed_bearer_of(request.headers.get("Authorization", "").partition(" ")[2])
    if bearer is None:
        return HttpResponse(status=401)
    body = request.body
    bundle = orjson.loads(body)
    claim, patient = resource_of(bundle, "Claim"), resource_of(bundle, "Patient")
    now = clock.now()
    with transaction.atomic():
        submission = Submission.objects.create(
            client_id=bearer.client.pk, digest=hashlib.sha256(body).hexdigest(), body=body, received_at=now
        )
        case = Case.objects.create(
            submission=submission, member=patient["identifier"][0]["value"] if patient.get("identifier") else "",
            opened_at=now,
        )  # fmt: skip
        coding = claim["item"][0]["productOrService"]["coding"][0]
        line = Line.objects.create(case=case, code=coding["code"], status="received")
        Event.objects.create(case=case, kind="submitted", data={"line": str(line.public_id)}, at=now)
    answer = {"resourceType": "ClaimResponse", "id": str(case.public_id), "outcome": "queued"}
    return HttpResponse(orjson.dumps(answer), content_type="application/fhir+json")


@csrf_exempt
def order_sign(request: HttpRequest) -> HttpResponse:
    """Check the token, parse a call, find the member, look one rule up, insert two rows, answer with the order."""
    bearer = fixed_bearer_of(request.headers.get("Authorization", "").partition(" ")[2])
    if bearer is None:
        return HttpResponse(status=401)
    client = bearer.client
    body = request.body
    call = orjson.loads(body)
    order = resource_of(call["context"]["draftOrders"], "ServiceRequest")
    coverage = call["prefetch"]["coverage"]
    member = Member.objects.filter(plan_id=client.plan_id, member_number=coverage["subscriberId"]).first()
    rule = RULES.get(order["code"]["coding"][0]["code"], "no-auth")
    now = clock.now()
    with transaction.atomic():
        asked = Submission.objects.create(
            client_id=client.pk, digest=hashlib.sha256(body).hexdigest(), body=b"", received_at=now
        )
        told = Case.objects.create(submission=asked, member=str(member.pk) if member else "", opened_at=now)
    said = [
        {"url": "covered", "valueCode": "covered"}, {"url": "pa-needed", "valueCode": rule},
        {"url": "coverage-assertion-id", "valueString": str(told.public_id)},
    ]  # fmt: skip
    order["extension"] = [{"url": "coverage-information", "extension": said}]
    action = {"type": "update", "description": "Add coverage information", "resource": order}
    answer = {"cards": [], "systemActions": [action]}
    return HttpResponse(orjson.dumps(answer), content_type="application/json")


RULES = {str(code): "auth-needed" for code in range(30000, 35000)}


def short_way(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Serve the view once more at an address that leaves out the middleware for browsers, as OpenUM's FHIR does."""

    def serve(request: HttpRequest) -> HttpResponse:
        view = {"/short/submit": submit, "/short/order-sign": order_sign}.get(request.path_info)
        return view(request) if view is not None else get_response(request)

    return serve


urlpatterns = [path("submit", submit), path("order-sign", order_sign)]
