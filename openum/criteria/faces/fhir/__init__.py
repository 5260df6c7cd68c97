"""One guideline as FHIR R4: Questionnaire (DTR), Libraries, ValueSets, CodeSystems, PlanDefinition.

Canonical addresses name the guideline, `version` its version; each resource is served at the address with the version.
"""
