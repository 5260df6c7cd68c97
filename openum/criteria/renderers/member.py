"""The map for the member: each criterion that counts, in plain words, and what helps where it is open."""

from dataclasses import dataclass

from openum.criteria.maps import MapView


@dataclass(frozen=True, slots=True)
class Answer:
    """One criterion in plain words. Met always means: this is as the policy asks."""

    question: str
    value: str
    must_not_be: bool
    help: str


def answers_of(view: MapView, language: str) -> list[Answer]:
    """Return the criteria that count, in reading order."""
    return [
        Answer(
            question=leaf.plain.in_language(language) or leaf.question.in_language(language),
            value=leaf.as_asked.value,
            must_not_be=leaf.is_unwanted,
            help=leaf.to_satisfy.in_language(language) if leaf.is_open else "",
        )
        for leaf in view.leaves
        if not leaf.is_not_applicable
    ]
