"""How a command fails: one clear sentence and a non-zero exit."""


class CommandFailed(Exception):
    """The sentence is printed to standard error; nothing else is."""

    def __init__(self, sentence: str, *, exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.exit_code = exit_code
