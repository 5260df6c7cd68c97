"""The open work of the present: fresh requests, questions that wait, reviews, conversations to come, the intake list.

The first days of the tour are kept free: nothing here is made for the two members of whom the journeys tell, but one
earlier request of the member who has a login.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

import orjson
from django.db import transaction

from openum import audit, jobs
from openum.clocks.services import sweep
from openum.review.models import PeerToPeer, Review
from openum.review.services import add_slot, book_conversation, offer_conversation, start_review
from openum.review.services.peer_to_peer import WITH_NOTICE
from openum.submission.incoming import IncomingLine, IncomingMember, IncomingProvider, IncomingRequest, Problem
from openum.submission.services import Door, accept, record_refusal
from openum.vocabulary.terms import (
    CertificationType,
    Channel,
    PartyRole,
    RequestKind,
    Standing,
    Urgency,
)
from samples import named, plots
from samples.acting import Curtain, Scene, Stage
from samples.codes import BY_CODE, CPT, HCPCS
from samples.members import Person
from samples.numbers import npi
from samples.plots import Cast, Plot, working

FIRST_NUMBER = 900_000


def build(rng: Random, cast: Cast, people: Sequence[Person], stage: Stage) -> int:
    """Make the open work of today; return how many cases it has."""
    made = 0
    with transaction.atomic(), audit.batch():
        _free_times(stage)
    for play, plot in _scenes(rng, cast, stage.until):
        with transaction.atomic(), audit.batch():
            scene = Scene(stage, plot)
            with suppress(Curtain):
                play(scene)
            made += scene.case is not None
    with transaction.atomic(), audit.batch():
        _member_with_login(rng, cast, people, stage)
        _intake_list(stage)
        sweep(by=stage.engine, at=stage.until)
        jobs.run_due(stage.until, limit=500)
    return made


def _free_times(stage: Stage) -> None:
    """Open three times a day for six weeks for each physician, early, at noon and in the afternoon."""
    physicians = [*stage.staff.physicians, stage.staff.orthopaedist]
    first = stage.until.astimezone(plots.ZONE).replace(second=0, microsecond=0)
    for offset in range(42):
        day = first + timedelta(days=offset)
        if day.weekday() >= 5:
            continue
        for physician in physicians:
            for hour, minute in ((7, 40), (12, 10), (16, 30)):
                starts = day.replace(hour=hour, minute=minute)
                if physician is not None and starts > stage.until:
                    add_slot(physician=physician, starts_at=starts, by=physician, at=stage.until)


def _scenes(rng: Random, cast: Cast, now: datetime) -> Iterator[tuple[Callable[[Scene], None], Plot]]:
    number = FIRST_NUMBER

    def plot(ago_hours: float, **facts: object) -> Plot:
        nonlocal number
        number += 1
        facts.setdefault("channel", "portal")
        return plots.plot(rng, cast, number=number, received_at=now - timedelta(hours=ago_hours), **facts)  # type: ignore[arg-type]

    for ago in (0.3, 1, 2.2, 4, 6, 9, 21, 25, 28, 33, 45, 50):
        yield _sent, plot(ago, ending=plots.NURSE)
    for ago in (30, 44, 61, 70):
        yield _sent, plot(ago, ending=plots.NURSE, urgency="expedited", product="medicare-advantage")
    for ago in (140, 152, 160, 164):
        yield _sent, plot(ago, ending=plots.NURSE, product="medicare-advantage", service=BY_CODE["74177"])
    for ago in (8, 30, 55, 80):
        yield _sent, plot(ago, ending=plots.ASKED, service=BY_CODE["72148"])
    for ago in (5, 28, 74, 120, 190):
        yield (
            _sent,
            plot(ago, ending=plots.ASKED, service=BY_CODE["27447"], product="commercial-ppo", practice="bayline-ortho"),
        )
    for ago in (26, 40):
        yield _in_review, plot(ago, ending=plots.NURSE, product="commercial-ppo")
    for ago, product in ((60, "commercial-ppo"), (75, "medicare-advantage"), (90, "kestrel-tools"), (100, "medicaid")):
        yield _with_physician, plot(ago, ending=plots.DENIED, product=product)
    yield _booked_before_decision, plot(96, ending=plots.TALKED, product="medicare-advantage", service=BY_CODE["97110"])
    yield (
        _booked_after_denial,
        plot(
            150, ending=plots.OVERTURNED, product="commercial-ppo", service=BY_CODE["27447"], practice="bayline-ortho"
        ),
    )
    yield _offered_after_denial, plot(120, ending=plots.OVERTURNED, product="kestrel-tools", service=BY_CODE["63047"])
    twice = plot(30, ending=plots.NURSE, product="commercial-ppo", service=BY_CODE["73721"])
    yield _sent, twice
    yield _sent, replace(twice, number=twice.number + 5000, received_at=now - timedelta(hours=3), channel="fax")
    yield _sent, replace(plot(20, ending=plots.NURSE, product="medicaid", channel="phone"), standing="member")
    yield _sent, plot(26, ending=plots.NURSE, product="medicare-advantage", channel="mail")
    yield _sent, plot(205, ending=plots.NURSE, product="medicare-advantage", service=BY_CODE["E1390"])


def _sent(scene: Scene) -> None:
    scene.send()


def _in_review(scene: Scene) -> None:
    scene.nurse = scene.stage.staff.nurses[0]
    scene.send()
    scene.now = max(scene.now, scene.stage.until - timedelta(minutes=25))
    if scene.is_open():
        start_review(line=scene.line, level=Review.NURSE, by=scene.nurse, at=scene.now)


def _with_physician(scene: Scene) -> None:
    _be_quick(scene)
    scene.send()
    scene.refer()


def _be_quick(scene: Scene) -> None:
    """Let the steps take hours, so that they fit before the present."""
    quick = tuple(timedelta(hours=2) for _ in scene.plot.waits)
    scene.plot = replace(scene.plot, waits=quick, urgency="standard")


def _booked_before_decision(scene: Scene) -> None:
    _with_physician(scene)
    scene.take_up()
    scene.now = max(
        scene.now, scene.stage.until - timedelta(minutes=90)
    )  # a time can still be booked after the present
    _book(scene, scene.seek_conversation())


def _booked_after_denial(scene: Scene) -> None:
    _denied(scene)
    _book(scene, _offer(scene))


def _offered_after_denial(scene: Scene) -> None:
    _denied(scene)
    _offer(scene)


def _denied(scene: Scene) -> None:
    _with_physician(scene)
    scene.take_up()
    scene.deny()


def _offer(scene: Scene) -> PeerToPeer:
    return offer_conversation(line=scene.line, how=WITH_NOTICE, open_until=None, by=scene.physician, at=scene.now)


def _book(scene: Scene, conversation: PeerToPeer) -> None:
    """Book the next working morning after the present."""
    scene.now = scene.stage.until - timedelta(minutes=70)
    slot = scene.time_for(conversation, scene.stage.until + timedelta(hours=20))
    orderer = scene.stage.places.practitioners[scene.plot.orderer]
    book_conversation(
        conversation=conversation, slot=slot, attendee=f"Dr. {orderer.full_name}", call_back=scene.plot_phone(),
        by=scene.office, at=scene.now,
    )  # fmt: skip


def _member_with_login(rng: Random, cast: Cast, people: Sequence[Person], stage: Stage) -> None:
    """Give the member with a login one earlier, approved request, so that their page is not empty."""
    cast_of_one = replace(cast, members=[person for person in people if person.number == named.ROSA_ALVAREZ.number])
    stage.play(
        plots.plot(
            rng, cast_of_one, number=FIRST_NUMBER + 9000, received_at=working(stage.until - timedelta(days=100)),
            ending=plots.NURSE, service=BY_CODE["73721"], urgency="standard", channel="portal", practice="bayline-ortho",
        )
    )  # fmt: skip


def _intake_list(stage: Stage) -> None:
    """Keep messages that could not become a case: unknown member, wrong birth date, ended cover, unknown provider, junk."""
    plan = stage.places.plan
    left = plan.members.filter(coverages__valid_to__lt=stage.until.date()).order_by("pk").first()
    other = plan.members.order_by("-pk").first()
    practice = stage.places.organizations["harbor-primary"]
    assert left is not None
    assert other is not None
    requests = (
        (_message(stage, 5, "LHC-2999999", "Marlowe", date(1971, 5, 9), practice.npi), Channel.PORTAL),
        (_message(stage, 11, other.member_number, other.family_name, date(1901, 1, 1), practice.npi), Channel.FAX),
        (_message(stage, 27, left.member_number, left.family_name, left.birth_date, practice.npi), Channel.PORTAL),
        (_message(stage, 31, other.member_number, other.family_name, other.birth_date, npi(900000999)), Channel.FAX),
    )  # fmt: skip
    for request, channel in requests:
        by = stage.staff.offices["harbor-primary"] if channel == Channel.PORTAL else stage.staff.intake[0]
        accept(
            request=replace(request, channel=channel), by=by, plan=plan, door=Door(base="portal", operation=channel),
            at=request.received_at + timedelta(minutes=4), organization=practice if channel == Channel.PORTAL else None,
        )  # fmt: skip
    ended = _message(stage, 8, other.member_number, other.family_name, other.birth_date, practice.npi)
    ended = replace(ended, lines=(replace(ended.lines[0], code_system=HCPCS, code="G0154"),), raw=b'{"ended": true}')
    accept(
        request=replace(ended, canonical_digest=hashlib.sha256(ended.raw).hexdigest()), by=stage.staff.intake[0], plan=plan,
        door=Door(base="portal", operation="capture"), at=ended.received_at + timedelta(minutes=9),
    )  # fmt: skip
    assert stage.staff.client is not None
    junk = b'{"resourceType": "Bundle", "type": "collection", "entry": []}'
    record_refusal(
        raw=junk, digest=hashlib.sha256(junk).hexdigest(), size=len(junk), by=stage.staff.client.user, plan=plan,
        reason=Problem(code="required", path="Bundle.entry[0].resource", text="The Bundle holds no Claim."),
        channel=Channel.FHIR, door=Door(base="/fhir/2.2", operation="submit"), at=stage.until - timedelta(hours=2),
        client=stage.staff.client,
    )  # fmt: skip


def _message(
    stage: Stage, ago_hours: float, number: str, family: str, born: date | None, provider: str
) -> IncomingRequest:
    received = stage.until - timedelta(hours=ago_hours)
    day = received.date() + timedelta(days=9)
    raw = orjson.dumps({"member": number, "family": family, "provider": provider, "service": "70553", "day": day})
    return IncomingRequest(
        raw=raw, canonical_digest=hashlib.sha256(raw).hexdigest(), channel=Channel.PORTAL, standing=Standing.PROVIDER,
        received_at=received, certification=CertificationType.INITIAL, kind=RequestKind.AUTHORIZATION,
        urgency=Urgency.STANDARD, member=IncomingMember(member_id=number, family=family, given="", birth_date=born),
        payer_name=stage.places.plan.name, received_proof="received by the portal",
        providers=(IncomingProvider(role=PartyRole.REQUESTER, npi=provider, name="", is_organization=True, key="requester"),),
        lines=(
            IncomingLine(
                sequence=1, code_system=CPT, code="70553", first_day=day, last_day=day, provider_keys=("requester",)
            ),
        ),
    )  # fmt: skip
