"""Places on the picture of a page: within it, kept with the map, shown again beside the criterion and in the appeal's file."""

import io

import pytest
from PIL import Image

from openum.cases.models import Attachment
from openum.cases.services import NewDocument, attach
from openum.criteria.maps import MapView
from openum.criteria.models import EvidenceLink
from openum.criteria.queries import current_map
from openum.criteria.regions import RegionOutsidePage, check_region, region_of, region_words
from openum.criteria.renderers.appeal import packet_of
from openum.criteria.services import link_evidence
from openum.criteria.snapshots import snapshot_of, view_of
from openum.review.forms import RegionForm
from openum.review.templatetags.regions import cut
from openum.vocabulary.terms import Channel
from tests.notices.letters_of_a_case.case import line_of

PLACE = (100, 200, 350, 100)


@pytest.mark.parametrize("region", [(0, 0, 1000, 1000), PLACE, (995, 995, 5, 5)])
def test_a_place_lies_on_the_page(region):
    assert check_region(region) == region


@pytest.mark.parametrize(
    "region", [(0, 0, 4, 100), (-1, 0, 10, 10), (0, 991, 10, 10), (700, 0, 301, 10), (0, 0, 10, 0)]
)
def test_a_place_off_the_page_is_refused(region):
    with pytest.raises(RegionOutsidePage, match="not on the page"):
        check_region(region)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({}, None),
        ({"left": "10", "top": "20", "width": "35", "height": "10"}, PLACE),
        ({"left": "10.5", "top": "0", "width": "0.5", "height": "1"}, (105, 0, 5, 10)),
    ],
)
def test_four_numbers_in_percent_are_a_place(typed, found):
    assert RegionForm(typed).region() == found


@pytest.mark.parametrize(
    "typed", [{"left": "1"}, {"left": "x", "top": "1", "width": "1", "height": "1"}, {"left": "101"}]
)
def test_three_numbers_or_words_are_none(typed):
    with pytest.raises(RegionOutsidePage):
        RegionForm(typed).region()


def test_the_cut_shows_the_place_and_says_where_it_lies():
    shown = cut(PLACE)
    assert shown.view == "85.0 220.0 297.5 110.0"
    assert (shown.width, shown.height) == (298, 110)
    assert shown.words == "area from 10 to 45 % across and 20 to 30 % down"
    assert cut((0, 0, 1000, 1000)).width == 420
    assert region_words(None) == ""
    assert region_of(None) is None


def scan() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (170, 220), "white").save(out, "PDF")
    return out.getvalue()


def with_scan(world, at, content=None, content_type="application/pdf"):
    """A request with a scanned page, and that page's document."""
    line = line_of(world, at)
    attach(
        case=line.case, request=line.request, channel=Channel.FAX, by=world.intake, at=at,
        documents=[NewDocument(title="Scan", content_type=content_type, content=content or scan(), page_texts=("KL grade 3",))],
    )  # fmt: skip
    return line, Attachment.objects.get(case=line.case, title="Scan")


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_clock")
def test_a_place_is_linked_shown_again_and_kept_in_the_map(world, at, client):
    line, document = with_scan(world, at)
    leaf = current_map(line).leaves[0].key
    client.force_login(world.nurse)
    page = client.get(f"/review/{line.public_id}/?document={document.public_id}").content.decode()
    assert "Point at a place on the page" in page
    typed = {"leaf": leaf, "attachment": str(document.public_id), "page": "1", "left": "10", "top": "20", "width": "35"}
    assert client.post(f"/review/{line.public_id}/links/", typed).status_code == 422
    assert client.post(f"/review/{line.public_id}/links/", typed | {"height": "90"}).status_code == 422
    assert not EvidenceLink.objects.filter(is_machine=False).exists()
    assert client.post(f"/review/{line.public_id}/links/", typed | {"height": "10"}).status_code == 302
    assert EvidenceLink.objects.get(is_machine=False).region == list(PLACE)
    page = client.get(f"/review/{line.public_id}/").content.decode()
    picture = f"/documents/{document.public_id}/pages/1.jpg"
    assert 'viewBox="85.0 220.0 297.5 110.0"' in page
    assert picture in page
    view = current_map(line)
    again: MapView = view_of(snapshot_of(view))
    (place,) = [each for each in packet_of(again).index if each.region]
    assert place.region == "area from 10 to 45 % across and 20 to 30 % down"
    with pytest.raises(RegionOutsidePage, match="Choose the page"):
        link_evidence(line=line, leaf=leaf, attachment=document, region=PLACE, by=world.nurse, at=at)
    drawn = client.get(picture)
    assert (drawn.status_code, drawn["Content-Type"]) == (200, "image/jpeg")
    assert client.get(picture.replace("1.jpg", "2.jpg")).status_code == 404
    client.force_login(world.intake)
    assert client.get(picture).status_code == 403


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_clock")
def test_what_cannot_be_drawn_is_told_in_a_sentence(world, at, client):
    _line, document = with_scan(world, at, content=b"%PDF-1.7 broken")
    client.force_login(world.nurse)
    told = client.get(f"/documents/{document.public_id}/pages/1.jpg")
    assert told.status_code == 422
    assert "damaged" in told.content.decode()
    text = Attachment.objects.get(case=document.case, title="Visit")
    assert client.get(f"/documents/{text.public_id}/pages/1.jpg").status_code == 404
