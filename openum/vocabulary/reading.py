"""How hard a text is to read: Flesch-Kincaid grade for English, Crawford grade for Spanish. Pure, own syllable rules.

English: 0.39 words/sentence + 11.8 syllables/word - 15.59 (Kincaid and others, 1975).
Spanish: -0.205 sentences + 0.049 syllables - 3.407, both per 100 words (Crawford, 1985), and beside it the
Fernández Huerta ease 206.84 - 0.60 syllables - 1.02 words per sentence (per 100 words; 1959).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

AIM: Final = 6.0
"""Text for members aims at this grade or lower; a higher one is a warning, never a refusal."""

WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
SENTENCE_END: Final = re.compile(r"(?<=[.!?:])[\"”)]*\s+(?=[^a-zà-ÿ])|\n+")
ABBREVIATION: Final = re.compile(r"\b(Dr|Dra|Mr|Mrs|Ms|Sr|Sra|St|vs|a\.m|p\.m)\.", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Grade:
    """The measure of one text; `value` is a United States school grade."""

    value: float
    formula: str
    words: int
    sentences: int
    syllables: int
    ease: float | None = None

    def is_within(self, aim: float = AIM) -> bool:
        """Say whether the text reaches an aim."""
        return self.value <= aim


ENGLISH_EXCEPTIONS: Final = {
    "business": 2, "every": 2, "evening": 2, "something": 2, "someone": 2, "sometimes": 2, "therefore": 2, "people": 2,
    "area": 3, "areas": 3, "idea": 3, "ideas": 3, "create": 2, "created": 3, "being": 2, "science": 2, "diet": 2,
    "quiet": 2, "trial": 2, "trials": 2, "denial": 3, "denials": 3, "period": 3, "periods": 3, "serious": 3,
    "seriously": 4, "previous": 3, "material": 4, "experience": 4, "radius": 3, "biopsy": 3, "tty": 3, "id": 2,
    "separate": 3,
    "earlier": 3, "easier": 3, "everyone": 3, "anyone": 3, "whenever": 3, "mri": 3, "request": 2, "requests": 2, "business's": 2,
    "guideline": 2, "guidelines": 2, "safety": 2, "society": 4, "variety": 4, "anxiety": 4, "client": 2, "reliable": 4, "x": 1, "recreate": 3, "react": 2,
}  # fmt: skip

SILENT: Final = (
    re.compile(r"[^aeiouy](?<!l)e$"),  # care, made; not table
    re.compile(r"[aeiouylr]le$"),  # whole, file
    re.compile(r"(?:[aeiouylr]l|[^aeiouytdl])ed$"),  # asked, called; not wanted, handled
    re.compile(r"[^aeiouysxzcgh]es$"),  # makes; not boxes
    re.compile(r"[^cs]hes$"),  # bathes; not watches
    re.compile(r"[^aeiouy]e(?:ly|ful|less|ment|ments|fully)$"),  # safely, statement
)
SPLIT: Final = (
    re.compile(r"ia(?!n|l|r)|(?<![tcs])ia(?=n|l|r)"),  # media, medial; not special
    re.compile(r"(?<![tsgcx])io|(?<![tsg])iu"),  # radiology, medium; not decision
    re.compile(r"(?<!p)eo(?!u)"),  # video; not people
    re.compile(r"(?<![gq])u(?:a|ou)"),  # manual, continuous
    re.compile(r"(?<![qg])ui(?=ty)"),  # annuity
    re.compile(r"[aeiouy]ing(?:s)?$"),  # seeing, paying
    re.compile(r"[^aeiouy](?:sm|thm)s?$"),
    re.compile(r"ism$"),
)


@lru_cache(maxsize=20_000)
def english_syllables(word: str) -> int:
    """Count the syllables of an English word: vowel groups, less silent endings, plus vowels said apart."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    if word in ENGLISH_EXCEPTIONS:
        return ENGLISH_EXCEPTIONS[word]
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = any(rule.search(word) for rule in SILENT)
    apart = sum(len(rule.findall(word)) for rule in SPLIT)
    return max(groups - silent + apart, 1)


STRONG: Final = "aeoáéóíú"


def spanish_syllables(word: str) -> int:
    """Count the syllables of a Spanish word; the rules of hiatus and diphthong are regular (Real Academia Española)."""
    word = word.lower()
    word = re.sub(r"qu|gu(?=[eéií])", "k", word)
    word = re.sub(r"y(?=$|[^aeiouáéíóúü])", "i", word).replace("y", "j").replace("h", "")
    count, previous = 0, ""
    for letter in word:
        if letter in "aeiouáéíóúü":
            joins = previous and not (previous in STRONG and letter in STRONG)
            if not joins:
                count += 1
            previous = letter
        else:
            previous = ""
    return max(count, 1)


def sentences_of(text: str) -> list[str]:
    """Split a text into sentences that hold a word."""
    unabbreviated = ABBREVIATION.sub(lambda found: found[0].replace(".", ""), text)
    return [part for part in SENTENCE_END.split(unabbreviated) if part and WORD.search(part)]


def grade(texts: Iterable[str], language: str) -> Grade | None:
    """Measure texts; None when there is no word, or no formula for the language."""
    sentences = [sentence for text in texts for sentence in sentences_of(text)]
    words = [word for sentence in sentences for word in WORD.findall(sentence)]
    if not words or language[:2] not in {"en", "es"}:
        return None
    if language[:2] == "en":
        syllables = sum(english_syllables(word) for word in words)
        value = 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
        return Grade(
            value=round(value, 1), formula="Flesch-Kincaid", words=len(words), sentences=len(sentences),
            syllables=syllables,
        )  # fmt: skip
    syllables = sum(spanish_syllables(word) for word in words)
    per_hundred = 100 / len(words)
    value = -0.205 * len(sentences) * per_hundred + 0.049 * syllables * per_hundred - 3.407
    ease = 206.84 - 0.60 * syllables * per_hundred - 1.02 * len(words) / len(sentences)
    return Grade(
        value=round(value, 1), formula="Crawford", words=len(words), sentences=len(sentences), syllables=syllables,
        ease=round(ease, 1),
    )  # fmt: skip
