"""Lines come into queues by published rules, and each routing keeps its rule, reason and version."""

import pytest

from openum import audit
from openum.accounts.rules import PermissionRefused
from openum.cases.services import withdraw_line
from openum.cli.errors import CommandFailed
from openum.cli.main import main
from openum.cli.routing import _plan
from openum.directory.services import PolicyVersionChanged
from openum.jobs import run_due
from openum.review.services import refer_to_physician
from openum.vocabulary.terms import Channel, Urgency
from openum.work.models import Assignment, Placement
from openum.work.queries.simulating import simulate
from openum.work.rules.routing import RoutingInvalid, read_routing
from openum.work.services import ask_to_reroute, give_lines, publish_routing, reroute_open_lines
from tests.work.conftest import RULES
from tests.world import knee_request, send

NEW_RULES = (
    RULES.replace('version: "1"', 'version: "2"')
    .replace("queue: ortho-rn", "queue: general-rn")
    .replace("because: bones and joints", "because: one team for all")
)


@pytest.fixture
def case(desk, at):
    """A knee request that waits."""
    return send(desk.world, knee_request(desk.world, at=at, urgency=Urgency.EXPEDITED), at=at).case


def test_a_line_comes_into_a_queue_with_rule_reason_version_and_weight(case, desk):
    placement = Placement.objects.get(line__case=case)
    assert (placement.queue, placement.rule, placement.version) == (desk.ortho, "ortho", "1")
    assert (placement.because, placement.points, placement.points_because) == (
        "bones and joints", 20, ["fast", "long records"],
    )  # fmt: skip
    assert placement.facts["specialty"] == "orthopaedics"
    assert placement.policy.version == "1"
    routed = [row for row in audit.events_of(case.public_id) if row.type == "LineRouted"]
    assert [row.fields()["rule"] for row in routed] == ["ortho"]


def test_without_published_rules_nothing_is_routed(world, at):
    case = send(world, knee_request(world, at=at), at=at).case
    assert not Placement.objects.filter(line__case=case).exists()


def test_a_referral_takes_the_line_to_the_physicians_and_keeps_where_it_was(case, desk, at):
    line = case.lines.get()
    refer_to_physician(line=line, summary="Seven weeks.", by=desk.world.nurse, at=at, specialty="orthopaedics")
    before, now = Placement.objects.filter(line=line).order_by("pk")
    assert (before.queue, before.left_because) == (desk.ortho, "the line went to the other stage")
    assert (now.queue, now.stage, now.left_at) == (desk.physicians, "physician", None)


def test_a_line_that_is_open_no_more_leaves_its_queue_and_its_holder(case, desk, at):
    line = case.lines.get()
    give_lines(line_ids=[line.public_id], to=desk.ortho_nurse, by=desk.director, at=at)
    withdraw_line(
        line=line, reason="not needed", requested_by="practice", channel=Channel.PORTAL, by=desk.world.provider, at=at
    )
    assert not Placement.objects.filter(line=line, left_at__isnull=True).exists()
    assert Assignment.objects.get().ended_because == "the line is not open any more"


def test_a_simulation_says_who_would_move_where_and_writes_nothing(case, desk, at):
    found = simulate(plan=desk.world.plan, routing=read_routing(NEW_RULES), at=at)
    assert (found.looked_at, found.moving, found.is_whole) == (1, 1, True)
    assert dict(found.flows) == {("ortho-rn", "general-rn"): 1}
    (move,) = found.moves
    assert (move.case_number, move.rule, move.because) == (case.number, "ortho", "one team for all")
    assert Placement.objects.get().queue == desk.ortho


def test_a_simulation_of_a_part_says_that_it_is_one(case, desk, at):
    send(desk.world, knee_request(desk.world, of=desk.world.erisa_member, at=at), at=at)
    found = simulate(plan=desk.world.plan, routing=read_routing(RULES), at=at, most_lines=1)
    assert (found.looked_at, found.is_whole) == (1, False)


def test_new_rules_move_open_lines_only_when_asked_and_never_those_somebody_holds(case, desk, at):
    held = send(desk.world, knee_request(desk.world, of=desk.world.erisa_member, at=at), at=at).case
    give_lines(line_ids=[held.lines.get().public_id], to=desk.ortho_nurse, by=desk.director, at=at)
    publish_routing(text=NEW_RULES, plan=desk.world.plan, by=desk.director, at=at)
    assert Placement.objects.get(line__case=case).queue == desk.ortho
    assert ask_to_reroute(plan=desk.world.plan, by=desk.director, at=at)
    assert not ask_to_reroute(plan=desk.world.plan, by=desk.director, at=at)
    run_due(at, limit=50)
    now = Placement.objects.get(line__case=case, left_at__isnull=True)
    assert (now.queue, now.version, now.because) == (desk.general, "2", "one team for all")
    assert Placement.objects.get(line__case=held).queue == desk.ortho


def test_rerouting_ends_after_the_last_line(desk, at):
    assert reroute_open_lines(plan=desk.world.plan, after=0, count=10, by=desk.director, at=at) == (0, 0)


def test_who_may_publish_and_what_may_not_change(desk, at):
    with pytest.raises(PermissionRefused):
        publish_routing(text=NEW_RULES, plan=desk.world.plan, by=desk.world.nurse, at=at)
    with pytest.raises(RoutingInvalid, match="not open in this plan"):
        publish_routing(text=NEW_RULES.replace("general-rn", "moon"), plan=desk.world.plan, by=desk.director, at=at)
    with pytest.raises(PolicyVersionChanged):
        publish_routing(text=RULES.replace("the rest", "others"), plan=desk.world.plan, by=desk.director, at=at)


def test_the_command_simulates_a_file(case, desk, tmp_path, monkeypatch, capsys):
    file, out = tmp_path / "rules.yaml", tmp_path / "moves.csv"
    file.write_text(NEW_RULES, encoding="utf-8")
    monkeypatch.setattr("openum.cli.environment.prepare", str)
    arguments = ["routing", "simulate", str(file), "--plan", desk.world.plan.key, "--csv", str(out)]
    assert main(arguments) == 0
    said = capsys.readouterr().err
    assert "1 open lines, 0 stay, 1 would move." in said
    assert "1  ortho-rn → general-rn" in said
    assert out.read_text(encoding="utf-8").splitlines()[1] == (
        f"{case.number},1,ortho-rn,general-rn,ortho,one team for all,20"
    )
    assert main(["routing", "simulate", str(tmp_path / "none.yaml")]) == 1
    assert "cannot be read as text" in capsys.readouterr().err
    file.write_text("rules: 7", encoding="utf-8")
    assert main(arguments) == 1
    assert "list of rules" in capsys.readouterr().err


def test_the_command_asks_which_plan(world):
    with pytest.raises(CommandFailed, match="Name the plan with --plan: harbor, sandbox"):
        _plan(None)
    with pytest.raises(CommandFailed, match="There is no plan moon"):
        _plan("moon")
    assert _plan("harbor") == world.plan
