"""`python -m tools.mutation`: changes the rules of the law one small step at a time and counts what the tests notice.

Each change is made in a forked copy of this process that has loaded everything already: the code of one function is
swapped for the changed one, or a table of the module is put in place of the old wherever it is used. Then the tests of
that module run until the first fails. A change that no test notices is a survivor; it is printed with its line.

The usual tools start an interpreter for each change, or copy the project; with Django to load that is five seconds
each, and hours in all. This one takes about a second each and needs no package.
"""

import argparse
import ast
import contextlib
import copy
import importlib
import inspect
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_SECONDS = 60
"""A change that costs the tests more processor time than this is noticed: somebody waits for an answer that never comes."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Modules whose mistakes cost somebody a right, and the tests that must notice."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


GROUPS = {
    "clocks": Group(
        modules=tuple(
            f"openum.clocks.rules.{name}"
            for name in ("counting", "calendars", "compute", "deadline", "book", "rule", "facts", "profile", "reading", "escalation")
        ),
        tests=(
            "tests/clocks/test_book.py", "tests/clocks/test_counting.py", "tests/clocks/test_profile.py",
            "tests/clocks/rows", "tests/clocks/test_movements.py", "tests/clocks/test_sheet.py", "tests/clocks/test_ladder.py", "tests/clocks/test_properties.py",
        ),
    ),
    "deciders": Group(
        modules=(
            "openum.determination.rules", "openum.determination.reasons", "openum.determination.protections",
            "openum.appeals.rules.reviewers",
        ),
        tests=(
            "tests/determination/test_rules.py", "tests/determination/test_deciders.py",
            "tests/determination/test_protections.py", "tests/appeals/test_rules.py",
        ),
    ),
    "appeals": Group(
        modules=tuple(f"openum.appeals.rules.{name}" for name in ("law", "filing", "deciding", "continuation", "rotation")),
        tests=("tests/appeals/test_rules.py", "tests/appeals/test_taking.py"),
    ),
    "readings": Group(
        modules=("openum.determination.second_reading",),
        tests=tuple(
            f"tests/determination/test_second_readings.py::{name}"
            for name in (
                "test_a_row_names_decisions_by_what_it_says",
                "test_of_several_rows_the_strictest_counts",
                "test_a_document_with_a_fault_is_refused_with_place_and_cure",
                "test_nobody_reads_for_themselves_or_for_who_is_above_them",
                "test_a_reading_gives_way_only_in_the_last_hours",
            )
        ),
    ),
    "needs": Group(
        modules=("openum.needs.rules.answer", "openum.needs.rules.lists", "openum.needs.rules.units"),
        tests=("tests/needs/test_rules.py",),
    ),
    "worth": Group(
        modules=("openum.programme.rules.worth",),
        tests=("tests/programme/test_worth.py",),
    ),
    "states": Group(
        modules=("openum.cases.rules", "openum.appeals.rules.states"),
        tests=("tests/cases/test_state_tables.py", "tests/cases/test_status.py", "tests/appeals/test_rules.py"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: where, what, and the whole changed module."""

    module: str
    line: int
    what: str
    tree: ast.Module


_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


