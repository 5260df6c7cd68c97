"""Checks FHIR R4 JSON against R4 itself and against the profiles of the guides.

>>> [one.path for one in check({"resourceType": "Patient", "birthDate": "1970-02-30"}).violations]
['Patient.birthDate']
"""

from openum.adapters.fhir.validation.profiles import EDITIONS, STU2, STU2_2, Edition
from openum.adapters.fhir.validation.validator import Report, check, is_known
from openum.adapters.fhir.validation.violations import Severity, Violation

__all__ = ["EDITIONS", "STU2", "STU2_2", "Edition", "Report", "Severity", "Violation", "check", "is_known"]
