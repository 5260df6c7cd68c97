"""The faces of one guideline: everything people and other systems are shown is generated from the parsed document.

Only `shelf.py` reads published rows; the rest are functions of a `Guideline`. Words come in the active language.
"""
