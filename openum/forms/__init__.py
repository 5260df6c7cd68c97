"""Forms as FHIR Questionnaires (SDC): read, filled from a record, answered by people, turned into a response."""
