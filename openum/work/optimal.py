"""The best assignment of all lines at once, as a what-if beside the greedy round. Needs the extra `staffing` (OR-Tools).

Nothing is written: a director compares how many lines more would find somebody, and what it would take.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from openum.vocabulary.errors import Missing
from openum.work.rules.assigning import Candidate, Choice, Need, assign_all, is_fit

_PLACED, _CASE, _LANGUAGE, _FIELD, _OWN_QUEUE = 1000, 50, 20, 10, 5
"""What a placed line is worth, and what each nicety adds: together the niceties never outweigh a line."""


class SolverMissing(Missing):
    """The extra with the solver is not installed."""

    code = "solver-missing"


@dataclass(frozen=True)
class Compared:
    """How far the greedy round and the best one come with the same lines and people."""

    lines: int
    greedy: int
    greedy_points: int
    best: int
    best_points: int
    is_proved: bool
    """Whether the solver proved that nothing better exists, or its time was over."""


def worth(need: Need, person: Candidate) -> int:
    """Return what it is worth that a person takes a line; above zero."""
    return (
        _PLACED + need.points + _CASE * (need.case in person.cases) + _LANGUAGE * (need.language in person.languages)
        + _FIELD * (bool(need.specialty) and need.specialty in person.skills) + _OWN_QUEUE * (need.queue in person.queues)
    )  # fmt: skip


def may_take(need: Need, person: Candidate) -> bool:
    """Say whether a line may go to a person at all, room aside."""
    return is_fit(need, person) and bool({need.queue, need.backup} & person.queues)


def assign_optimally(
    needs: Sequence[Need], people: Sequence[Candidate], *, seconds: float = 10
) -> tuple[dict[int, int], bool]:
    """Return who would take which line (both by key) so that the whole is worth most, and whether that is proved.

    Nobody goes above capacity here, pressing or not.

    Args:
        needs: the lines.
        people: as they stand now.
        seconds: how long to look at most.

    Raises:
        SolverMissing: the extra is not installed.
    """
    try:
        from ortools.sat.python import cp_model
    except ImportError as error:
        raise SolverMissing("The solver is not installed. Install openum with the extra staffing.") from error
    model = cp_model.CpModel()
    takes = {
        (number, person.user): model.new_bool_var(f"{number} by {person.user}")
        for number, need in enumerate(needs)
        for person in people
        if may_take(need, person)
    }
    for number in range(len(needs)):
        model.add_at_most_one(variable for (line, _), variable in takes.items() if line == number)
    for person in people:
        held = [needs[line].points * variable for (line, user), variable in takes.items() if user == person.user]
        model.add(sum(held) <= max(0, person.capacity - person.load))
    known = {person.user: person for person in people}
    model.maximize(sum(worth(needs[line], known[user]) * variable for (line, user), variable in takes.items()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    status = solver.solve(model)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return {}, False
    chosen = {needs[line].line: user for (line, user), variable in takes.items() if solver.value(variable)}
    return chosen, status == cp_model.OPTIMAL


def compare(needs: Sequence[Need], people: Sequence[Candidate], *, seconds: float = 10) -> Compared:
    """Compare the greedy round with the best one (SolverMissing)."""
    greedy = {need.line for need, choice in assign_all(needs, people) if isinstance(choice, Choice)}
    best, is_proved = assign_optimally(needs, people, seconds=seconds)
    points = {need.line: need.points for need in needs}
    return Compared(
        lines=len(needs), greedy=len(greedy), greedy_points=sum(points[line] for line in greedy), best=len(best),
        best_points=sum(points[line] for line in best), is_proved=is_proved,
    )  # fmt: skip
