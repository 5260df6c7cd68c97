from datetime import date

import pytest

from openum.criteria.document import assemble, parse_guideline
from openum.criteria.faults import DocumentInvalid
from openum.criteria.tree import Group, Mode
from openum.vocabulary.terms import LineOfBusiness
from tests.criteria.documents import LIBRARIES, SMALL, policy, policy_text

POLICY_FILES = ["LBP-MRI/v2026.2.md", "KNEE-ARTH/v2026.2.md"]


def parse(text):
    return parse_guideline(text, file="walk.md", libraries=LIBRARIES)


def faults(text):
    with pytest.raises(DocumentInvalid) as caught:
        parse(text)
    return [str(fault) for fault in caught.value.faults]


def line_of(text, part):
    return text[: text.index(part)].count("\n") + 1


def test_a_document_is_read_into_its_parts():
    guideline = parse(SMALL)
    assert (guideline.id, guideline.version, guideline.status) == ("WALK", "v1", "published")
    assert (guideline.effective_from, guideline.effective_to) == (date(2030, 1, 1), date(2031, 1, 1))
    assert guideline.scope.services == (("HCPCS", "E0100"),)
    assert guideline.scope.lines_of_business == (LineOfBusiness.MEDICARE_ADVANTAGE,)
    assert guideline.scope.age_from == 18
    assert guideline.scope.fully_established_by[0].states == ("WA",)
    assert guideline.sources[0].verified is False
    assert guideline.value_sets == {"Falls": (("ICD10", "R29.6"),)}
    assert guideline.answers["walk.needs-help"].kind == "yes-no"
    assert isinstance(guideline.root, Group)
    assert guideline.root.mode is Mode.ANY
    assert [leaf.key for leaf in guideline.leaves] == ["1", "2"]
    assert guideline.leaf("2").missing[0].element == "Condition.code"
    assert guideline.prose == "# Walking aid\n\nFor people who fall."
    assert set(guideline.libraries) == {"Record"}


@pytest.mark.parametrize("name", POLICY_FILES)
def test_the_documents_of_the_policy_pack_are_in_order(name):
    guideline = policy(name)
    assert guideline.status == "published"
    assert "```" not in guideline.prose
    for leaf in guideline.leaves:
        assert leaf.question.es
        assert leaf.plain.es
        assert leaf.to_satisfy.es


@pytest.mark.parametrize("name", POLICY_FILES)
def test_a_published_document_carries_the_shared_logic_it_needs(name):
    body = assemble(policy_text(name), libraries=LIBRARIES, file=name)
    alone = parse_guideline(body, file="published")
    assert set(alone.libraries) == set(policy(name).libraries) == {"Record", "Diagnosis", "Measure"}
    assert alone.prose == policy(name).prose
    assert alone.root == policy(name).root
    assert assemble(body, libraries={}, file="published") == body


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("---\nid", "id", "The file must begin with front matter"),
        ("id: WALK\n", "", "The front matter needs “id”."),
        ("id: WALK", "idd: WALK", "The front matter has no “idd”. Use one of: id, version"),
        ("id: WALK\n", "id: WALK\nid: RUN\n", "“id” stands here twice; keep one"),
        ("version: v1", "version: 1", "“version” of the front matter must be text; put it in quotes."),
        ("status: published", "status: done", "The status “done” is none of: draft, reviewed"),
        ("from: 2030-01-01, to: 2031-01-01", "from: soon", "“effective” needs “from” as a date"),
        ("to: 2031-01-01", "to: 2029-01-01", "it must come after “from”"),
        ("es: Ayuda para caminar", "fr: Aide", "“title” has no “fr”. Use one of: en, es."),
        ("HCPCS|E0100", "E0100", "“E0100” must read SYSTEM|code"),
        ("HCPCS|E0100", "NOPE|E0100", "The code system “NOPE” is none of: ICD10, SNOMED"),
        ("[medicare_advantage]", "[medicare]", "“medicare” is none of: chip_ffs"),
        ("ages: {from: 18}", "ages: {from: young}", "“from” of “ages” must be a whole number of years."),
        ("states: [WA], ", "", "An LCD holds in some states only; list them under “states”."),
        ("kind: LCD", "kind: rumour", "The kind “rumour” is none of: NCD, LCD, statute."),
        ("section: part 1, verified: no", "section: part 1, verified: maybe", "A source needs “verified”"),
        ("kind: yes-no", "kind: maybe", "The kind “maybe” is none of: yes-no, date"),
        ("ICD10|R29.6", "ICD10|", "“ICD10|” must read SYSTEM|code"),
        ('define "Fell"', 'define "Fall"', "Criterion 2 names “Fell”; the CQL does not define it."),
        ("answers: [walk.needs-help]", "answers: [walk.other]", "Criterion 1 lists the answer “walk.other”; the CQL never reads it."),
        ("    answers: [walk.needs-help]\n", "", "The CQL reads the answer “walk.needs-help”; list it under “answers” of a criterion."),
        ("  Falls:\n", "  Fall:\n", "The CQL declares the value set “Falls”; list its codes under “value_sets”."),
        ('key: "2"', 'key: "1"', "The key “1” stands twice in the tree; give each criterion its own."),
        ('key: "2"', "key: Two", "The key “Two” may hold small letters, digits, points and hyphens only."),
        ("    documents: [clinical-note]\n    missing:\n      - {element: Condition.code, note: a coded fall}\n", "", "Criterion 2 needs “documents”"),
        ("element: Condition.code", "element: the code", "“the code” must be a resource and its element, like Condition.onset."),
        ("any:\n  - key", "some:\n  - key", "Criterion has no “some”"),
        ("any:\n  - key", "all: []\nany:\n  - key", "A group is one of “all”, “any”, “at_least” and “not”; make two groups of it."),
        ("include Record version '1' called Record", "include Other version '1' called Record", "The library “Other” is included but not found; add libraries/Other.cql."),
        ("```criteria", "```yaml", "There is no ```criteria block."),
        ("```cql", "```sql", "There is no ```cql block."),
    ],
)  # fmt: skip
def test_every_fault_is_told_with_file_and_line(old, new, expected):
    assert old in SMALL
    found = faults(SMALL.replace(old, new))
    assert any(expected in fault for fault in found), found
    assert all(fault.startswith("walk.md:") for fault in found)


def test_a_fault_names_the_line_of_the_file():
    text = SMALL.replace("HCPCS|E0100", "NOPE|E0100")
    assert faults(text)[0].startswith(f"walk.md:{line_of(text, '  services: [NOPE')}: ")
    text = SMALL.replace("definition: Fell", "definitoin: Fell")
    assert any(fault.startswith(f"walk.md:{line_of(text, '    definitoin')}: ") for fault in faults(text))


def test_broken_yaml_is_told_with_its_line():
    text = SMALL.replace("owner: Committee", "owner: [Committee")
    assert faults(text)[0].startswith("walk.md:")
    assert "This is not valid YAML" in faults(text)[0]


def test_all_faults_are_told_at_once():
    found = faults(SMALL.replace("HCPCS|E0100", "NOPE|E0100").replace("status: published", "status: done"))
    assert len(found) >= 2


@pytest.mark.parametrize("text", ["", "---", "---\n---\n", "---\n- 1\n---\n", "\x00", "---\n? [a]\n---\n"])
def test_no_input_makes_the_reader_crash(text):
    assert faults(text)
