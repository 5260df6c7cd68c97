"""Claim/$inquire: the present state of what was asked (OperationDefinition Claim-inquiry).

A case is found by the patient, by the client's own scope, and by what the items of the inquiry name: a number that
fits finds it by itself, else every criterion of one item must fit one line. The identifier names the inquiry and
is no search key. Nothing found is told in one way whatever the reason, so that nobody learns who is a member or
who else asked: 2.0.1 an error ClaimResponse (AAA 67), 2.2.1 Parameters without `return`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q

from openum import audit
from openum.accounts.models import ApiClient
from openum.adapters.fhir import codes
from openum.adapters.fhir.bundle import Bundle
from openum.adapters.fhir.door import Message
from openum.adapters.fhir.elements import coding, day, days, extension, identifier_value, part, rows, text
from openum.adapters.fhir.pas.answers import answer_of_case, answer_of_problems
from openum.adapters.fhir.pas.items import action_of
from openum.adapters.fhir.pas.mapping import Parts, parts_of
from openum.adapters.fhir.pas.notes import Notes
from openum.adapters.fhir.pas.people import member_of
from openum.adapters.fhir.pas.response import INQUIRY, inquiry_bundle, response_bundle, to_bytes
from openum.adapters.fhir.pas.standing import received_bundle
from openum.adapters.fhir.pas.versions import Version
from openum.adapters.fhir.pas.view import AnswerView, LineView
from openum.cases.models import Case, Request
from openum.directory.models import Member
from openum.directory.queries import find_members
from openum.submission.incoming import Problem
from openum.submission.queries import cases_findable_by, given_numbers_of
from openum.submission.rules import plain_number, same_person

Json = dict[str, Any]

MOST_ANSWERS = 50
"""Newest first; an inquiry that fits more should name a number or a service."""

NOT_FOUND = Problem(
    code="member-not-found",
    path="",
    text="No authorization fits this inquiry. Check the member number, the requesting provider and the criteria.",
)


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """What one item of an inquiry looks for; empty means any."""

    authorization_number: str = ""
    administrative_number: str = ""
    code: str = ""
    code_end: str = ""
    action: str = ""
    issued: tuple[date | None, date | None] = (None, None)
    effective: tuple[date | None, date | None] = (None, None)
    expires: tuple[date | None, date | None] = (None, None)
    serviced: tuple[date | None, date | None] = (None, None)

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers it names, as they are compared."""
        given = (self.authorization_number, self.administrative_number)
        return frozenset(plain_number(one) for one in given if one)

    def finds(self, case: Case, lines: Iterable[LineView]) -> bool:
        """Say whether a case has what the item looks for: one of its numbers, replaced or not, or a line that fits."""
        if self.numbers:
            return bool(self.numbers & given_numbers_of(case))
        return any(self.fits(line) for line in lines)

    def fits(self, line: LineView) -> bool:
        """Say whether a line has the service and the certification that the item looks for."""
        return self._fits_service(line) and self._fits_certification(line)

    def _fits_service(self, line: LineView) -> bool:
        if self.code and not (line.asked.code == self.code or self.code <= line.asked.code <= self.code_end):
            return False
        if self.serviced == (None, None) or line.asked.valid_from is None:
            return True
        first, last = self.serviced
        starts_late = last is not None and line.asked.valid_from > last
        ends_early = first is not None and line.asked.valid_to is not None and line.asked.valid_to <= first
        return not (starts_late or ends_early)

    def _fits_certification(self, line: LineView) -> bool:
        if self.action and action_of(line) != self.action:
            return False
        if (self.issued, self.effective, self.expires) == ((None, None),) * 3:
            return True
        if line.authorization is None:
            return False
        service = line.authorization.service
        return (
            _within(line.authorization.issued_on, self.issued)
            and _within(service.valid_from, self.effective)
            and _within(_last_day(service.valid_to), self.expires)
        )


def _last_day(end: date | None) -> date | None:
    """Return the last day of a period whose end is the first day after it, as FHIR writes it."""
    return end and end - timedelta(days=1)


def _within(value: date | None, wanted: tuple[date | None, date | None]) -> bool:
    first, last = wanted
    if first is None and last is None:
        return True
    return value is not None and (first is None or first <= value) and (last is None or value <= last)


def criteria_of(claim: Json) -> list[Criterion]:
    """Read the items of an inquiry, and the numbers on the Claim itself (2.2.1)."""
    found = [_criterion(item) for item in rows(claim.get("item"))]
    whole = Criterion(
        authorization_number=text(extension(claim, codes.AUTHORIZATION_NUMBER).get("valueString")),
        administrative_number=text(extension(claim, codes.ADMINISTRATIVE_NUMBER).get("valueString")),
    )
    return [whole] if whole != Criterion() else found


