"""FHIR R4: what every FHIR operation shares (references, refusals, the door), and one folder per guide."""
