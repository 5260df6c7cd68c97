"""The sealed file of an appeal, and the proof of what was carried out."""

import hashlib
import io
import zipfile

import pytest

from openum.appeals.gathering import contents_of
from openum.appeals.models import Packet
from openum.appeals.packet import DocumentChanged, parts_of
from openum.appeals.services import (
    archive_of,
    build_packet,
    carry_out,
    decide_appeal,
    parts_again,
)
from openum.vocabulary.errors import Invalid
from tests.appeals import story
from tests.appeals.story import DAY

pytestmark = pytest.mark.django_db


def test_the_packet_can_be_made_again_byte_for_byte(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    packet = build_packet(appeal=appeal, by=desk, at=at + DAY)
    first = archive_of(packet)
    again = archive_of(Packet.objects.get(pk=packet.pk))
    assert first == again
    with zipfile.ZipFile(io.BytesIO(first)) as file:
        names = set(file.namelist())
        assert {"packet.pdf", "bundle.json", "manifest.json"} <= names
        assert any(name.startswith("criteria/") for name in names)
        assert any(name.startswith("letters/") for name in names)
        assert any(name.startswith("record/") for name in names)
        for part in packet.manifest["parts"]:
            assert hashlib.sha256(file.read(part["path"])).hexdigest() == part["sha256"]
    assert b"/StructTreeRoot" in parts_again(packet)[0].content
    contents = contents_of(packet.inputs)
    digest = next(item["digest"] for item in packet.inputs["files"] if item["section"] == "Medical record")
    contents[digest] = b"changed"
    with pytest.raises(DocumentChanged):
        parts_of(packet.inputs, contents)


def test_a_proof_is_needed_and_given_once(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    decide_appeal(appeal=appeal, verdict=story.yes(), by=reviewer, at=at + 2 * DAY)
    with pytest.raises(Invalid, match="Give the proof"):
        carry_out(appeal=appeal, proof_kind="authorization", proof="", by=desk, at=at + 2 * DAY)
    with pytest.raises(Exception, match="carried out already"):
        carry_out(appeal=appeal, proof_kind="payment", proof="P-1", by=desk, at=at + 2 * DAY)
