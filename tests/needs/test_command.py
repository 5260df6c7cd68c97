"""`openum needs` from its arguments to its words."""

import pytest

from openum.cli import environment
from openum.cli.main import main


@pytest.fixture
def command(world, demo_clock, monkeypatch, capsys):
    monkeypatch.setattr(environment, "prepare", lambda _data: None)
    monkeypatch.setattr(environment, "start_django", lambda: None)

    def run(*arguments):
        code = main(["needs", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_it_says_what_is_needed_and_by_which_row(command):
    code, said = command("--code", "72148", "--product", "ma", "--age", "66", "--on", "2026-11-20")
    assert code == 0
    assert "authorization: auth-needed\n" in said
    assert "form: LBP-MRI v2026.2, MRI of the lower back\n" in said
    assert said.endswith("row: services/back-imaging\n")


def test_emergency_care_rests_on_the_law(command):
    code, said = command("--code", "CPT|72148", "--product", "ma", "--circumstance", "emergency")
    assert (code, "authorization: no-auth\n" in said, "45 CFR 149.110" in said) == (0, True, True)


def test_the_performer_is_given_by_number(command, world):
    said = command("--code", "97110", "--product", "ma", "--npi", world.surgeon_npi)[1]
    assert "authorization: no-auth\n" in said


def test_an_unknown_product_is_told_in_a_sentence(command):
    code, said = command("--code", "72148", "--product", "none")
    assert (code, said) == (1, "There is no product with the key none in this data directory.\n")


def test_a_wrong_date_is_refused(command):
    with pytest.raises(SystemExit):
        command("--code", "72148", "--product", "ma", "--on", "tomorrow")
