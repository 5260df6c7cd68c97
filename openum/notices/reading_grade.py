"""How hard a letter is to read, and what the gate before signing says about it. Pure; the measure is in vocabulary."""

from typing import ClassVar, Final

from openum.notices.document import Bullets, Callout, Document, Facts, Paragraph
from openum.vocabulary.errors import Invalid
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.reading import AIM, WORD, Grade, english_syllables, grade, sentences_of

LEAST_WORDS: Final = 4
"""A shorter piece (a name, a date, a number) is no sentence and would only flatter the grade."""
LITTLE_TIME: Final = 0.1
"""In this last share of the time to answer nothing stops a letter: a guard never forces a breach."""
LEAST_REASON: Final = 10
"""So many letters has the reason why hard words stay."""
_LONG_SYLLABLES: Final = 4


def own_texts(document: Document) -> list[str]:
    """Give the running text of a letter that is ours: no quotes, tables, addresses or taglines."""
    texts: list[str] = []
    for block in document.blocks:
        match block:
            case Paragraph() | Callout():
                texts.append(block.graded)
            case Bullets() | Facts():
                texts.extend(block.graded)
            case _:
                pass
    return [text for text in texts if len(WORD.findall(text)) >= LEAST_WORDS]


def grade_of(document: Document) -> Grade | None:
    """Measure a letter's own text."""
    return grade(own_texts(document), document.language)


LEAST_AIM: Final = 6
MOST_AIM: Final = 8
"""Between these a plan sets its aim; a state contract commonly says 6 (42 CFR 438.10(c), plan policy)."""


class AimOutOfRange(Invalid):
    """A plan's aim lies outside what the program takes."""

    code: ClassVar[str] = "reading-aim-out-of-range"


def aim_of(body: str) -> float:
    """Read the published aim for text to members, a United States school grade.

    Raises:
        AimOutOfRange: not between 6 and 8.
    """
    aim = float(read_yaml(body)["member_grade"])
    if not LEAST_AIM <= aim <= MOST_AIM:
        raise AimOutOfRange(f"The reading grade for members is {LEAST_AIM} to {MOST_AIM}. Write such a number.")
    return aim


def gate(
    value: Grade | None,
    *,
    is_member_letter: bool,
    is_government_form: bool,
    share_of_time_left: float,
    aim: float = AIM,
) -> str:
    """Say what the gate says: nothing, a wish to rewrite, or (in the last tenth of the time) only a note.

    Government form text is never measured. What a person wrote may stop the letter, see `check_readable`.

    Args:
        aim: the plan's own, see `aim_of`.
    """
    if value is None or value.is_within(aim) or not is_member_letter or is_government_form:
        return ""
    measured = f"The text reads at grade {value.value} ({value.formula}); the aim is {aim:g} or lower."
    if share_of_time_left <= LITTLE_TIME:
        return f"{measured} Little time is left: send it as it is."
    return f"{measured} Use shorter sentences and shorter words, or say why they stay."


class LetterHardToRead(Invalid):
    """What a person wrote makes a letter to the member harder to read than the plan aims at."""

    code: ClassVar[str] = "letter-hard-to-read"


def check_readable(
    letter: Grade | None, *, said: str, words: str, kept_because: str, share_of_time_left: float, aim: float
) -> None:
    """Stop a letter whose own words are too hard, before the last tenth of the time, unless it is said why they stay.

    Args:
        letter: the grade of the whole letter.
        said: what the gate says of it; nothing where it keeps the aim, is no member's letter or a government form.
        words: what a person wrote for this letter; empty where nobody can rewrite anything.
        kept_because: why hard words stay.

    Raises:
        LetterHardToRead: naming both grades and what is long, without quoting what was written.
    """
    own = grade([words], "en")
    if not said or letter is None or own is None or own.is_within(aim):
        return
    if share_of_time_left <= LITTLE_TIME or len(kept_because.strip()) >= LEAST_REASON:
        return
    longest = max(len(WORD.findall(sentence)) for sentence in sentences_of(words))
    many = len(long_words(words))
    raise LetterHardToRead(
        f"The letter to the member would read at grade {letter.value}; the aim is {aim:g} or lower. Your words read at grade "
        f"{own.value}: the longest sentence has {longest} words, and {many} words have {_LONG_SYLLABLES} syllables or more. "
        "Write shorter sentences with shorter words, or keep them and say why."
    )


def long_words(text: str) -> tuple[str, ...]:
    """Return the words of many syllables in an English text, each once, as they come."""
    words = dict.fromkeys(word for word in WORD.findall(text) if english_syllables(word) >= _LONG_SYLLABLES)
    return tuple(words)
