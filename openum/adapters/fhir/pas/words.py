"""X12 codes as PAS carries them, in our words, and back. One table each way; nothing is guessed."""

from typing import NamedTuple

from openum.adapters.fhir.codes import PAYER_QUESTIONNAIRE
from openum.cases.kinds import FORM
from openum.submission.arming import ARMED_ERRORS, armed_problem
from openum.vocabulary.terms import CertificationType, LineStatus, PartyRole, ReasonClass, RequestKind

CERTIFICATION = {
    "I": CertificationType.INITIAL,
    "R": CertificationType.RENEWAL,
    "S": CertificationType.REVISED,
    "3": CertificationType.CANCEL,
    "4": CertificationType.EXTENSION,
    "5": CertificationType.NOTIFICATION,
    "6": CertificationType.VERIFICATION,
    "1": CertificationType.APPEAL_IMMEDIATE,
    "2": CertificationType.APPEAL_STANDARD,
}
"""X12 1322 (UM02). The meaning of each code is in the PAS guide's certificationType page."""

KIND = {"AR": RequestKind.ADMISSION, "SC": RequestKind.REFERRAL}
"""X12 1525 (UM01) where it says more than a health services review."""

KIND_OF_CERTIFICATION = {
    CertificationType.NOTIFICATION: RequestKind.NOTIFICATION_ONLY,
    CertificationType.APPEAL_IMMEDIATE: RequestKind.APPEAL,
    CertificationType.APPEAL_STANDARD: RequestKind.APPEAL,
}

EXPEDITED_LEVELS = {"U", "03"}
"""X12 1338 (UM06): urgent and emergency. E (elective) and absence are standard."""

EXPEDITED_PRIORITIES = {"stat"}
"""http://terminology.hl7.org/CodeSystem/processpriority."""

ROLE = {
    "1P": PartyRole.FACILITY,
    "77": PartyRole.FACILITY,
    "FA": PartyRole.FACILITY,
    "DK": PartyRole.ORDERING,
    "DN": PartyRole.ORDERING,
    "P3": PartyRole.ORDERING,
    "SJ": PartyRole.SERVICING,
    "71": PartyRole.TREATING,
    "72": PartyRole.TREATING,
    "73": PartyRole.TREATING,
    "82": PartyRole.TREATING,
    "AAJ": PartyRole.TREATING,
    "DD": PartyRole.TREATING,
    "DQ": PartyRole.TREATING,
}
"""X12 98 (NM101) of a care team member, as the part he or she plays."""

ENTITY = {
    PartyRole.FACILITY: "FA",
    PartyRole.ORDERING: "DK",
    PartyRole.SERVICING: "SJ",
    PartyRole.TREATING: "SJ",
    PartyRole.REQUESTER: "1P",
}
"""The X12 98 code for an authorized provider who carries no code of the requester's own."""

ACTION = {
    LineStatus.RECEIVED: "A4",
    LineStatus.PENDED_WITH_PAYER: "A4",
    LineStatus.PENDED_WITH_PROVIDER: "A4",
    LineStatus.PENDED_WITH_PHYSICIAN: "A4",
    LineStatus.REOPENED: "A4",
    LineStatus.APPROVED: "A1",
    LineStatus.EXPIRED: "A1",
    LineStatus.TERMINATED_WITH_NOTICE: "A1",
    LineStatus.PARTIALLY_APPROVED: "A2",
    LineStatus.DENIED: "A3",
    LineStatus.DISMISSED: "A3",
    LineStatus.WITHDRAWN: "C",
    LineStatus.CANCELLED: "C",
    LineStatus.VOIDED_IN_ERROR: "C",
    LineStatus.NOT_REQUIRED: "NA",
    LineStatus.TRANSFERRED: "CT",
}
"""X12 306 (HCR01). An authorization that ran out or was ended keeps its action; its period says until when."""

ACTION_TEXT = {
    "A1": "Certified in total",
    "A2": "Certified - partial",
    "A3": "Not certified",
    "A4": "Pended",
    "A6": "Modified",
    "C": "Cancelled",
    "CT": "Contact payer",
    "NA": "No action required",
}

