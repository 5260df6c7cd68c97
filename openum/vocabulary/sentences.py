"""Sentences that rules and services say in English, and that pages tell in the reader's language."""


def sentence(english: str) -> str:
    """Mark an English sentence for the catalogues, holes as in `{units}`; it is told where it is shown.

    The first argument of a refusal, and what a guard says, need no mark (tools/sentences.py).
    """
    return english
