"""One finding of the scorecard."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """One check of the scorecard; counts are of what `level` names."""

    level: str
    id: str
    meaning: str
    failing: int
    looked_at: int
    examples: tuple[str, ...] = ()
    """A few of what fails, the commonest first."""
    is_of_members: bool = False
    """Whether the examples name claims or members."""
