"""The functions of FHIRPath; importing this package fills the table."""

from openum.cql.fhirpath.functions import (
    boundaries,
    collections,
    conversion,
    existence,
    fhir,
    maths,
    strings,
    utility,
)

__all__ = ["boundaries", "collections", "conversion", "existence", "fhir", "maths", "strings", "utility"]
