"""Drawing by lot, and the 8/30 rule."""

import hashlib
import random

import pytest

from openum.sampling.rules import Step, Verdict, draw, standing, written

KEYS = [f"row-{number:03}" for number in range(100)]
P, F, N = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE


def test_anybody_draws_the_same_files_from_the_seed_and_the_keys():
    by_hand = sorted(KEYS, key=lambda key: hashlib.sha256(b"a seed\n" + key.encode()).hexdigest())[:30]
    shuffled = random.Random(1).sample(KEYS, len(KEYS))
    assert draw("a seed", shuffled, 30) == by_hand


def test_a_larger_sample_begins_with_the_smaller_and_another_seed_draws_others():
    assert draw("a seed", KEYS, 30)[:8] == draw("a seed", KEYS, 8)
    assert draw("a seed", KEYS, 30) != draw("another", KEYS, 30)
    assert sorted(draw("a seed", KEYS, 500)) == KEYS


def test_a_universe_is_written_the_same_each_time():
    assert written(("a", "b"), [("1", "x, y"), ("2", "")]) == b'a,b\n1,"x, y"\n2,\n'


@pytest.mark.parametrize(
    ("verdicts", "step", "counts"),
    [
        ([None] * 30, Step.READ_FIRST, (0, 0, 0, 30)),
        ([P] * 7 + [None] * 23, Step.READ_FIRST, (7, 0, 0, 23)),
        ([P] * 8 + [None] * 22, Step.MET_ON_FIRST, (8, 0, 0, 22)),
        ([P] * 7 + [N] + [None] * 22, Step.READ_FIRST, (7, 0, 1, 22)),
        ([P] * 7 + [N, P] + [None] * 21, Step.MET_ON_FIRST, (8, 0, 1, 21)),
        ([None] + [P] * 8 + [None] * 21, Step.READ_FIRST, (8, 0, 0, 22)),
        ([P] * 7 + [F] + [None] * 22, Step.READ_ALL, (7, 1, 0, 22)),
        ([P] * 8 + [F] + [None] * 21, Step.READ_ALL, (8, 1, 0, 21)),
        ([P] * 29 + [F], Step.DONE, (29, 1, 0, 0)),
        ([P] * 3, Step.DONE, (3, 0, 0, 0)),
        ([P] * 2 + [None], Step.READ_FIRST, (2, 0, 0, 1)),
    ],
)
def test_eight_files_that_pass_are_enough_and_one_that_fails_asks_for_all(verdicts, step, counts):
    found = standing(verdicts)
    assert (found.step, (found.passed, found.failed, found.not_applicable, found.left)) == (step, counts)
    assert found.judged == counts[0] + counts[1]
