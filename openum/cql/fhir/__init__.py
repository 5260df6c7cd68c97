"""The FHIR R4 model: which elements a type has, and how its values become CQL values."""
