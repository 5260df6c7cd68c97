"""The field's words as plain types. Imports nothing else of openum."""
