"""The closed word lists of utilization management. Labels for people live beside each word."""

from enum import StrEnum


class LineStatus(StrEnum):
    """Where one requested service stands. The case status is derived from its lines."""

    RECEIVED = "received"
    PENDED_WITH_PAYER = "pended_with_payer"
    PENDED_WITH_PROVIDER = "pended_with_provider"
    PENDED_WITH_PHYSICIAN = "pended_with_physician"
    APPROVED = "approved"
    PARTIALLY_APPROVED = "partially_approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"
    CANCELLED = "cancelled"
    NOT_REQUIRED = "not_required"
    VOIDED_IN_ERROR = "voided_in_error"
    EXPIRED = "expired"
    TERMINATED_WITH_NOTICE = "terminated_with_notice"
    TRANSFERRED = "transferred"
    REOPENED = "reopened"


class Urgency(StrEnum):
    """How fast an answer is due. ERISA says urgent for expedited."""

    STANDARD = "standard"
    EXPEDITED = "expedited"


class Timing(StrEnum):
    """Before, during or after the service; computed from service and receipt dates."""

    PROSPECTIVE = "prospective"
    CONCURRENT = "concurrent"
    RETROSPECTIVE = "retrospective"


class RequestKind(StrEnum):
    """What was asked for. The kind says whether a clock runs and whether an adverse outcome exists."""

    AUTHORIZATION = "authorization"
    NOTIFICATION_ONLY = "notification_only"
    REFERRAL = "referral"
    PRE_DETERMINATION = "pre_determination"
    RETROSPECTIVE = "retrospective"
    CONTINUITY = "continuity"
    NETWORK_EXCEPTION = "network_exception"
    ADMISSION = "admission"
    POST_SERVICE_PAYMENT = "post_service_payment"
    APPEAL = "appeal"
    EXTERNAL_REVIEW = "external_review"
    GRIEVANCE = "grievance"
    PROVIDER_DISPUTE = "provider_dispute"
    REOPENING = "reopening"


class CertificationType(StrEnum):
    """First request, extension, renewal, change (X12 UM02, FHIR certificationType)."""

    INITIAL = "initial"
    EXTENSION = "extension"
    RENEWAL = "renewal"
    REVISED = "revised"
    CANCEL = "cancel"
    CORRECTION = "correction"
    NOTIFICATION = "notification"
    VERIFICATION = "verification"
    APPEAL_STANDARD = "appeal_standard"
    APPEAL_IMMEDIATE = "appeal_immediate"


class Channel(StrEnum):
    """The road a request took."""

    FHIR = "fhir"
    PORTAL = "portal"
    PHONE = "phone"
    MAIL = "mail"
    FAX = "fax"
    COMMAND_LINE = "command_line"
    X12 = "x12"


class Standing(StrEnum):
    """In whose right the requester asks."""

    PROVIDER = "provider"
    MEMBER = "member"
    REPRESENTATIVE = "representative"


class LineOfBusiness(StrEnum):
    """The law a product lives under."""

    MEDICARE_ADVANTAGE = "medicare_advantage"
    MEDICARE_PART_D = "medicare_part_d"
    MEDICAID_MANAGED_CARE = "medicaid_managed_care"
    MEDICAID_FFS = "medicaid_ffs"
    CHIP_FFS = "chip_ffs"
    QHP_FFE = "qhp_ffe"
    ERISA_GROUP = "erisa_group"
    COMMERCIAL_STATE = "commercial_state"
    INTEGRATED_DUAL = "integrated_dual"
    """Medicare and Medicaid in one plan (42 CFR 422.561, 422.629-.634): the law that governs such a Medicare product."""


class FindingValue(StrEnum):
    """The answer to one criterion. There is no fourth; only MET can lead to an automatic approval."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class ReasonClass(StrEnum):
    """Why a line ended as it did; the class says who may sign and which letter goes out."""

    CRITERIA_MET = "criteria_met"
    NOT_MEDICALLY_NECESSARY = "not_medically_necessary"
    INFORMATION_NOT_RECEIVED = "information_not_received"
    EXPERIMENTAL = "experimental"
    LEVEL_OR_SITE_OF_CARE = "level_or_site_of_care"
    BENEFIT_LIMIT = "benefit_limit"
    OUT_OF_NETWORK = "out_of_network"
    NOT_A_MEMBER = "not_a_member"
    DUPLICATE = "duplicate"
    NOT_OUR_PLAN = "not_our_plan"
    EXCLUSION = "exclusion"
    WITHDRAWN_BY_REQUESTER = "withdrawn_by_requester"
    REFERRAL_RULE = "referral_rule"
    CODING = "coding"
    OTHER = "other"


class ClockPurpose(StrEnum):
    """The obligation a clock belongs to."""

    DECIDE = "decide"
    NOTIFY_ORALLY = "notify_orally"
    NOTIFY_IN_WRITING = "notify_in_writing"
    ASK_FOR_INFORMATION = "ask_for_information"
    ACKNOWLEDGE = "acknowledge"
    FORWARD = "forward"
    EFFECTUATE = "effectuate"
    PEER_TO_PEER_WINDOW = "peer_to_peer_window"
    CLINICAL_TARGET = "clinical_target"
    FILE = "file"


class Ball(StrEnum):
    """Who has to act next."""

    PAYER = "payer"
    PROVIDER = "provider"
    TRANSIT = "transit"


class Role(StrEnum):
    """What a person does here; permissions hang on it (accounts/rules.py)."""

    PROVIDER_STAFF = "provider_staff"
    INTAKE = "intake"
    NURSE = "nurse"
    MEDICAL_DIRECTOR = "medical_director"
    ORTHOPAEDIST = "orthopaedist"
    PEER_REVIEWER = "peer_reviewer"
    APPEALS = "appeals"
    CASE_MANAGER = "case_manager"
    PHARMACIST = "pharmacist"
    DIRECTOR = "director"
    AUDITOR = "auditor"
    GUEST_AUDITOR = "guest_auditor"
    PRIVACY_OFFICER = "privacy_officer"
    SERVICE_REPRESENTATIVE = "service_representative"
    CLAIMS_EXAMINER = "claims_examiner"
    INTEGRATOR = "integrator"
    MEMBER = "member"


class PartyRole(StrEnum):
    """The part a person or organization plays in one request."""

    MEMBER = "member"
    REPRESENTATIVE = "representative"
    REQUESTER = "requester"
    ORDERING = "ordering"
    TREATING = "treating"
    SERVICING = "servicing"
    FACILITY = "facility"
    GUARDIAN = "guardian"
    COURT = "court"
    SPONSOR = "sponsor"


class ServiceClass(StrEnum):
    """Parity class of a line (MHPAEA, 45 CFR 146.136)."""

    MEDICAL_SURGICAL = "medical_surgical"
    MENTAL_HEALTH = "mental_health"
    SUBSTANCE_USE = "substance_use"


class Benefit(StrEnum):
    """Which benefit pays."""

    MEDICAL = "medical"
    PHARMACY = "pharmacy"


class NetworkStatus(StrEnum):
    """The servicing provider's standing on the service date."""

    IN_NETWORK = "in_network"
    OUT_OF_NETWORK = "out_of_network"
    NOT_CHECKED = "not_checked"
