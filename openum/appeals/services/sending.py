"""Sealing the file of an appeal and handing it to the outside body, with proof. Same inputs, same bytes."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.appeals.events import FileSentOn, PacketBuilt
from openum.appeals.gathering import contents_of, gather, missing_in
from openum.appeals.models import Appeal, OutsideReview, Packet
from openum.appeals.packet import Part, archive, manifest_of, parts_of
from openum.appeals.rules.states import AppealState, IllegalAppealStep
from openum.appeals.services.filing import note_fact
from openum.appeals.services.outside import UNDECIDED, name_body
from openum.appeals.services.steps import lock, move
from openum.appeals.services.taking_back import note_too_late, register_recalls
from openum.clocks import services as clocks
from openum.clocks.rules.facts import FactKind
from openum.outbox import services as outbox
from openum.outbox.files import write_whole
from openum.outbox.models import Message

FILE = "appeal.file"
"""Kind of the message that carries a sealed file out."""


@permitted(Permission.MANAGE_APPEALS, Permission.DECIDE_APPEALS, on="appeal.line.case", serves_software=True)
@transaction.atomic
def build_packet(*, appeal: Appeal, by: User, at: datetime) -> Packet:
    """Seal the file of an appeal as it stands: inputs frozen, every part named with its digest."""
    appeal = lock(appeal)
    inputs = gather(appeal, at=at)
    parts = parts_of(inputs, contents_of(inputs))
    manifest = manifest_of(inputs, parts)
    packet = Packet.objects.create(
        appeal=appeal, built_at=at, built_by=by, inputs=inputs, manifest=manifest,
        manifest_digest=hashlib.sha256(_bytes(manifest)).hexdigest(), missing=missing_in(inputs),
    )  # fmt: skip
    audit.record(
        PacketBuilt(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), appeal_id=appeal.public_id,
            packet_id=packet.public_id, manifest_digest=packet.manifest_digest,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return packet


def _bytes(manifest: dict[str, Any]) -> bytes:
    return orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def parts_again(packet: Packet) -> list[Part]:
    """Make every part of a sealed file again from its stored inputs; the bytes equal the first ones."""
    return parts_of(packet.inputs, contents_of(packet.inputs))


def archive_of(packet: Packet) -> bytes:
    """Return a sealed file as one archive, the same bytes every time."""
    return archive([*parts_again(packet), Part("manifest.json", "application/json", _bytes(packet.manifest))])


@permitted(Permission.MANAGE_APPEALS, Permission.DECIDE_APPEALS, on="appeal.line.case", serves_software=True)
@transaction.atomic
def send_file(*, appeal: Appeal, by: User, at: datetime) -> Packet:
    """Seal the file and queue it for the outside body; it counts as sent at the proof of hand-over, not before.

    Raises:
        IllegalAppealStep: nothing is to be sent.
        NoOrganizationFree: no outside body is entered.
    """
    appeal = lock(appeal)
    if appeal.state != AppealState.TO_BE_SENT:
        raise IllegalAppealStep("The file of this appeal is not to be sent now.")
    outside = OutsideReview.objects.select_for_update(of=("self",)).select_related("organization").get(appeal=appeal)
    name_body(appeal, outside, at=at)
    packet = build_packet(appeal=appeal, by=by, at=at)
    outbox.queue(
        kind=FILE, ref_kind="packet", ref_id=packet.public_id, plan=appeal.line.case.plan, run_at=at,
        dedupe_key=f"{FILE}:{packet.public_id}",
    )  # fmt: skip
    return packet


def hand_over(message: Message, *, at: datetime) -> dict[str, Any]:
    """Drop the sealed file and its manifest where the outside body fetches them; the same file again overwrites itself.

    Raises:
        OSError: the folder cannot be written; the outbox tries again.
    """
    packet = Packet.objects.select_related("appeal").get(public_id=message.ref_id)
    if packet.appeal.state == AppealState.TAKEN_BACK:
        return {"not_handed_over": "taken back", "at": at.isoformat()}
    content = archive_of(packet)
    folder = Path(settings.OPENUM_DATA) / "outgoing"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{packet.public_id}.zip"
    write_whole(folder / name, content)
    proof = {
        "file": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "manifest_sha256": packet.manifest_digest,
        "handed_over_at": at.isoformat(),
    }
    write_whole(folder / f"{packet.public_id}.zip.json", orjson.dumps(proof, option=orjson.OPT_SORT_KEYS))
    return proof


def note_handed_over(message: Message, *, at: datetime) -> None:
    """Keep the proof, and let the clock to forward stop; both in the transaction that marks the message as sent."""
    packet = Packet.objects.select_related("built_by", "appeal").get(public_id=message.ref_id)
    appeal, by = lock(packet.appeal), packet.built_by
    if appeal.state != AppealState.TO_BE_SENT:
        if "file" in message.proof:
            note_too_late(packet, at=at)
        return
    outside = OutsideReview.objects.select_for_update(of=("self",)).get(appeal=appeal)
    outside.forwarded_at, outside.forward_proof = at, message.proof
    outside.save(update_fields=["forwarded_at", "forward_proof"])
    move(appeal, AppealState.OUTSIDE, by=by, at=at, cause="file sent")
    if appeal.counts_from is not None:
        note_fact(appeal, FactKind.FORWARDED, by=by, at=at)
    if appeal.follows is not None and appeal.follows.counts_from is not None:
        note_fact(appeal.follows, FactKind.FORWARDED, by=by, at=at)
    if outside.because == UNDECIDED:
        clocks.stop(
            request=appeal.line.request, kind=FactKind.FORWARDED, happened_at=at, line_ids=[appeal.line.public_id],
            by=by, at=at,
        )  # fmt: skip
    audit.record(
        FileSentOn(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), appeal_id=appeal.public_id,
            packet_id=packet.public_id,
        ),
        by=by,
        at=at,
    )  # fmt: skip


def register_packets() -> None:
    """Let the outbox carry sealed files; called once at start."""
    outbox.register_sender(FILE, hand_over, after=note_handed_over)
    register_recalls()
