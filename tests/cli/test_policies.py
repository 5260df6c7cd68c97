"""`openum policies publish`: new rows come in, the same again adds nothing, a changed version is refused whole."""

import shutil
from pathlib import Path

import pytest

from openum.accounts.services import ensure_rules_engine
from openum.audit.models import EventRow
from openum.cli import environment
from openum.cli.main import main
from openum.cli.policies import publish_new, told
from openum.directory.models import Policy
from openum.directory.services import PolicyVersionChanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path, settings):
    """A folder with one ladder of a newer version."""
    (tmp_path / "escalation").mkdir()
    body = (Path(settings.OPENUM_POLICIES) / "escalation" / "ladder.yaml").read_text(encoding="utf-8")
    (tmp_path / "escalation" / "ladder.yaml").write_text(body.replace("2026.1", "2031.1"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def command(monkeypatch, capsys):
    """The command on the database of the test."""
    monkeypatch.setattr(environment, "prepare", lambda _data: None)
    monkeypatch.setattr(environment, "start_django", lambda: None)

    def call(*arguments):
        code = main(["policies", "publish", *map(str, arguments)])
        return code, capsys.readouterr()

    return call


def test_what_is_new_is_published_once(world, folder, command):
    count = Policy.objects.count()
    code, tried = command(folder, "--dry-run")
    assert (code, Policy.objects.count()) == (0, count)
    assert "Would publish: 1 escalation" in tried.out
    code, done = command(folder)
    assert code == 0
    assert "ladder 2031.1, from 2025-01-01" in done.out
    assert EventRow.objects.filter(type="PolicyPublished").latest("pk").actor_id == ensure_rules_engine().public_id
    _, again = command(folder)
    assert again.out == "Everything is published already.\n"
    assert Policy.objects.count() == count + 1
    command(folder, "--plan", world.plan.key)
    assert Policy.objects.filter(version="2031.1").count() == 2


def test_other_content_under_a_published_version_is_refused_and_nothing_comes_in(world, folder, command, at):
    command(folder)
    path = folder / "escalation" / "ladder.yaml"
    body = path.read_text(encoding="utf-8")
    path.write_text(body.replace("hours: 4", "hours: 5"), encoding="utf-8")
    shutil.copy(path, folder / "escalation" / "a-new-one.yaml")
    newer = (folder / "escalation" / "a-new-one.yaml").read_text(encoding="utf-8").replace("2031.1", "2032.1")
    (folder / "escalation" / "a-new-one.yaml").write_text(newer, encoding="utf-8")
    code, said = command(folder)
    assert code == 1
    assert "Give the change a new version." in said.err
    assert not Policy.objects.filter(version="2032.1").exists()
    with pytest.raises(PolicyVersionChanged):
        publish_new(folder, by=ensure_rules_engine(), at=at)


def test_a_folder_or_a_plan_that_is_not_there_is_named(world, folder, command):
    assert command(folder / "none")[1].err == f"There is no folder {folder / 'none'}. Give the folder of policies.\n"
    assert command(folder, "--plan", "nobody")[1].err == "There is no plan nobody.\n"
    assert list(told([])) == ["Everything is published already."]
