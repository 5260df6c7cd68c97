"""Which row of the deadlines a request asks for, by program, kind, time and speed."""

import pytest

from openum.clocks.rules.profile import request_type_of
from openum.vocabulary.terms import CertificationType, LineOfBusiness, RequestKind, Timing, Urgency

MA, PART_D, ERISA = LineOfBusiness.MEDICARE_ADVANTAGE, LineOfBusiness.MEDICARE_PART_D, LineOfBusiness.ERISA_GROUP
FAST, SLOW = Urgency.EXPEDITED, Urgency.STANDARD
BEFORE, DURING, AFTER = Timing.PROSPECTIVE, Timing.CONCURRENT, Timing.RETROSPECTIVE
ASKED = RequestKind.AUTHORIZATION


@pytest.mark.parametrize(
    ("business", "kind", "timing", "urgency", "expected"),
    [
        (MA, ASKED, BEFORE, SLOW, "standard_preservice_pa"),
        (MA, ASKED, BEFORE, FAST, "expedited_preservice"),
        (MA, ASKED, DURING, FAST, "concurrent_inpatient_expedited"),
        (MA, ASKED, DURING, SLOW, "standard_preservice_pa"),
        (MA, RequestKind.PRE_DETERMINATION, BEFORE, SLOW, "standard_preservice_no_pa"),
        (MA, RequestKind.PRE_DETERMINATION, BEFORE, FAST, "expedited_preservice_no_pa"),
        (ERISA, RequestKind.PRE_DETERMINATION, BEFORE, SLOW, "standard_preservice"),
        (ERISA, RequestKind.PRE_DETERMINATION, BEFORE, FAST, "expedited_preservice"),
        (MA, ASKED, AFTER, SLOW, "payment_request"),
        (MA, RequestKind.POST_SERVICE_PAYMENT, BEFORE, FAST, "payment_request"),
        (MA, RequestKind.RETROSPECTIVE, DURING, SLOW, "payment_request"),
        (ERISA, ASKED, BEFORE, SLOW, "standard_preservice"),
        (ERISA, ASKED, BEFORE, FAST, "expedited_preservice"),
        (ERISA, ASKED, DURING, FAST, "concurrent_urgent"),
        (ERISA, ASKED, DURING, SLOW, "standard_preservice"),
        (PART_D, ASKED, BEFORE, SLOW, "part_d_standard"),
        (PART_D, ASKED, DURING, FAST, "part_d_expedited"),
        (PART_D, ASKED, AFTER, FAST, "part_d_payment"),
        (ERISA, RequestKind.APPEAL, BEFORE, FAST, "appeal_expedited"),
        (ERISA, RequestKind.APPEAL, AFTER, FAST, "appeal_expedited"),
        (ERISA, RequestKind.APPEAL, BEFORE, SLOW, "appeal_standard"),
        (ERISA, RequestKind.APPEAL, AFTER, SLOW, "appeal_payment"),
        (ERISA, RequestKind.GRIEVANCE, BEFORE, FAST, "grievance_expedited"),
        (ERISA, RequestKind.GRIEVANCE, BEFORE, SLOW, "grievance_standard"),
        (ERISA, RequestKind.PROVIDER_DISPUTE, AFTER, SLOW, "provider_dispute"),
        (ERISA, RequestKind.EXTERNAL_REVIEW, AFTER, SLOW, "external_review_standard"),
        (ERISA, RequestKind.NOTIFICATION_ONLY, BEFORE, SLOW, None),
        (ERISA, RequestKind.REOPENING, BEFORE, SLOW, None),
    ],
)
def test_a_request_asks_for_its_row(business, kind, timing, urgency, expected):
    found = request_type_of(
        line_of_business=business, kind=kind, certification=CertificationType.INITIAL, timing=timing, urgency=urgency
    )
    assert found == expected


@pytest.mark.parametrize(
    ("certification", "has_clock"),
    [
        (CertificationType.CANCEL, False),
        (CertificationType.NOTIFICATION, False),
        (CertificationType.VERIFICATION, False),
        (CertificationType.EXTENSION, True),
    ],
)
def test_a_cancellation_and_a_notification_run_no_clock(certification, has_clock):
    found = request_type_of(
        line_of_business=ERISA, kind=ASKED, certification=certification, timing=BEFORE, urgency=SLOW
    )
    assert (found is not None) is has_clock
