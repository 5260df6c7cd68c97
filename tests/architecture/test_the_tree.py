"""What must not stand in the project's files."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
    ".csv",
    ".html",
    ".css",
    ".js",
    ".json",
    ".typ",
    ".cql",
    ".sh",
    ".po",
    "",
}

# Written in parts, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile("|".join(["/wo" + "rk/", "/tm" + "p/", "/roo" + "t/", "/hom" + "e/[a-z]"]))
ADDRESSES = re.compile(
    "|".join(
        [
            "py" + r"pi\.org",
            "files.python" + r"hosted",
            "registry.npm" + "js",
            r"deb\.deb" + "ian",
            "--index" + "-url",
            "--find" + "-links",
        ]
    )
)
TOOLS = re.compile(
    "|".join([r"\bcl" + r"aude\b", "anthro" + "pic", r"chat" + r"gpt", r"\bcopi" + r"lot\b", "open" + r"ai\b"]),
    re.IGNORECASE,
)


def tracked_files():
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def text_files():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: the list of the project's files comes from git")
    return [file for file in tracked_files() if file.suffix in TEXT]


def found(pattern, files):
    return [
        f"{file.relative_to(ROOT)}:{number}: {match.group()}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").split("\n"), start=1)
        if (match := pattern.search(line))
    ]


def test_no_file_names_a_path_of_a_machine():
    assert found(MACHINE_PATHS, text_files()) == []


def test_no_file_names_a_package_registry():
    assert found(ADDRESSES, text_files()) == []


def test_no_file_names_the_tools_it_was_written_with():
    assert found(TOOLS, text_files()) == []


def test_requirements_are_pinned_and_hashed():
    for name in ("runtime.txt", "development.txt"):
        lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").split("\n")
        starts = [line for line in lines if line and not line.startswith(" ")]
        assert starts
        assert [line for line in starts if not re.match(r"[a-z0-9.\-\[\],]+==[^ ]+ .*\\$", line)] == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of shared examples is not beside this checkout")
def test_the_program_knows_no_example_by_name():
    """No identifier, procedure code or date of the examples may occur in the program itself."""
    identifiers = set()
    for file in (SHARED / "examples").rglob("*.json"):
        text = file.read_text(encoding="utf-8", errors="replace")
        identifiers |= set(re.findall(r'"value"\s*:\s*"([A-Za-z0-9\-]{6,40})"', text))
        identifiers |= set(re.findall(r'"code"\s*:\s*"(\d{5}|[A-Z]\d{4}|[A-Z]\d{2}\.\d{1,4})"', text))
        identifiers |= set(re.findall(r'"(20\d\d-\d\d-\d\d)(?:T|")', text))
    identifiers = {text for text in identifiers if re.search(r"\d", text)}
    assert len(identifiers) > 100
    pattern = re.compile(
        r"(?<![\w.\-])(?:" + "|".join(sorted(map(re.escape, identifiers), key=len, reverse=True)) + r")(?![\w\-])"
    )
    sources = [file for file in (ROOT / "openum").rglob("*") if file.suffix in {".py", ".html", ".js", ".typ"}]
    sources = [file for file in sources if "cql/fhir" not in file.as_posix() and "/migrations/" not in file.as_posix()]
    assert found(pattern, sources) == []
