"""Names of US Core and QI-Core profiles: the R4 type each stands for, and the rows it asks for."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

Pair = tuple[str, str]


class Profile(NamedTuple):
    """A profile name as a type of the model.

    Attributes:
        type: the R4 type.
        codes: (element, any of these (system, code) pairs), for coded elements.
        values: (element, value), for a status or a flag.
    """

    type: str
    codes: tuple[tuple[str, frozenset[Pair]], ...] = ()
    values: tuple[tuple[str, str | bool], ...] = ()


_CONDITION: Final = "http://terminology.hl7.org/CodeSystem/condition-category"
_OBSERVATION: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
# Profiles of QI-Core 4 to 6, and of US Core where several categories are allowed.
_OWN: Final[dict[str, Profile]] = {
    "ConditionProblemsHealthConcerns": Profile(
        "Condition", (("category", frozenset({(_CONDITION, "problem-list-item"), (_CONDITION, "health-concern")})),)
    ),
    "VitalSigns": Profile("Observation", (("category", frozenset({(_OBSERVATION, "vital-signs")})),)),
    "ObservationClinicalResult": Profile("Observation"),
    "SimpleObservation": Profile("Observation"),
    "ObservationNonPatient": Profile("Observation"),
    "NonPatientObservation": Profile("Observation"),
    "BMIObservation": Profile("Observation"),
    "ImplantableDevice": Profile("Device"),
    "DiagnosticReportNote": Profile("DiagnosticReport"),
    "DiagnosticReportLab": Profile("DiagnosticReport"),
    "MedicationNotRequested": Profile("MedicationRequest", (), (("doNotPerform", True),)),
    "ServiceNotRequested": Profile("ServiceRequest", (), (("doNotPerform", True),)),
    "DeviceNotRequested": Profile("DeviceRequest"),
    "CommunicationNotDone": Profile("Communication", (), (("status", "not-done"),)),
    "ProcedureNotDone": Profile("Procedure", (), (("status", "not-done"),)),
    "ImmunizationNotDone": Profile("Immunization", (), (("status", "not-done"),)),
    "MedicationAdministrationNotDone": Profile("MedicationAdministration", (), (("status", "not-done"),)),
    "MedicationDispenseDeclined": Profile("MedicationDispense", (), (("status", "declined"),)),
    "MedicationDispenseNotDone": Profile("MedicationDispense", (), (("status", "declined"),)),
    "ObservationCancelled": Profile("Observation", (), (("status", "cancelled"),)),
    "TaskRejected": Profile("Task", (), (("status", "rejected"),)),
}


def _plain(name: str) -> str:
    bare = re.sub(r"[^a-z0-9]", "", name.lower())
    return bare.removeprefix("uscore").removeprefix("qicore").replace("profile", "")


@cache
def _profiles() -> dict[str, Profile]:
    found: dict[str, Profile] = {}
    text = resources.files(__package__).joinpath("profiles.txt").read_text("utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            name, kind, *asked = line.split("|")
            found[_plain(name)] = Profile(kind, tuple(_codes(part) for part in asked))
    found |= {_plain(name): profile for name, profile in _OWN.items()}
    return found


def _codes(text: str) -> tuple[str, frozenset[Pair]]:
    element, _, codes = text.partition("=")
    pairs = (code.rsplit("#", 1) for code in codes.split())
    return element, frozenset((system, code) for system, code in pairs)


def profile(name: str) -> Profile | None:
    """Return the profile that a type name stands for, or None; “USCore”, “QICore” and “Profile” may be left out."""
    return _profiles().get(_plain(name))
