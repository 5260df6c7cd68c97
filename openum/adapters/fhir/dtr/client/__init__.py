"""The reference DTR client: offices fill in any form in the portal, from a FHIR server, a file, or by hand."""
