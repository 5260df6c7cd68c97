"""Notes at places: what may flow into a letter, that nothing flows by itself, and the trail of what is taken away."""

import pytest
from django.db import IntegrityError, transaction

from openum.accounts.rules import PermissionRefused
from openum.audit import events_of
from openum.cases.models import Note
from openum.criteria.rules import CriterionUnknown
from openum.criteria.services.evidence import QuoteNotOnPage
from openum.determination.models import CarriedNote, Determination
from openum.determination.services import compose_rationale
from openum.notices.models import Notice
from openum.review.models import AnchoredNote
from openum.review.queries import documents_to_open
from openum.review.queries.notes import notes_at
from openum.review.rules.flowing import NotForTheLetter, check_may_flow
from openum.review.services import anchor_note, take_note_away
from openum.review.services.anchored import NoteGone
from openum.vocabulary.errors import Invalid
from tests.determination.test_decisions import WHY, answers, open_all
from tests.notices.letters_of_a_case.case import line_of

SEEN = "The therapy log ends after seven weeks."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Internal: weak file.", "internal"),
        ("Not for the letter, but odd.", "internal"),
        ("@dana look at this.", "colleague"),
        ("Ask d.lee@example.invalid.", "address"),
        ("As in C-26-0000007.", "another case"),
        ("Call 212-555-0100.", "telephone"),
        ("Her sister Ana Rivera drove.", "another person"),
        ("RIVERA, Ana drove.", "another person"),
    ],
)
def test_what_names_somebody_else_is_kept_out_of_letters(text, said):
    with pytest.raises(NotForTheLetter, match=said):
        check_may_flow(text, own_numbers={"C-26-0000001"}, others=[("Ana", "Rivera")])


@pytest.mark.parametrize(
    "text", [SEEN, "Case C-26-0000001 asks for 12 weeks.", "Rivera scale 3.", "On 2026-10-27 the score was 210-1."]
)
def test_what_tells_of_the_member_may_flow(text):
    check_may_flow(text, own_numbers={"C-26-0000001"}, others=[("Ana", "Rivera")])


@pytest.fixture
def line(world, at):
    """A knee replacement with a note of the office."""
    return line_of(world, at)


def anchored(world, line, at, text=SEEN, *, is_for_letter=True, **place):
    place = place or {"attachment": documents_to_open(line.case)[0], "page": 1, "quote": "Knee pain"}
    return anchor_note(line=line, text=text, is_for_letter=is_for_letter, by=world.nurse, at=at, **place)


@pytest.mark.django_db
def test_a_note_stands_at_words_or_at_a_criterion_of_the_case(world, line, at):
    document, leaf = documents_to_open(line.case)[0], next(iter(answers(line)))
    anchored(world, line, at)
    anchored(world, line, at, leaf=leaf)
    assert [row.note.text for row in notes_at(line)] == [SEEN, SEEN]
    with pytest.raises(QuoteNotOnPage):
        anchored(world, line, at, attachment=document, page=1, quote="hip pain")
    with pytest.raises(CriterionUnknown):
        anchored(world, line, at, leaf="99z")
    with pytest.raises(Invalid, match="Choose the criterion"):
        anchor_note(line=line, text=SEEN, is_for_letter=False, by=world.nurse, at=at)
    with pytest.raises(PermissionRefused):
        anchor_note(line=line, text=SEEN, leaf=leaf, is_for_letter=False, by=world.intake, at=at)
    with pytest.raises(NotForTheLetter):
        other = world.member
        anchored(world, line, at, text=f"As with {other.given_name} {other.family_name}.")
    kept = anchored(world, line, at, text="@somebody: look again.", is_for_letter=False)
    assert kept.note.purpose == "anchored"
    with pytest.raises(IntegrityError), transaction.atomic():
        AnchoredNote.objects.filter(pk=kept.pk).update(removed_at=at)


@pytest.mark.django_db
def test_what_is_taken_away_stays_in_the_file_and_out_of_letters(world, line, at):
    row = anchored(world, line, at)
    with pytest.raises(Invalid, match="Say why"):
        take_note_away(anchored=row, because=" ", by=world.nurse, at=at)
    take_note_away(anchored=row, because="Read wrongly.", by=world.physician, at=at)
    with pytest.raises(NoteGone):
        take_note_away(anchored=row, because="Twice.", by=world.nurse, at=at)
    assert notes_at(line) == []
    assert Note.objects.filter(pk=row.note_id).exists()
    with pytest.raises(NoteGone, match="choose again"):
        compose_rationale(line, WHY, [str(row.public_id)])
    inner = anchored(world, line, at, is_for_letter=False)
    with pytest.raises(NoteGone):
        compose_rationale(line, WHY, [str(inner.public_id)])
    assert [event.type for event in events_of(line.case.public_id)].count("NoteTakenAway") == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_clock")
def test_on_the_pages_a_note_is_written_offered_and_taken_into_the_letter(world, line, at, client):
    document = documents_to_open(line.case)[0]
    client.force_login(world.nurse)
    place = {"attachment": document.public_id, "page": "1", "quote": "Knee pain", "is_for_letter": "on"}
    write = f"/review/{line.public_id}/notes/"
    refused = client.post(write, place | {"text": "Internal: hm."})
    assert refused.status_code == 422
    assert "Internal: hm." in refused.content.decode()
    assert client.post(write, place | {"text": ""}).status_code == 422
    assert client.post(write, place | {"text": SEEN}).status_code == 302
    client.post(write, place | {"text": "The date is odd."})
    offered, other = notes_at(line)
    page = client.get(f"/review/{line.public_id}/").content.decode()
    assert SEEN in page
    away = f"/review/{line.public_id}/notes/{other.public_id}/away/"
    assert client.post(away, {"because": ""}).status_code == 422
    assert client.post(away, {"because": "It is right."}).status_code == 302
    open_all(line, world.physician, at)
    client.force_login(world.physician)
    decide = client.get(f"/decisions/{line.public_id}/").content.decode()
    assert f'value="{offered.public_id}" id="carry-1"' in decide
    assert "checked" not in decide.split('name="carry"')[1].split(">")[0]
    typed = {"rationale": WHY, "reason_class": "not_medically_necessary"}
    typed |= {f"answer-{key}": words for key, words in answers(line).items()}
    shown = client.post(f"/letters/preview/{line.public_id}/", typed | {"carry": str(offered.public_id)})
    gone = client.post(f"/decisions/{line.public_id}/deny/", typed | {"carry": str(other.public_id)})
    assert gone.status_code == 409
    client.post(f"/decisions/{line.public_id}/deny/", typed | {"carry": str(offered.public_id)})
    decision = Determination.objects.get()
    (carried,) = CarriedNote.objects.all()
    assert decision.rationale == f"{WHY}\n\n{SEEN} ({carried.source})"
    assert carried.source.startswith("Visit, received Nov 16, 2026, page 1")
    assert "NotesCarried" in [event.type for event in events_of(line.case.public_id)]
    assert Notice.objects.filter(case=line.case).exclude(kind="information-request").exists()
    assert SEEN in shown.content.decode()
