"""The FHIRPath R4 suite of HL7, when its files lie beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import fhirpath_suite

SUITE = Path(__file__).resolve().parents[4] / "shared" / "fhirpath-tests"

pytestmark = pytest.mark.skipif(
    not (SUITE / fhirpath_suite.FILE).is_file(), reason="the FHIRPath suite is not beside this checkout"
)


def test_the_public_suite_passes_except_for_the_disputed_tests():
    tests = fhirpath_suite.read(SUITE)
    failures = {}
    for test in tests:
        passed, why = fhirpath_suite.passes(test, SUITE)
        if not passed:
            failures[test.name] = why
    assert len(tests) == 935
    assert set(failures) <= set(fhirpath_suite.DISPUTED), failures


def test_the_document_shows_the_results_of_this_version():
    written = fhirpath_suite.DOCUMENT.read_text("utf-8").partition(fhirpath_suite.MARK)[2]
    assert written == fhirpath_suite.table(SUITE)
