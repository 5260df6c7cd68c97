"""A person at a browser without a screen: opens pages, finds forms by their buttons, fills what is there, sends it.

A field or button that the page does not show cannot be used, so a journey proves that a person could take the way.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from samples.people import PASSWORD

_VOID = {"input", "br", "link", "meta", "img", "hr"}


@dataclass
class Form:
    """One form of a page: where it goes, its fields with their present values, its buttons."""

    action: str
    method: str
    is_multipart: bool = False
    fields: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    choices: dict[str, set[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str, str]] = field(default_factory=list)  # words, name, value, formaction

    def put(self, name: str, value: str) -> None:
        """Keep a value that the page gave."""
        self.fields.setdefault(name, []).append(value)


class _Reader(HTMLParser):
    """Reads forms and words of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.words: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.buttons: list[str] = []
        self.ids: list[str] = []
        self._form: Form | None = None
        self._select = self._area = ""
        self._first: str | None = None
        self._chosen = False
        self._button: dict[str, str] | None = None
        self._link: str | None = None
        self._text: list[str] = []
        self._dumb = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if given.get("id"):
            self.ids.append(given["id"])
        if tag in {"script", "style"}:
            self._dumb += 1
        elif tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self._form.is_multipart = given.get("enctype") == "multipart/form-data"
            self.forms.append(self._form)
        elif tag == "input" and self._form is not None and given.get("name"):
            self._input(self._form, given)
        elif tag == "select":
            self._select, self._first, self._chosen = given.get("name", ""), None, False
            if self._form is not None:
                self._form.names.add(self._select)
        elif tag == "option" and self._select and self._form is not None:
            self._option(self._form, given)
        elif tag == "textarea":
            self._area, self._text = given.get("name", ""), []
            if self._form is not None:
                self._form.names.add(self._area)
        elif tag == "button":
            self._button, self._text = given, []
        elif tag == "a":
            self._link, self._text = given.get("href", ""), []

    def _input(self, form: Form, given: dict[str, str]) -> None:
        name, kind = given["name"], given.get("type", "text")
        form.names.add(name)
        if kind in {"radio", "checkbox"}:
            form.choices.setdefault(name, set()).add(given.get("value", "on"))
            if "checked" in given:
                form.put(name, given.get("value", "on"))
        elif kind != "file":
            form.put(name, given.get("value", ""))

    def _option(self, form: Form, given: dict[str, str]) -> None:
        value = given.get("value", "")
        form.choices.setdefault(self._select, set()).add(value)
        if self._first is None:
            self._first = value
        if "selected" in given:
            form.put(self._select, value)
            self._chosen = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._dumb -= 1
        elif tag == "form":
            self._form = None
        elif tag == "select":
            if self._form is not None and not self._chosen and self._first is not None:
                self._form.put(self._select, self._first)
            self._select = ""
        elif tag == "textarea":
            if self._form is not None and self._area:
                self._form.put(self._area, "".join(self._text).removeprefix("\n"))
            self._area = ""
        elif tag == "button" and self._button is not None:
            words = " ".join("".join(self._text).split())
            self.buttons.append(words)
            if self._form is not None:
                given = self._button
                self._form.buttons.append(
                    (words, given.get("name", ""), given.get("value", ""), given.get("formaction", ""))
                )
            self._button = None
        elif tag == "a" and self._link is not None:
            self.links.append((" ".join("".join(self._text).split()), self._link))
            self._link = None

    def handle_data(self, data: str) -> None:
        if self._dumb:
            return
        if self._area or self._button is not None or self._link is not None:
            self._text.append(data)
        if not self._area:
            self.words.append(data)


