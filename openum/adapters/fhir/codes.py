"""Canonical addresses and code systems of FHIR, PAS and X12, named once. Identifiers only, no licensed text."""

NPI = "http://hl7.org/fhir/sid/us-npi"
LOINC = "http://loinc.org"
URI_IDENTIFIER = "urn:ietf:rfc:3986"
DATA_ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
DATA_ABSENT_SYSTEM = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
CLAIM_TYPE = "http://terminology.hl7.org/CodeSystem/claim-type"
ADJUDICATION = "http://terminology.hl7.org/CodeSystem/adjudication"
CLAIM_ENCOUNTER = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Claim.encounter"

X12 = "https://codesystem.x12.org/005010/"
X12_REVIEW_ACTION = X12 + "306"
X12_ENTITY = X12 + "98"
X12_REPORT_TYPE = X12 + "755"
X12_TRANSMISSION = X12 + "756"
X12_REJECT_REASON = X12 + "901"
X12_FOLLOW_UP = X12 + "889"
X12_SERVICE_TYPE = X12 + "1365"
X12_DECISION_REASON = "https://codesystem.x12.org/external/886"

PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
PAS_TEMP = "http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes"
PLACE_OF_SERVICE = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"

LEVEL_OF_SERVICE = PAS + "extension-levelOfServiceCode"
CERTIFICATION_TYPE = PAS + "extension-certificationType"
REQUEST_TYPE = PAS + "extension-serviceItemRequestType"
ITEM_TRACE = PAS + "extension-itemTraceNumber"
AUTHORIZATION_NUMBER = PAS + "extension-authorizationNumber"
ADMINISTRATIVE_NUMBER = PAS + "extension-administrationReferenceNumber"
CODE_END = PAS + "extension-productOrServiceCodeEnd"
EPSDT = PAS + "extension-epsdtIndicator"
NURSING_HOME_STATUS = PAS + "extension-nursingHomeResidentialStatus"
NURSING_HOME_LEVEL = PAS + "extension-nursingHomeLevelOfCare"
REVENUE_RATE_LIMIT = PAS + "extension-revenueUnitRateLimit"
REVENUE_CODE = PAS + "extension-revenueCode"
ITEM_CATEGORY = PAS + "extension-itemCategory"
REQUESTED_SERVICE = PAS + "extension-requestedService"
INFO_CHANGED = PAS + "extension-infoChanged"
INFO_CANCELLED = PAS + "modifierextension-infoCancelled"
CARE_TEAM_SCOPE = PAS + "extension-careTeamClaimScope"
DIAGNOSIS_RECORDED = PAS + "extension-diagnosisRecordedDate"
TRANSMISSION_IDENTIFIERS = PAS + "extension-TransmissionIdentifiers"
CERT_ISSUED = PAS + "extension-itemCertificationIssueDate"
CERT_EFFECTIVE = PAS + "extension-itemCertificationEffectiveDate"
CERT_EXPIRES = PAS + "extension-itemCertificationExpirationDate"

REVIEW_ACTION = PAS + "extension-reviewAction"
REVIEW_ACTION_CODE = PAS + "extension-reviewActionCode"
PRE_AUTH_ISSUED = PAS + "extension-itemPreAuthIssueDate"
PRE_AUTH_PERIOD = PAS + "extension-itemPreAuthPeriod"
REQUESTED_DATE = PAS + "extension-itemRequestedServiceDate"
AUTHORIZED_DETAIL = PAS + "extension-itemAuthorizedDetail"
AUTHORIZED_PROVIDER = PAS + "extension-itemAuthorizedProvider"
AUTHORIZED_PROVIDER_TYPE = PAS + "extension-authorizedProviderType"
ADMISSION_DATES = PAS + "extension-admissionDates"
DISCHARGE_DATE = PAS + "extension-dischargeDate"
COMMUNICATED_DIAGNOSIS = PAS + "extension-communicatedDiagnosis"
SERVICE_LINE_NUMBER = PAS + "extension-serviceLineNumber"
REVIEWER = PAS + "extension-claimResponseReviewer"
ERROR_ELEMENT = PAS + "extension-errorElement"
ERROR_PATH = PAS + "extension-errorPath"
ERROR_FOLLOW_UP = PAS + "extension-errorFollowupAction"

PROFILE_CLAIM_UPDATE = PAS + "profile-claim-update"

SYSTEMS_OF_CODES = {
    "CPT": "http://www.ama-assn.org/go/cpt",
    "HCPCS": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "ICD-10-CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD-10-PCS": "http://www.cms.gov/Medicare/Coding/ICD10",
    "X12-1365": X12_SERVICE_TYPE,
}
"""Short names of code systems, as forms and command lines write them, and their canonical addresses."""
