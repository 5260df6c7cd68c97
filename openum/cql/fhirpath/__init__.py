"""FHIRPath 2.0 over FHIR R4: the expressions of invariants, questionnaires and search parameters.

>>> compile("name.where(use = 'official').given").evaluate(patient)
['Peter', 'James']
"""

from openum.cql.fhirpath.errors import FhirPathError
from openum.cql.fhirpath.expression import Expression, Item, compile  # noqa: A004 - as `re.compile`
from openum.cql.fhirpath.items import TypeInfo
from openum.cql.fhirpath.registry import Hooks

__all__ = ["Expression", "FhirPathError", "Hooks", "Item", "TypeInfo", "compile"]