@dataclass
class Page:
    """One answer of the server."""

    desk: "Desk"
    address: str
    status: int
    html: str

    def __post_init__(self) -> None:
        reader = _Reader()
        reader.feed(self.html)
        twice = {name for name in reader.ids if reader.ids.count(name) > 1}
        assert not twice, f"the same id twice on {self.address}, so a label points at the wrong field: {sorted(twice)}"
        self.forms, self.links, self.buttons = reader.forms, reader.links, reader.buttons
        self.text = " ".join("".join(reader.words).split())

    def form(self, button: str, *, action: str = "") -> Form:
        """Return the form that has a button with these words and goes to an address that ends so."""
        fit = [
            form for form in self.forms
            if any(words.startswith(button) for words, *_ in form.buttons) and form.action.partition("#")[0].endswith(action)
        ]  # fmt: skip
        assert fit, f"no form with the button “{button}” {action} on {self.address}; there are {self.buttons}"
        return fit[0]

    def press(
        self, button: str, *, action: str = "", files: dict[str, object] | None = None, **fields: object
    ) -> "Page":
        """Fill the fields of a form and press one of its buttons."""
        return self.send(self.form(button, action=action), button, fields, files or {})

    def send(self, form: Form, button: str, fields: dict[str, object], files: dict[str, object]) -> "Page":
        """Send a form as a browser does."""
        data: dict[str, object] = {name: list(values) for name, values in form.fields.items()}
        for name, value in fields.items():
            assert name in form.names, f"no field {name} on {self.address}; there are {sorted(form.names)}"
            values = [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]
            known = form.choices.get(name)
            assert known is None or set(values) <= known, f"{name} offers {sorted(known or ())}, not {values}"
            data[name] = values
        _, name, value, formaction = next(item for item in form.buttons if item[0].startswith(button))
        if name:
            data[name] = value
        for file_name, file in files.items():
            assert file_name in form.names, f"no file field {file_name} on {self.address}"
            data[file_name] = file
        return self.desk.post(urljoin(self.address, formaction or form.action or self.address), data)

    def follow(self, words: str) -> "Page":
        """Follow the first link whose words begin so."""
        href = next((href for text, href in self.links if text.startswith(words)), None)
        assert href is not None, f"no link “{words}” on {self.address}; there are {[text for text, _ in self.links]}"
        return self.desk.open(urljoin(self.address, href))

    def offers(self, word: str) -> Iterator[str]:
        """Return buttons and links whose words hold a word, whatever the case."""
        return (
            text for text in [*self.buttons, *(text for text, _ in self.links)] if word.casefold() in text.casefold()
        )


class Desk:
    """One person's browser."""

    token = ""

    def __init__(self, email: str, *, password: str = PASSWORD, language: str = "en") -> None:
        self.client = Client(headers={"accept-language": language}, enforce_csrf_checks=True)
        page = self.open("/sign-in/")
        page = page.press("Sign in", username=email, password=password)
        assert page.address != "/sign-in/", page.text

    def open(self, path: str, *, status: int = 200) -> Page:
        """Open an address and expect an answer."""
        response = self.client.get(path, follow=True)
        page = self._page(path, response)
        assert page.status == status, f"{path}: {page.status}: {page.text[:600]}"
        return page

    def status_of(self, path: str) -> int:
        """Return only how the server answers."""
        return int(self.client.get(path).status_code)

    def post(self, path: str, data: dict[str, object]) -> Page:
        """Send fields to an address and follow where it leads."""
        return self._page(path, self.client.post(path, data, follow=True))

    def _page(self, path: str, response: object) -> Page:
        chain = getattr(response, "redirect_chain", [])
        address = urljoin(path, chain[-1][0]) if chain else path
        content = b"" if response.streaming else response.content  # type: ignore[attr-defined]
        kind = response.headers.get("Content-Type", "")  # type: ignore[attr-defined]
        html = content.decode() if "html" in kind else ""
        page = Page(self, address, response.status_code, html)  # type: ignore[attr-defined]
        tokens = [token for form in page.forms for token in form.fields.get("csrfmiddlewaretoken", [])]
        self.token = tokens[0] if tokens else self.token
        return page


def upload(name: str, content: bytes, content_type: str = "application/pdf") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content, content_type=content_type)
