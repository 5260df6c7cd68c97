"""Claim/$submit: one request in, one answer out (hl7.fhir.us.davinci-pas, OperationDefinition Claim-submit)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from openum import audit
from openum.accounts.models import ApiClient
from openum.adapters.fhir.bundle import Bundle
from openum.adapters.fhir.checks import faults_of
from openum.adapters.fhir.door import Message
from openum.adapters.fhir.pas.answers import answer_of_case, answer_of_problems
from openum.adapters.fhir.pas.mapping import parts_of, to_request
from openum.adapters.fhir.pas.profiles import check_profiles_later
from openum.adapters.fhir.pas.response import response_bundle, to_bytes
from openum.adapters.fhir.pas.versions import Version
from openum.db.transactions import whole
from openum.submission.services import Door, accept, store_answer

Json = dict[str, Any]


def submit(
    message: Message,
    *,
    client: ApiClient,
    version: Version,
    door: Door,
    base_url: str,
    at: datetime,
    is_thorough: bool = False,
) -> tuple[bytes, int]:
    """Answer one PAS request Bundle. The same content again gets the bytes it got before.

    Request, decision and answer are one transaction: what was acknowledged is stored, what was not can be sent again.

    Args:
        message: the Bundle.
        client: who sends it.
        version: of the guide.
        door: base and operation, part of the retry key.
        base_url: absolute base of this FHIR service.
        at: instant of the answer.
        is_thorough: whether faults against the profiles are told in this answer, not later.

    Raises:
        MessageRefused: no request can be made of the message.
    """
    bundle = Bundle(message.data)
    parts = parts_of(bundle)
    request = to_request(
        bundle,
        parts=parts,
        version=version,
        raw=message.raw,
        canonical_digest=message.canonical_digest,
        received_at=at,
    )
    found = faults_of(bundle.resource, version=version, is_thorough=is_thorough, known=request.faults)
    request = replace(request, faults=found)
    with whole(), audit.batch():
        accepted = accept(
            request=request,
            by=client.user,
            plan=client.plan,
            client=client,
            organization=client.organization,
            door=door,
            at=at,
        )
        if accepted.replayed is not None:
            if accepted.case is not None:
                shown = [accepted.case.public_id]
                audit.record_reads(by=client.user, at=at, case_ids=shown, why="FHIR Claim/$submit repeated")
            return accepted.replayed, accepted.replayed_status or 200
        if accepted.case is not None and accepted.request is not None:
            answer = answer_of_case(
                accepted.case, accepted.request, parts=parts, bundles=[bundle], base_url=base_url, at=at
            )
        else:
            answer = answer_of_problems(
                accepted.problems,
                identifier=str(accepted.submission.public_id),
                parts=parts,
                bundle=bundle,
                plan=client.plan,
                base_url=base_url,
                at=at,
                echo=request.echo,
            )
        if accepted.request is not None and not is_thorough:
            check_profiles_later(accepted.request, version=version, at=at)
        body = to_bytes(response_bundle(answer, version=version))
        store_answer(
            submission=accepted.submission, body=body, status=200, by=client.user, at=at, request=accepted.request
        )
    return body, 200
