"""The generated FHIR model table."""

from __future__ import annotations

from pathlib import Path

import pytest

from openum.cql.fhir import model
from tools import generate_fhir_model

IG = Path(__file__).resolve().parents[3] / "shared" / "ig"


@pytest.mark.skipif(
    not (IG / generate_fhir_model.PACKAGE).is_file(), reason="the R4 definitions are not beside this checkout"
)
def test_the_committed_table_equals_a_regeneration():
    assert generate_fhir_model.DEFAULT_OUTPUT.read_text("utf-8") == generate_fhir_model.generate(IG)


@pytest.mark.skipif(
    not all((IG / p).is_file() for p in generate_fhir_model.PROFILE_PACKAGES),
    reason="US Core is not beside this checkout",
)
def test_the_committed_profiles_equal_a_regeneration():
    committed = generate_fhir_model.DEFAULT_OUTPUT.with_name("profiles.txt").read_text("utf-8")
    assert committed == generate_fhir_model.generate_profiles(IG)


def test_the_table_names_its_source_and_licence():
    head = generate_fhir_model.DEFAULT_OUTPUT.read_text("utf-8")[:400]
    assert "hl7.fhir.r4.core 4.0.1" in head
    assert "CC0-1.0" in head


def test_a_choice_element_has_a_key_for_each_type():
    effective = model.element("Observation", "effective")
    assert effective is not None
    assert effective.is_choice
    assert ("effectivePeriod", "Period") in effective.alternatives()


def test_nested_and_inherited_elements_are_found():
    assert model.element("Observation.Component", "value") is not None
    assert model.element("Observation", "meta") is not None
    component = model.element("Observation", "component")
    assert component is not None
    assert component.types == ("Observation.Component",)
    assert component.is_list


def test_profile_based_names_stand_for_r4_types():
    assert model.resolve_name("USCorePatientProfile") == "Patient"
    assert model.resolve_name("LaboratoryResultObservation") == "Observation"
    assert model.resolve_name("Obsrvation") is None
    assert "Observation" in model.suggestions("Obsrvation")
