"""Every federal holiday of the calendar has its words in the reader's language."""

from django.utils.translation import override

from openum.clocks.holiday_words import holiday_words
from openum.clocks.rules.calendars import FEDERAL, holidays_of


def test_every_holiday_of_ten_years_is_told_in_spanish():
    names = {name for year in range(2022, 2032) for name in holidays_of(FEDERAL, year).values()}
    with override("es"):
        assert {name for name in names if holiday_words(name) == name} == set()
        assert holiday_words("Christmas Day (observed)") == "Navidad (día observado)"
    assert {name for name in names if holiday_words(name) != name} == set()