PENDED_REASON = {
    LineStatus.RECEIVED: "0W",
    LineStatus.PENDED_WITH_PAYER: "0V",
    LineStatus.PENDED_WITH_PROVIDER: "0U",
    LineStatus.PENDED_WITH_PHYSICIAN: "0V",
    LineStatus.REOPENED: "0V",
}
"""Health care services decision reason (HCR03) of a pended line. X12 owns the texts; we send codes only."""

DECISION_REASON = {
    ReasonClass.NOT_MEDICALLY_NECESSARY: "0F",
    ReasonClass.INFORMATION_NOT_RECEIVED: "0P",
    ReasonClass.EXPERIMENTAL: "0T",
    ReasonClass.LEVEL_OR_SITE_OF_CARE: "0G",
    ReasonClass.BENEFIT_LIMIT: "0L",
    ReasonClass.OUT_OF_NETWORK: "09",
    ReasonClass.DUPLICATE: "0Q",
    ReasonClass.EXCLUSION: "0M",
    ReasonClass.OTHER: "14",
}
"""HCR03 by the class of a decision's reason. Classes without a code send the note alone."""


class Aaa(NamedTuple):
    """How one problem is written on the wire: AAA03 reject reason, AAA04 follow-up, and the X12 element."""

    reject: str
    follow_up: str
    element: str


AAA = {
    # found while the message is read
    "input-error": Aaa("33", "C", "2000E-UM"),
    "missing-data": Aaa("15", "C", "2000F-UM"),
    "procedure-code": Aaa("AG", "C", "2000F-SV101"),
    "quantity": Aaa("33", "C", "2000F-HSD02"),
    "date-order": Aaa("58", "C", "2000F-DTP03"),
    # found at the door (submission.rules.PROBLEM_WORDS)
    "member-not-found": Aaa("67", "C", "2010C-NM109"),
    "member-mismatch": Aaa("65", "C", "2010C-NM103"),
    "coverage-inactive": Aaa("75", "C", "2010C-NM109"),
    "provider-not-found": Aaa("51", "C", "2010B-NM109"),
    "provider-number-invalid": Aaa("43", "C", "2010B-NM109"),
    "service-missing": Aaa("15", "C", "2000F-SV101"),
    "patient-missing": Aaa("64", "C", "2010C-NM109"),
    "update-of-denied": Aaa("33", "N", "2000E-UM02"),
    "prior-not-found": Aaa("33", "C", "2000E-UM02"),
    "update-nothing-open": Aaa("33", "N", "2000E-UM02"),
    # chosen in a sandbox
    **{armed_problem(code): Aaa(code, follow_up, "2000A-HL") for code, follow_up in ARMED_ERRORS.items()},
}
"""Problems by our word: AAA03 (X12 901), AAA04 (X12 889) and the X12 element the requester's system shows.

The words for 901 come from public descriptions: 15 required data missing, 33 input errors, 42 unable to respond now,
43 invalid provider number, 51 provider not on file, 58 dates, 64 patient id, 65 patient name, 67 patient not found,
75 subscriber not found, AG procedure code.
"""

OTHER_PROBLEM = Aaa("33", "C", "2000E-UM")

DOCUMENT_LOINC = {
    "clinical-note": "11506-3",
    "visit-note": "11506-3",
    "imaging-report": "18748-4",
    "consultation-note": "11488-4",
    "discharge-summary": "18842-5",
    FORM: PAYER_QUESTIONNAIRE,
}
"""LOINC attachment codes of the kinds of document we ask for; any other kind is asked for as medical records."""

MONTHS_BACK_LOINC = {3: "18804-5"}
"""LOINC attachment modifiers by the months before the service that records are wanted of.

Only three months: an example of the guide has its code. LOINC has codes for other spans; none is in the guides at hand,
and a wrong code would ask for other records. `openum.cases.kinds.MONTHS_BACK` offers no more than stands here.
"""
