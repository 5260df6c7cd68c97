"""While a page is drawn, each question is asked once; outside, every time."""

import pytest

from openum.db.reading import once_a_page, reading


class Desk:
    """Counts how often it is asked."""

    def __init__(self):
        self.asked = []

    def query(self):
        @once_a_page(lambda number, **_: number)
        def ask(number, *, loud=False):
            self.asked.append(number)
            return [number, loud]

        return ask


def test_outside_of_a_page_every_asking_is_a_question():
    desk = Desk()
    ask = desk.query()
    assert ask(1) == ask(1) == [1, False]
    assert desk.asked == [1, 1]


def test_a_page_asks_once_for_each_key():
    desk = Desk()
    ask = desk.query()
    with reading():
        first = ask(1)
        assert ask(1, loud=True) is first
        assert ask(2) == [2, False]
    assert desk.asked == [1, 2]


def test_the_next_page_knows_nothing_of_the_last():
    desk = Desk()
    ask = desk.query()
    for _ in range(2):
        with reading():
            ask(1)
            ask(1)
    assert desk.asked == [1, 1]


def test_two_queries_never_share_an_answer():
    desk = Desk()
    one, other = desk.query(), desk.query()
    with reading():
        assert one(1) is not other(1)


def test_a_page_that_fails_leaves_nothing_behind():
    desk = Desk()
    ask = desk.query()
    with pytest.raises(ValueError), reading():
        ask(1)
        raise ValueError
    ask(1)
    assert desk.asked == [1, 1]
