"""Which language a text is written in, told by its script and its commonest words. Pure, and no more than a hint."""

import re
from collections.abc import Iterable
from typing import Final

_COMMON: Final[dict[str, frozenset[str]]] = {
    "en": frozenset(
        [
            "the",
            "of",
            "and",
            "to",
            "for",
            "is",
            "with",
            "this",
            "that",
            "please",
            "patient",
            "request",
            "from",
            "date",
            "name",
        ]
    ),
    "es": frozenset(
        [
            "el",
            "la",
            "los",
            "las",
            "de",
            "que",
            "por",
            "para",
            "con",
            "una",
            "del",
            "solicitud",
            "paciente",
            "fecha",
            "nombre",
            "favor",
        ]
    ),
    "fr": frozenset(
        [
            "le",
            "les",
            "des",
            "du",
            "une",
            "pour",
            "avec",
            "dans",
            "est",
            "demande",
            "patient",
            "nom",
            "cette",
            "veuillez",
        ]
    ),
    "pt": frozenset(
        ["os", "as", "do", "da", "para", "com", "uma", "pedido", "paciente", "nome", "não", "por", "favor", "esta"]
    ),
    "ht": frozenset(["nan", "yo", "pou", "ak", "ki", "mwen", "ou", "gen", "tanpri", "li", "te", "sa"]),
    "vi": frozenset(["của", "và", "là", "cho", "không", "người", "bệnh", "yêu", "cầu", "ngày", "tên"]),
}
_SCRIPTS: Final = (
    ("zh", re.compile("[\u4e00-\u9fff]")), ("ko", re.compile("[\uac00-\ud7af]")), ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
)  # fmt: skip
_FEWEST = 4


def language_of(texts: Iterable[str]) -> str:
    """Return the language of rows of text as an ISO 639-1 code; empty where too little speaks for any."""
    whole = " ".join(texts)
    letters = sum(letter.isalpha() for letter in whole)
    for code, script in _SCRIPTS:
        if letters and len(script.findall(whole)) > letters / 4:
            return code
    words = re.findall(r"[^\W\d_]+", whole.lower())
    counts = {code: sum(word in common for word in words) for code, common in _COMMON.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] >= _FEWEST else ""
