"""How hard a letter is to read, and what the gate before signing says about it. Pure; the measure is in vocabulary."""

from typing import ClassVar, Final

from openum.notices.document import Bullets, Callout, Document, Facts, Paragraph
from openum.vocabulary.errors import Invalid
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.reading import AIM, WORD, Grade, grade

LEAST_WORDS: Final = 4
"""A shorter piece (a name, a date, a number) is no sentence and would only flatter the grade."""


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

    It never blocks: a guard that forces a breach is worse than a long sentence. Government form text is never measured.

    Args:
        aim: the plan's own, see `aim_of`.
    """
    if value is None or value.is_within(aim) or not is_member_letter or is_government_form:
        return ""
    measured = f"The text reads at grade {value.value} ({value.formula}); the aim is {aim:g} or lower."
    if share_of_time_left <= 0.1:
        return f"{measured} Little time is left: send it as it is."
    return f"{measured} Use shorter sentences and shorter words."
