"""Which kind of request, in the words of the deadline rows, a request is."""

from openum.vocabulary.terms import CertificationType, LineOfBusiness, RequestKind, Timing, Urgency

_WITHOUT_A_CLOCK = frozenset({RequestKind.NOTIFICATION_ONLY, RequestKind.REOPENING})
_NAMED_BY_SPEED = frozenset({RequestKind.GRIEVANCE, RequestKind.EXTERNAL_REVIEW})
_CERTIFICATIONS_WITHOUT_A_CLOCK = frozenset(
    {CertificationType.CANCEL, CertificationType.NOTIFICATION, CertificationType.VERIFICATION}
)


def request_type_of(
    *,
    line_of_business: LineOfBusiness,
    kind: RequestKind,
    certification: CertificationType,
    timing: Timing,
    urgency: Urgency,
    is_part_b_drug: bool = False,
) -> str | None:
    """Return the request type of the deadline rows, or None when no clock runs (a notification, a cancellation).

    Args:
        is_part_b_drug: the request, or what is appealed, is a drug under Medicare Part B (42 CFR 422.568(b)(3), 422.590(c)).
    """
    if kind in _WITHOUT_A_CLOCK or certification in _CERTIFICATIONS_WITHOUT_A_CLOCK:
        return None
    is_medicare = line_of_business is LineOfBusiness.MEDICARE_ADVANTAGE
    is_fast = urgency is Urgency.EXPEDITED
    is_after = timing is Timing.RETROSPECTIVE or kind in {RequestKind.POST_SERVICE_PAYMENT, RequestKind.RETROSPECTIVE}
    if kind is RequestKind.PROVIDER_DISPUTE:
        return "provider_dispute"
    if kind in _NAMED_BY_SPEED:
        return f"{kind.value}_expedited" if is_fast else f"{kind.value}_standard"
    if kind is RequestKind.APPEAL:
        of = "appeal_part_b_drug" if is_part_b_drug and is_medicare and not is_after else "appeal"
        if is_fast:
            return f"{of}_expedited"
        return "appeal_payment" if is_after else f"{of}_standard"
    if line_of_business is LineOfBusiness.MEDICARE_PART_D:
        if is_after:
            return "part_d_payment"
        return "part_d_expedited" if is_fast else "part_d_standard"
    if is_after:
        return "payment_request"
    if is_medicare and is_part_b_drug:
        return "part_b_drug_expedited" if is_fast else "part_b_drug_standard"
    if is_fast and timing is Timing.CONCURRENT:
        return "concurrent_inpatient_expedited" if is_medicare else "concurrent_urgent"
    if is_medicare and kind is RequestKind.PRE_DETERMINATION:
        return "expedited_preservice_no_pa" if is_fast else "standard_preservice_no_pa"
    if is_fast:
        return "expedited_preservice"
    return "standard_preservice_pa" if is_medicare else "standard_preservice"
