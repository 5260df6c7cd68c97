"""Leaving facts out never proves anything: what a record shows to be met never turns into not met for lack of data."""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openum.criteria.facts import resources_of, response_of
from openum.criteria.patients import REFERENCE
from openum.vocabulary.terms import FindingValue
from tests.guidelines.test_documents import PACK, answer, guideline, record_of, values

SOME = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@cache
def supporting(name):
    """Return the test patients for whom every criterion that is needed is met."""
    return [patient for patient in guideline(name).patients if patient.overall is FindingValue.MET]


def part_of(patient, kept):
    """Return the record with only some of its entries and answers; each answer stands in a form of its own."""
    pieces = [
        resources_of(entry.fact, identity=f"r{number}", subject=REFERENCE)
        for number, entry in enumerate(patient.entries)
    ]
    pieces += [
        [response_of({link: said}, identity=f"q{number}", subject=REFERENCE)]
        for number, (link, said) in enumerate(patient.answers.items())
    ]
    return [resource for number, piece in enumerate(pieces) if number in kept for resource in piece]


@pytest.mark.parametrize("name", sorted(PACK))
@SOME
@given(data=st.data())
def test_no_part_of_a_record_answers_not_met_where_the_whole_is_met(name, data):
    patient = data.draw(st.sampled_from(supporting(name)))
    everything = range(len(patient.entries) + len(patient.answers))
    kept = data.draw(st.sets(st.sampled_from(everything)))
    whole = values(answer(name, record_of(patient.resources, patient), patient))
    part = values(answer(name, record_of(part_of(patient, kept), patient), patient))
    turned = {key for key, value in part.items() if value is FindingValue.NOT_MET and whole[key] is FindingValue.MET}
    assert turned == set()
