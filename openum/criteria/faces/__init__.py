"""The faces of one guideline: everything people and other systems are shown is generated from the parsed document.

Nothing here reads a database or a clock. Words come in the active language.
"""
