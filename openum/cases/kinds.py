"""What people call the kinds of documents, and of clinical records that came as data."""

from django.utils.translation import gettext_lazy as _

FORM = "form"
"""The plan's own form, to be answered: not a record that exists already."""

DOCUMENT_KINDS = [
    ("clinical-note", _("Visit note")),
    ("imaging-report", _("Imaging report")),
    ("therapy-record", _("Therapy record")),
    ("therapy-discharge-note", _("Therapy discharge note")),
    ("medication-list", _("Medicine list")),
    ("laboratory-report", _("Laboratory report")),
    ("operation-plan", _("Operation plan")),
    ("operative-note", _("Operative note")),
    (FORM, _("The plan's form, answered")),
    ("other", _("Something else")),
]
"""Kinds of documents, with the words a person chooses them by."""

MONTHS_BACK = [("", _("From any time")), ("3", _("From the 3 months before the service"))]
"""How far back records may be asked for: what messages have a code for that a guide confirms, and no limit."""

PLACES = [
    ("", _("Choose")),
    ("11", _("Office (11)")),
    ("12", _("Home (12)")),
    ("21", _("Hospital, staying in (21)")),
    ("22", _("Hospital, outpatient (22)")),
    ("23", _("Emergency room (23)")),
    ("24", _("Surgery center (24)")),
    ("31", _("Skilled nursing facility (31)")),
    ("49", _("Independent clinic (49)")),
]
"""Places of service that a person chooses from, by their codes."""

KINDS = {
    "QuestionnaireResponse": _("Answers given with the request"),
    "ServiceRequest": _("Order"),
    "DeviceRequest": _("Order of a device"),
    "MedicationRequest": _("Prescription"),
    "MedicationStatement": _("Medicine taken"),
    "MedicationDispense": _("Medicine handed out"),
    "MedicationAdministration": _("Medicine given"),
    "Condition": _("Diagnosis"),
    "Procedure": _("Procedure"),
    "Observation": _("Observation"),
    "Encounter": _("Visit"),
    "DiagnosticReport": _("Report"),
    "ImagingStudy": _("Images"),
    "DocumentReference": _("Document"),
    "AllergyIntolerance": _("Allergy"),
    "CarePlan": _("Care plan"),
    "Goal": _("Goal"),
    "Claim": _("Claim"),
    "ExplanationOfBenefit": _("Paid claim"),
}


def kind_words(name: str) -> str:
    """Return what people call a kind; a title of its own, or a kind without a word, stays as it is."""
    return str(KINDS.get(name, name))


def document_words(kind: str) -> str:
    """Return what people call a kind of document; an unknown kind stays as it is."""
    return str(dict(DOCUMENT_KINDS).get(kind, kind))
