"""The message files of the tour are what the code writes."""

import json
from pathlib import Path

import pytest

import samples
from samples.bundles import lumbar_mri_bundle

MESSAGES = Path(samples.__file__).parent / "messages"


@pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])
def test_the_committed_bundle_is_the_written_one(version):
    committed = json.loads((MESSAGES / f"lumbar-mri-{version}.json").read_text(encoding="utf-8"))
    assert committed == json.loads(json.dumps(lumbar_mri_bundle(version=version)))
