"""What metrics cannot read of a folder that was not loaded counts as missing and is told, twice alike: the second run replays."""

from openum.cli.main import main
from tests.analytics import hand
from tests.analytics.hand import span, stay, visit


def told(folder, out, capsys):
    assert main(["metrics", "--claims", str(folder), "--out", str(out)]) == 0
    return capsys.readouterr().err.splitlines()


def test_days_and_amounts_that_cannot_be_read_are_counted(tmp_path, capsys):
    medical = [
        stay("A", "C1", "2024-03-01", "2024-03-05", place_of_service_code=""),
        visit("A", "C2", "2024-13-45"),
        visit("A", "C3", "2024-04-01", paid_amount="abc"),
        visit("A", "C4", "2024-04-02", paid_amount="$1,200.00"),
        visit("A", "C5", "05/03/2024", paid_amount=" "),
    ]
    folder = hand.write(tmp_path / "claims", spans=[span("A")], medical=medical)
    said = [
        "medical_claim: 1 of claim_end_date cannot be read as a day and count as missing.",
        "medical_claim: 1 of claim_line_end_date cannot be read as a day and count as missing.",
        "medical_claim: 1 of claim_line_start_date cannot be read as a day and count as missing.",
        "medical_claim: 1 of claim_start_date cannot be read as a day and count as missing.",
        "medical_claim: 1 of paid_amount cannot be read as an amount and count as missing.",
        "medical_claim: 1 of paid_date cannot be read as a day and count as missing.",
        "openum claims load sets such rows aside and names file, line and cure for each.",
    ]
    for again in range(2):
        assert sorted(told(folder, tmp_path / f"out{again}", capsys)) == said


def test_a_column_that_is_not_there_is_named_and_a_whole_folder_says_nothing(tmp_path, capsys):
    whole = [stay("A", "C1", "2024-03-01", "2024-03-05", hcpcs_code="", place_of_service_code="")]
    assert told(hand.write(tmp_path / "whole", spans=[span("A")], medical=whole), tmp_path / "out", capsys) == []
    folder = hand.write(tmp_path / "less", spans=[span("A")], medical=whole)
    text = (folder / "medical_claim.csv").read_text(encoding="utf-8").replace("paid_amount", "what_was_paid", 1)
    (folder / "medical_claim.csv").write_text(text, encoding="utf-8")
    assert told(folder, tmp_path / "out", capsys) == [
        "medical_claim has no column paid_amount: what rests on it is missing from the figures."
    ]
