"""The access matrix: who may do what, for whom; which page and which service asks for it. Drawn from the code."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from typing import Any

ROLE_SCOPES = {
    "member": "own requests",
    "provider_staff": "provider organization",
    "integrator": "plan or provider organization",
}


def doors() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Yield every address: its name, its path, its view."""
    from django.urls import URLPattern, get_resolver

    def walk(patterns: Iterable[Any], path: str, space: str) -> Iterator[tuple[str, str, Callable[..., Any]]]:
        for one in patterns:
            if isinstance(one, URLPattern):
                yield (f"{space}:{one.name}" if space else str(one.name)), f"/{path}{one.pattern}", one.callback
            else:
                yield from walk(one.url_patterns, f"{path}{one.pattern}", one.namespace or space)

    yield from walk(get_resolver().url_patterns, "", "")


def services() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every public service in which somebody acts: its dotted name and the function."""
    import openum

    for found in pkgutil.walk_packages(openum.__path__, "openum."):
        parts = found.name.split(".")
        if "migrations" in parts or not {"services", "drafts"} & set(parts):
            continue
        module = importlib.import_module(found.name)
        for name, function in vars(module).items():
            if name.startswith("_") or not inspect.isfunction(function) or function.__module__ != found.name:
                continue
            if "by" in inspect.signature(function).parameters:
                yield f"{found.name.removeprefix('openum.')}.{name}", function


def access_table(made: str) -> str:
    """Return the page docs/generated/access.md."""
    from openum.accounts.rules import PERMISSION_WORDS, ROLE_PERMISSIONS, Permission
    from openum.config.access import open_door
    from openum.vocabulary.terms import Role

    def cell(role: Role, permission: Permission) -> str:
        return "●" if permission in ROLE_PERMISSIONS[role] else ""

    def whose(permissions: Iterable[Permission]) -> str:
        wanted = set(permissions)
        return ", ".join(role.value for role in Role if not wanted.isdisjoint(ROLE_PERMISSIONS[role])) or "nobody"

    def words(permissions: Iterable[Permission]) -> str:
        return " or ".join(permission.value for permission in permissions)

    lines = [
        "# Access", "", made,
        "A role is held for a plan, a delegate or a provider organization, and counts only there. What lies outside does",
        "not exist for the holder (404); what the role does not include is refused with a sentence (403).", "",
        "## Who may do what", "",
        "| | " + " | ".join(role.value for role in Role) + " |",
        "|---|" + "---|" * len(Role),
        "| *reach* | " + " | ".join(ROLE_SCOPES.get(role.value, "plan or delegate") for role in Role) + " |",
        *(
            f"| {PERMISSION_WORDS[one].split(';')[0]} | " + " | ".join(cell(role, one) for role in Role) + " |"
            for one in Permission
        ),
        "", "## Pages", "", "| address | name | permission | who |", "|---|---|---|---|",
    ]  # fmt: skip
    for name, path, view in doors():
        permissions = getattr(view, "permissions", None)
        if permissions is None:
            who, why = open_door(name) or ("nobody", "closed")
            lines.append(f"| `{path}` | {name} | none: {why} | {who} |")
        else:
            lines.append(f"| `{path}` | {name} | {words(permissions)} | {whose(permissions)} |")
    lines += ["", "## Services", "", "| service | permission | where it must be held | who |", "|---|---|---|---|"]
    for name, function in sorted(services()):
        if permissions := getattr(function, "permissions", None):
            reaches = getattr(function, "reaches", "") or "anywhere: it is the actor's own"
            lines.append(f"| {name} | {words(permissions)} | {reaches} | {whose(permissions)} |")
    return "\n".join(lines) + "\n"
