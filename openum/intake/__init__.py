"""Completeness, duplicates, eligibility, document checklist, triage; the intake list."""
