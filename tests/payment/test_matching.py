"""Whether an authorization fits a claim line: a table of what an examiner meets."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openum.payment.rules.matching import FITS, Change, ClaimLine, Fit, Held, match, match_all

DAY = date(2026, 11, 20)
LINE = ClaimLine(system="CPT", code="97110", service_date=DAY, units=Decimal(4), npis=frozenset({"9000002011"}))
HELD = Held(
    number="A-1", system="CPT", code="97110", starts=date(2026, 11, 1), ends=date(2026, 12, 1), left=Decimal(12), npi="9000002011"
)  # fmt: skip
CHANGES = (Change(codes=frozenset({"CPT|2988*", "CPT|29875"}), days=10),)


@pytest.mark.parametrize(
    ("line", "held", "fit"),
    [
        ({}, {}, Fit.MATCHES),
        ({"units": Decimal(12)}, {}, Fit.MATCHES),
        ({"units": Decimal("12.5")}, {}, Fit.TOO_FEW_UNITS),
        ({"units": Decimal(99)}, {"left": None}, Fit.MATCHES),
        ({"service_date": date(2026, 11, 1)}, {}, Fit.MATCHES),
        ({"service_date": date(2026, 10, 31)}, {}, Fit.NOT_YET),
        ({"service_date": date(2026, 11, 30)}, {}, Fit.MATCHES),
        ({"service_date": date(2026, 12, 1)}, {}, Fit.EXPIRED),
        ({"service_date": date(2031, 1, 1)}, {"ends": None}, Fit.MATCHES),
        ({"npis": {"9000002029"}}, {}, Fit.OTHER_PROVIDER),
        ({"npis": {"9000002029", "9000002011"}}, {}, Fit.MATCHES),
        ({"npis": frozenset()}, {}, Fit.MATCHES),
        ({"npis": {"9000002029"}}, {"npi": ""}, Fit.MATCHES),
        ({}, {"is_void": True}, Fit.VOID),
        ({"code": "97112"}, {}, Fit.NONE),
        ({"code": "97112"}, {"code_end": "97116"}, Fit.CODE_RANGE),
        ({"code": "97117"}, {"code_end": "97116"}, Fit.NONE),
        ({"system": "HCPCS"}, {}, Fit.NONE),
        ({"code": "29881"}, {"changes": CHANGES}, Fit.PERMITTED_CHANGE),
        ({"code": "29875"}, {"changes": CHANGES, "left": Decimal(0)}, Fit.PERMITTED_CHANGE),
        ({"code": "29870"}, {"changes": CHANGES}, Fit.NONE),
        ({"is_emergency": True, "code": "99999"}, {"is_void": True}, Fit.NOT_WANTED),
    ],
)
def test_one_line_and_one_authorization(line, held, fit):
    answer = match(replace(LINE, **line), [replace(HELD, **held)])
    assert answer.fit is fit
    assert answer.is_authorized is (fit in FITS)
    assert answer.number == ("" if fit in {Fit.NONE, Fit.NOT_WANTED} else "A-1")


def test_the_best_authorization_is_the_answer_unless_the_claim_names_one():
    void, other = replace(HELD, number="A-0", is_void=True), replace(HELD, number="A-2", npi="9000002029")
    assert match(LINE, [void, other, HELD]).number == "A-1"
    assert match(LINE, [void, other]).fit is Fit.OTHER_PROVIDER
    assert match(LINE, [void, other, HELD], number="A-0").fit is Fit.VOID
    assert match(replace(LINE, code="1"), [HELD], number="A-1").fit is Fit.OTHER_SERVICE
    assert match(LINE, []).fit is Fit.NONE
    assert match(replace(LINE, code="29881"), [replace(HELD, changes=CHANGES)]).tell_within == 10


def test_earlier_lines_take_units_from_later_ones():
    lines = [replace(LINE, units=Decimal(n)) for n in (8, 5, 4)]
    assert [(answer.fit, answer.left) for answer in match_all(lines, [HELD])] == [
        (Fit.MATCHES, 12), (Fit.TOO_FEW_UNITS, 4), (Fit.MATCHES, 4),
    ]  # fmt: skip


@given(st.lists(st.decimals(1, 20, places=1), max_size=8))
def test_no_more_units_are_authorized_than_were_left(units):
    lines = [replace(LINE, units=each) for each in units]
    given_out = [
        line.units for line, answer in zip(lines, match_all(lines, [HELD]), strict=True) if answer.is_authorized
    ]
    assert sum(given_out) <= HELD.left