def _criterion(item: Json) -> Criterion:
    service = coding(item.get("productOrService"))
    any_service = service.system == codes.DATA_ABSENT_SYSTEM
    code_end = coding(extension(item, codes.CODE_END).get("valueCodeableConcept")).code
    return Criterion(
        authorization_number=text(extension(item, codes.AUTHORIZATION_NUMBER).get("valueString")),
        administrative_number=text(extension(item, codes.ADMINISTRATIVE_NUMBER).get("valueString")),
        code="" if any_service else service.code,
        code_end=code_end or service.code,
        action=coding(extension(item, codes.REVIEW_ACTION_CODE).get("valueCodeableConcept")).code,
        issued=_dates(item, codes.CERT_ISSUED),
        effective=_dates(item, codes.CERT_EFFECTIVE),
        expires=_dates(item, codes.CERT_EXPIRES),
        serviced=days(item, "serviced"),
    )


def _dates(item: Json, url: str) -> tuple[date | None, date | None]:
    found = extension(item, url)
    if "valueDate" in found:
        only = day(found["valueDate"])
        return only, only
    period = part(found, "valuePeriod")
    return day(period.get("start")), day(period.get("end"))


def inquire(message: Message, *, client: ApiClient, version: Version, base_url: str, at: datetime) -> tuple[bytes, int]:
    """Answer one PAS inquiry Bundle with the present state; never with stored bytes.

    Raises:
        MessageRefused: nothing can be looked up with the message.
    """
    bundle = Bundle(message.data)
    parts = parts_of(bundle)
    answers = _answers(bundle, parts, client=client, base_url=base_url, at=at)
    if version.inquiry_answers_parameters:
        found: Json = {"resourceType": "Parameters"}
        if answers:
            found["parameter"] = [
                {"name": "return", "resource": inquiry_bundle([one], version=version)} for one in answers
            ]
        return to_bytes(found), 200
    if answers:
        return to_bytes(inquiry_bundle(answers, version=version)), 200
    nothing = answer_of_problems(
        [NOT_FOUND],
        identifier=str(client.public_id),
        parts=parts,
        bundle=bundle,
        plan=client.plan,
        base_url=base_url,
        at=at,
        echo={"claim": parts.claim.url, "identifier": list(rows(parts.claim.resource.get("identifier")))},
    )
    return to_bytes(response_bundle(nothing, version=version, profile=INQUIRY)), 200


def _answers(bundle: Bundle, parts: Parts, *, client: ApiClient, base_url: str, at: datetime) -> list[AnswerView]:
    members = _members(bundle, parts, client)
    if not members:
        return []
    criteria = criteria_of(parts.claim.resource)
    found: list[AnswerView] = []
    shown: list[Case] = []
    for case in _cases(members, parts, client):
        request = next(iter(case.requests.all()))
        stored = received_bundle(request)
        bundles = [bundle] if stored is None else [bundle, stored]
        answer = answer_of_case(case, request, parts=parts, bundles=bundles, base_url=base_url, at=at)
        if not criteria or any(one.finds(case, answer.lines) for one in criteria):
            found.append(answer)
            shown.append(case)
    audit.record_reads(by=client.user, at=at, case_ids=[case.public_id for case in shown], why="FHIR Claim/$inquire")
    return found


def _members(bundle: Bundle, parts: Parts, client: ApiClient) -> list[Member]:
    sent = member_of(parts.patient, parts.coverage, bundle, Notes())
    for number in dict.fromkeys([sent.member_id, sent.subscriber_id]):
        found = [
            row
            for row in find_members(plan=client.plan, number=number)
            if same_person(sent, family=row.family_name, birth_date=row.birth_date)
        ]
        if found:
            return [row.linked_to or row for row in found]
    return []


def _cases(members: list[Member], parts: Parts, client: ApiClient) -> list[Case]:
    """Return the cases of the member that the client may find and in which the asking provider plays a part."""
    cases = cases_findable_by(client).filter(member__in=members)
    npi = _requester_npi(parts)
    if npi:
        cases = cases.filter(Q(requests__parties__npi=npi) | Q(requests__parties__organization__npi=npi))
    requests = Request.objects.select_related("submission").order_by("-received_at", "-pk")
    return list(
        cases.select_related("plan", "product")
        .prefetch_related(Prefetch("requests", queryset=requests))
        .distinct()
        .order_by("-opened_at", "-pk")[:MOST_ANSWERS]
    )


def _requester_npi(parts: Parts) -> str:
    return identifier_value(parts.requester.resource, codes.NPI) if parts.requester is not None else ""
