"""What reading a message found wrong: faults one can live with, and problems nobody can decide over.

A fault is reported beside the decision as a warning. A problem makes the answer an error ClaimResponse with
its X12 AAA code; the message is kept and a person can mend it.
"""

from openum.submission.incoming import Fault, Problem

LONGEST_IDENTIFIER = 200
"""X12 allows 50 characters for a trace number; indexes of databases end before 2,000 bytes."""

LONGEST_NAME = 300
"""Names and labels are shown in lists; the message as received is kept whole."""


class Notes:
    """Collects faults and problems while a message is read."""

    def __init__(self) -> None:
        """Start empty."""
        self._faults: dict[tuple[str, str], Fault] = {}
        self._problems: list[Problem] = []

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything one can live with, each once."""
        return tuple(self._faults.values())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that keeps the request from being decided."""
        return tuple(self._problems)

    def fault(self, path: str, sentence: str) -> None:
        """Note a fault at a FHIRPath."""
        self._faults[path, sentence] = Fault(path=path, text=sentence)

    def problem(self, word: str, path: str, sentence: str) -> None:
        """Note a problem: our word for it (`words.AAA` gives its wire codes), the FHIRPath, and the cure."""
        self._problems.append(Problem(code=word, path=path, text=sentence))

    def short(self, value: str, path: str) -> str:
        """Return an identifier or code that tables can index; a longer one is a problem and becomes empty."""
        if len(value) <= LONGEST_IDENTIFIER:
            return value
        self.problem(
            "input-error",
            path,
            f"A code or identifier here is longer than {LONGEST_IDENTIFIER} characters. Send the identifier itself.",
        )
        return ""

    def shown(self, value: str, path: str) -> str:
        """Return a name or label cut to what a list can show; the cut is a fault."""
        if len(value) <= LONGEST_NAME:
            return value
        self.fault(path, f"The text is longer than {LONGEST_NAME} characters and is shown shortened.")
        return value[: LONGEST_NAME - 1] + "…"
