"""The public CQL suite, when its files lie beside the checkout."""

from __future__ import annotations

import pytest

from tests.cql import suite

# Tests that fail, with the reason. They count as failures.
DISPUTED = {
    # CQL 1.5, Appendix B, Union: Date and DateTime elements have the common type DateTime, so the result is one.
    "RolledOutIntervals",
    # CQL 1.5, 3.1.1 Literals: 2147483648 is no Integer literal; Ceiling(2147483648) in the same file must fail.
    "FloorIntegerGreaterThanMaxInteger",
    "FloorIntegerLessThanMinInteger",
    # CQL 1.5, 5.6 Uncertainty: with the time of day unknown at least 16 whole days lie between; the next test of
    # the same group doubles this very duration and expects 32, which is twice 16.
    "DateTimeDurationBetweenUncertainInterval",
    # `5 in Interval[null, null]` of the same file must be false, so the untyped interval cannot hold everything.
    "IntegerIntervalProperlyIncludedInNullBoundaries",
}
FLOOR = 1495

pytestmark = pytest.mark.skipif(not suite.SUITE.is_dir(), reason="the public CQL suite is not beside this checkout")


def test_the_public_suite_passes_except_for_the_disputed_tests():
    tests = suite.read(suite.SUITE)
    failures = {}
    for test in tests:
        passed, why = suite.passes(test)
        if not passed:
            failures[test.name] = why
    print(f"public CQL suite: {len(tests) - len(failures)} of {len(tests)}")
    assert set(failures) <= DISPUTED, failures
    assert len(tests) - len(failures) >= FLOOR
