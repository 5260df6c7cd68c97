"""Collect the texts of the pages for translation, and bring the catalogues up to date. Needs no gettext programs.

python -m tools.messages            write openum/design/locale/django.pot and update the catalogues
python -m tools.messages --check    fail when a text of a catalogue is missing or not translated
"""

import io
import json
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from tools import sentences

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "openum" / "design" / "locale"
LANGUAGES = ("es",)
KEYWORDS = {
    "_": None,
    "_t": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def collect() -> Catalog:
    """Return a catalogue of every text in code and templates, in the order of files."""
    catalog = Catalog(project="OpenUM", charset="utf-8", fuzzy=False)
    for path in sorted((ROOT / "openum").rglob("*")):
        if path.suffix not in {".py", ".html"} or "/cql/" in path.as_posix():
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            text = templatize(text, origin=str(path))
        elif "gettext" not in text:
            continue
        for _line, message, _comments, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
            if message and message != ("", "") and (not isinstance(message, tuple) or message[0]):
                catalog.add(message, locations=[(path.relative_to(ROOT).as_posix(), 0)], context=context)
    for sentence in sentences.collect():
        catalog.add(sentence.text, locations=[(sentence.file, 0)])
    return catalog


def listed() -> str:
    """Return the list by which pages find a sentence of a rule or a service (openum/design/telling.py)."""
    texts = sorted({sentence.text for sentence in sentences.collect()})
    return json.dumps(texts, ensure_ascii=False, indent=0) + "\n"


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def update() -> int:
    """Write the template and merge it into each catalogue; texts no longer used are dropped."""
    template = collect()
    (LOCALE / "sentences.json").write_text(listed(), encoding="utf-8")
    for language in LANGUAGES:
        path = LOCALE / language / "LC_MESSAGES" / "django.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog = _read(path, language)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        with path.open("wb") as target:
            write_po(
                target, catalog, width=120, no_location=True, sort_output=True, ignore_obsolete=True, omit_header=False
            )
        sys.stdout.write(f"{path.relative_to(ROOT)}: {len(missing(catalog, template))} texts without a translation\n")
    return 0


def missing(catalog: Catalog, template: Catalog) -> list[str]:
    """Return the texts of the template that a catalogue does not translate."""
    absent = []
    for message in template:
        if not message.id:
            continue
        known = catalog.get(message.id, message.context)
        texts = known.string if known is not None else ""
        if not all(texts if isinstance(texts, tuple | list) else [texts]):
            absent.append(message.id if isinstance(message.id, str) else message.id[0])
    return absent


def check() -> int:
    """Report what is not translated; the exit code says whether anything is."""
    template, failed = collect(), (LOCALE / "sentences.json").read_text(encoding="utf-8") != listed()
    if failed:
        sys.stdout.write("sentences.json is not what the code says: run python -m tools.messages\n")
    for language in LANGUAGES:
        for text in missing(_read(LOCALE / language / "LC_MESSAGES" / "django.po", language), template):
            sys.stdout.write(f"{language}: {text}\n")
            failed = True
    return int(failed)


if __name__ == "__main__":
    if not settings.configured:
        settings.configure(USE_I18N=True)
    sys.exit(check() if "--check" in sys.argv[1:] else update())
