"""People, plots, papers and bundles as data: the same seed gives the same, and no number belongs to anybody."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pypdfium2
import pytest

from openum.vocabulary.identifiers import npi_is_valid
from samples import bundles, codes, documents, examples, members, named, numbers, places, plots, portal
from samples.plots import Cast, Orderer

NOW = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)


def people(seed=1, size=3000):
    return members.people(Random(seed), size=size, today=NOW.date())


def cast():
    orderers = {}
    for key, _, number, specialty, _ in places.PRACTICES:
        orderers.setdefault(specialty, []).append(Orderer(number, key))
    return Cast(members=people(), orderers=orderers, facilities={})


def earlier(seed=1, count=600):
    return plots.earlier(Random(seed), cast(), count=count, until=NOW)


def test_the_same_seed_gives_the_same_people_and_plots():
    assert people() == people()
    assert earlier() == earlier()
    assert earlier() != earlier(seed=2)


def test_every_number_starts_with_nine_and_passes_its_check_digit():
    known = {number for _, _, number, _, _ in places.PRACTICES} | {number for number, *_ in places.FACILITIES}
    known |= {named.HADDAD, named.LINDQVIST, named.NOVAK, named.BAYLINE_IMAGING, named.ST_BRANNOC_HEART}
    assert all(number.startswith("9") and npi_is_valid(number) for number in known)
    assert all(npi_is_valid(numbers.npi(900000000 + each)) for each in range(1000))
    with pytest.raises(ValueError, match="starts with 9"):
        numbers.npi(123456789)


def test_the_full_world_has_ten_thousand_members_with_numbers_of_their_own():
    found = people(size=10_000)
    assert 9_900 <= len(found) <= 10_300
    assert len({person.number for person in found}) == len(found)
    by_number = {person.number: person for person in found}
    for one in named.MEMBERS:
        person = by_number[one.number]
        assert (person.given, person.family, person.born, person.product) == (
            one.given,
            one.family,
            one.born,
            one.product,
        )
    assert all(person.covered_to is None or person.covered_to > person.covered_from for person in found)


def test_plots_have_every_ending_and_come_by_every_road():
    found = earlier(count=3000)
    assert {plot.ending for plot in found} == {name for name, _ in plots.ENDINGS} | {plots.RULE}
    assert {plot.channel for plot in found} == {"fhir", "portal", "fax", "phone", "mail"}
    share = Counter(plot.member.product for plot in found)
    assert all(count > 200 for count in share.values())
    assert len(share) == 4


def test_plots_lie_in_the_past_and_only_members_covered_on_the_day_take_part():
    for plot in earlier():
        on = plot.received_at.astimezone(plots.ZONE).date()
        assert NOW - timedelta(days=368) < plot.received_at < NOW
        assert plot.member.covered_from <= on
        assert plot.member.covered_to is None or plot.member.covered_to > on


def test_the_steps_of_a_plot_stay_inside_the_deadline_unless_it_is_decided_late():
    for plot in earlier():
        together = sum(plot.waits, timedelta())
        assert (together > timedelta(days=2.5)) if plot.ending == plots.LATE else (together < timedelta(days=10))


def test_no_wording_is_empty_and_every_code_of_a_service_has_one():
    for service in codes.SERVICES:
        assert service.wording
        assert service.wording_es
        assert set(service.diagnoses) <= set(codes.DIAGNOSES)


def test_a_paper_can_be_read_again_and_photographed():
    knee = portal.KneeRequest()
    page = pypdfium2.PdfDocument(portal.film_report(knee))[0].get_textpage().get_text_range()
    assert "Kellgren-Lawrence grade 4" in page
    assert documents.pdf("A (title)", ["one"]) == documents.pdf("A (title)", ["one"])
    picture = portal.therapy_log_picture(knee)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")


def test_the_knee_story_moves_to_other_days_as_a_whole():
    knee = portal.KneeRequest()
    moved = knee.moved(7)
    assert moved.planned_on - moved.asked_on == knee.planned_on - knee.asked_on
    assert len(moved.visit_days()) == 8
    assert (moved.visit_days()[-1] - moved.visit_days()[0]).days == 49
    assert moved.fields()["line1-first_day"] == moved.planned_on.isoformat()


def test_the_facts_of_a_bundle_can_be_left_out_and_put_in_another_order():
    story = bundles.LumbarRequest()
    plain = bundles.lumbar_mri_bundle(story)
    shuffled = bundles.lumbar_mri_bundle(replace(story, shuffle=3))
    assert plain != shuffled

    def kinds(bundle):
        return Counter(entry["resource"]["resourceType"] for entry in bundle["entry"])

    assert kinds(plain) == kinds(shuffled)
    without = kinds(bundles.lumbar_mri_bundle(replace(story, leave_out=frozenset({"form", "medicine"}))))
    assert without["QuestionnaireResponse"] == without["MedicationStatement"] == 0
    assert plain["entry"][0]["resource"]["resourceType"] == "Claim"
    with pytest.raises(ValueError, match=r"2\.0\.1"):
        bundles.lumbar_mri_bundle(story, version="1.0")


def test_the_examples_fit_the_present_of_the_world(tmp_path):
    files = {file.name: file for file in examples.write(tmp_path, at=NOW)}
    assert set(files) == {
        "lumbar-mri-2.0.1.json", "lumbar-mri-2.2.1.json", "lumbar-mri-without-form.json", "knee-x-ray-report.pdf",
        "knee-therapy-log.pdf", "knee-therapy-log.png", "knee-note-after-conversation.pdf",
    }  # fmt: skip
    claim = json.loads(files["lumbar-mri-2.0.1.json"].read_text())["entry"][0]["resource"]
    assert claim["created"] == "2026-11-16T12:00:00-05:00"
    assert claim["item"][0]["servicedDate"] == "2026-11-19"


def test_the_examples_go_by_the_day_of_the_plan(tmp_path):
    """Late in the evening it is tomorrow in UTC already; an examination of tomorrow would prove nothing."""
    examples.write(tmp_path, at=datetime(2026, 11, 22, 3, 30, tzinfo=UTC))
    bundle = json.loads((tmp_path / "examples/lumbar-mri-2.0.1.json").read_text())
    found = [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Observation"]
    assert found[0]["effectiveDateTime"] == "2026-11-21"
