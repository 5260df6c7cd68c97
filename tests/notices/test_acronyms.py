"""Short forms need their meaning beside them, once."""

import pytest

from openum.notices.acronyms import unexplained


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Your BMI is 34.", ("BMI",)),
        ("Your body mass index (BMI) is 34. A BMI under 40 is fine.", ()),
        ("Your BMI (body mass index) is 34.", ()),
        ("The MRI and the TTY number", ()),
        ("PT and PTs and OT", ("PT", "OT")),
        ("I am A B", ()),
        ("El índice de masa corporal (IMC) es 34.", ()),
    ],
)
def test_unexplained_short_forms(text, found):
    assert unexplained([text]) == found