def changes_of(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], ast.AST]]]:
    """Yield the changes of one node: in words, and the function that makes one from a copy of it."""
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            if other := _COMPARE.get(type(operator)):
                yield f"{type(operator).__name__} → {other.__name__}", _with_operator(place, other)
    elif isinstance(node, ast.BoolOp):
        swapped = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"→ {swapped.__name__}", lambda old: ast.BoolOp(swapped(), old.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not dropped", lambda old: old.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        arithmetic = _ARITHMETIC[type(node.op)]
        yield f"→ {arithmetic.__name__}", lambda old: ast.BinOp(old.left, arithmetic(), old.right)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"→ {not node.value}", lambda old: ast.Constant(not old.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield f"{node.value} → {node.value + 1}", lambda old: ast.Constant(old.value + 1)
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield "returns nothing", lambda _old: ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Raise):
        yield "raise dropped", lambda _old: ast.Pass()
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        name = _CALLS[node.func.id]
        yield f"→ {name}", lambda old: ast.Call(ast.Name(name, ast.Load()), old.args, old.keywords)
    elif isinstance(node, ast.Set) and len(node.elts) > 1:
        for place in range(len(node.elts)):
            yield f"element {place + 1} dropped", _without(place)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _with_operator(place: int, operator: type[ast.cmpop]) -> Callable[[Any], ast.AST]:
    def change(old: ast.Compare) -> ast.AST:
        ops = [operator() if number == place else each for number, each in enumerate(old.ops)]
        return ast.Compare(old.left, ops, old.comparators)

    return change


def _without(place: int) -> Callable[[Any], ast.AST]:
    return lambda old: ast.Set([each for number, each in enumerate(old.elts) if number != place])


class _Place(ast.NodeTransformer):
    """Puts one change at the n-th node of a tree."""

    def __init__(self, number: int, change: Callable[[Any], ast.AST]) -> None:
        self.number, self.change, self.seen = number, change, -1

    def visit(self, node: ast.AST) -> ast.AST:
        self.seen += 1
        if self.seen == self.number:
            return ast.copy_location(self.change(node), node)
        return self.generic_visit(node)


def mutants_of(name: str) -> Iterator[Mutant]:
    """Yield every change of a module. Types, imports and the words of messages are left alone."""
    text = Path(str(importlib.import_module(name).__file__)).read_text(encoding="utf-8")
    tree = ast.parse(text)
    left_alone = {id(inner) for node in ast.walk(tree) for part in _left_alone(node) for inner in ast.walk(part)}
    for number, node in enumerate(_in_order(tree)):
        if id(node) in left_alone:
            continue
        for what, change in changes_of(node):
            changed = _Place(number, change).visit(copy.deepcopy(tree))
            yield Mutant(name, getattr(node, "lineno", 0), what, ast.fix_missing_locations(changed))


def _in_order(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk in the order in which a NodeTransformer visits."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        yield from _in_order(child)


def _left_alone(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts that no test can speak of: annotations, decorators, what only a type checker reads."""
    if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
        yield node.annotation
    if isinstance(node, ast.FunctionDef):
        yield from filter(None, [node.returns, *node.decorator_list, *node.args.defaults, *node.args.kw_defaults])
    if isinstance(node, ast.ClassDef):
        yield from node.decorator_list
        yield from (part for part in node.body if isinstance(part, ast.AnnAssign))
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert | ast.JoinedStr):
        yield node
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        yield node


def put_in_place(mutant: Mutant) -> None:
    """Make the change in this process: swap the code of functions, and tables wherever they are used."""
    module = sys.modules[mutant.module]
    changed = ModuleType(mutant.module)
    changed.__dict__.update({"__file__": module.__file__, "__package__": module.__package__})
    code = compile(mutant.tree, str(module.__file__), "exec")
    swapped = {each.co_qualname: each for each in _codes(code)}
    for function in _functions(module):
        new = swapped.get(function.__code__.co_qualname)
        if new is not None and len(new.co_freevars) == len(function.__code__.co_freevars):
            function.__code__ = new
    exec(code, changed.__dict__)  # noqa: S102 - our own module, changed by one step
    for name, value in vars(changed).items():
        old = vars(module).get(name)
        if name.startswith("__") or isinstance(old, type | FunctionType | ModuleType) or hasattr(old, "__wrapped__"):
            continue
        for other in [each for key, each in sys.modules.items() if key.startswith(("openum", "tests"))]:
            if vars(other).get(name) is old and old is not None:
                setattr(other, name, value)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _functions(owner: ModuleType | type) -> Iterator[FunctionType]:
    for value in list(vars(owner).values()):
        inner = inspect.unwrap(value) if callable(value) else value
        if isinstance(inner, property):
            inner = inner.fget
        elif isinstance(inner, classmethod | staticmethod):
            inner = inner.__func__
        elif hasattr(inner, "func") and isinstance(getattr(inner, "func", None), FunctionType):
            inner = inner.func  # a cached property
        name = owner.__name__
        if isinstance(inner, FunctionType) and inner.__module__ == getattr(owner, "__module__", name):
            yield inner
        elif isinstance(inner, type) and inner.__module__ == getattr(owner, "__module__", name) and inner is not owner:
            yield from _functions(inner)


def is_noticed(mutant: Mutant, tests: Sequence[str]) -> bool:
    """Run the tests against a change in a forked copy of this process; say whether one fails, or none ends."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            _silence()
            resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
            put_in_place(mutant)
            _forget(tests)
            os._exit(run_tests(tests))
        os._exit(1)
    until = time.monotonic() + 10 * _SECONDS  # other work on the machine is no reason to count a change as noticed
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) != 0
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _forget(tests: Sequence[str]) -> None:
    """Have test modules read anew and caches filled anew, so that nothing was worked out by the unchanged rules."""
    folders = {test.rpartition("/")[0].replace("/", ".") for test in tests}
    for name, module in list(sys.modules.items()):
        if name.rpartition(".")[0] in folders:
            del sys.modules[name]
        elif name.startswith("openum."):
            for value in list(vars(module).values()):
                if isinstance(value, _Cached):
                    value.cache_clear()


_Cached = type(lru_cache(lambda: None))


def run_tests(tests: Sequence[str]) -> int:
    """Run tests until the first fails."""
    import pytest

    return int(pytest.main(["-x", "-q", "-n0", "-p", "no:cacheprovider", "--no-header", *tests]))


def main() -> int:
    """Measure a group; print survivors and the score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("group", choices=sorted(GROUPS))
    parser.add_argument("--module", help="only this module of the group, by its last name")
    parser.add_argument("--sample", type=int, metavar="N", help="only N of the changes, drawn with a fixed seed")
    options = parser.parse_args()
    group = GROUPS[options.group]
    os.chdir(ROOT)
    if run_tests(group.tests) != 0:
        print("The tests fail without any change; mend them first.", file=sys.stderr)
        return 1
    modules = [name for name in group.modules if not options.module or name.endswith(f".{options.module}")]
    mutants = [mutant for name in modules for mutant in mutants_of(name)]
    if options.sample and options.sample < len(mutants):
        mutants = random.Random(1).sample(mutants, options.sample)
    noticed: dict[str, list[bool]] = {}
    for mutant in mutants:
        was = is_noticed(mutant, group.tests)
        noticed.setdefault(mutant.module, []).append(was)
        if not was:
            print(f"survived: {mutant.module}:{mutant.line} {mutant.what}", flush=True)
    for name, found in noticed.items():
        print(f"{name}: {sum(found)} of {len(found)} changes noticed")
    total = [each for found in noticed.values() for each in found]
    print(f"{options.group}: {sum(total)} of {len(total)} changes noticed ({sum(total) / max(1, len(total)):.1%})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
