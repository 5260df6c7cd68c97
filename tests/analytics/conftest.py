"""A small population of our own, and its metrics, made once."""

import pytest

from openum.cli.main import main

MEMBERS, MONTHS = 12_000, 24


@pytest.fixture(scope="session", autouse=True)
def scripts_of_the_tests(tmp_path_factory):
    """Keep scripts of metrics in a folder of the run, not in that of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def own_claims(tmp_path_factory):
    folder = tmp_path_factory.mktemp("population")
    arguments = [
        "samples",
        "claims",
        "--members",
        str(MEMBERS),
        "--seed",
        "7",
        "--months",
        str(MONTHS),
        "--out",
        str(folder),
    ]
    assert main(arguments) == 0
    return folder


@pytest.fixture(scope="session")
def own_results(own_claims, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    assert main(["metrics", "--claims", str(own_claims), "--out", str(folder)]) == 0
    return folder
