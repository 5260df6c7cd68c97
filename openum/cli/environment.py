"""Where an installation's data lies, and its secrets, before Django starts."""

import json
import os
import secrets
from pathlib import Path

import openum
from openum.cli.errors import CommandFailed

POLICIES = Path(openum.__file__).resolve().parent.parent / "policies"
"""The policy packs shipped beside the package."""

SECRETS = "secrets.json"


def create_secrets(directory: Path, *, demo: bool) -> None:
    """Make the data directory (0700) and its secrets file (0600) unless they exist."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = directory / SECRETS
    if file.exists():
        return
    content = {"secret_key": secrets.token_urlsafe(48), "seal_key": secrets.token_urlsafe(48), "demo": demo}
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as stream:
        json.dump(content, stream)


def is_demo(directory: Path) -> bool:
    """Say whether a directory was made by `openum demo`."""
    file = directory / SECRETS
    return file.is_file() and bool(json.loads(file.read_text(encoding="utf-8")).get("demo"))


def prepare(data: str | None) -> Path:
    """Point this process at a data directory, from the option or from OPENUM_DATA.

    Raises:
        CommandFailed: neither names an existing directory.
    """
    value = data or os.environ.get("OPENUM_DATA", "")
    if not value:
        raise CommandFailed("No data directory is given. Add --data DIR or set OPENUM_DATA.")
    directory = Path(value).resolve()
    if not directory.is_dir():
        raise CommandFailed(f"There is no directory {value}. Run openum demo first, or give another --data DIR.")
    os.environ["OPENUM_DATA"] = str(directory)
    if is_demo(directory):
        os.environ["OPENUM_DEMO"] = "1"
    return directory


def start_django() -> None:
    """Load settings and applications; a wrong setting becomes one sentence.

    Raises:
        CommandFailed: naming the setting.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openum.config.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    from openum.design.catalogues import compile_catalogues

    compile_catalogues()
    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise CommandFailed(str(error)) from error
