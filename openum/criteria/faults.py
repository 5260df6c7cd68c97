"""What is wrong in a policy document: file, line, what to do. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import yaml
from yaml import MappingNode
from yaml.constructor import ConstructorError

from openum.vocabulary.errors import Invalid

try:
    from yaml import CSafeLoader as SafeLoader  # eight times as quick
except ImportError:  # a build of the package without the C library
    from yaml import SafeLoader  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend, with the line (from 1) in the file."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        """Return the form editors can jump to."""
        return f"{self.file}:{self.line}: {self.text}"


class DocumentInvalid(Invalid):
    """A policy document cannot be used. All its faults are listed."""

    code: ClassVar[str] = "policy-document-invalid"

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults; the sentence holds all of them, one a line."""
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class Lined(dict[str, Any]):
    """A mapping that remembers on which line each key stands."""

    line: int = 1
    lines: dict[str, int]


class _Loader(SafeLoader):
    """Safe loading that keeps lines and refuses a key given twice."""

    first_line = 1


def _mapping(loader: _Loader, node: MappingNode) -> Lined:
    result = Lined()
    result.line = node.start_mark.line + loader.first_line
    result.lines = {}
    for key_node, value_node in node.value:
        # A key is a word as it stands: “on” and “no” would else be read as true and false.
        is_word = isinstance(key_node, yaml.ScalarNode)
        key = key_node.value if is_word else str(loader.construct_object(key_node, deep=True))
        line = key_node.start_mark.line + loader.first_line
        if key in result:
            raise ConstructorError(None, None, f"“{key}” stands here twice; keep one", key_node.start_mark)
        result[key] = loader.construct_object(value_node, deep=True)
        result.lines[key] = line
    return result


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


class Reader:
    """Collects faults while a document is read, so that an author sees all of them at once."""

    def __init__(self, file: str) -> None:
        """Start without faults."""
        self.file = file
        self.faults: list[Fault] = []

    def fault(self, line: int, text: str) -> None:
        """Note one thing to mend."""
        self.faults.append(Fault(self.file, line, text[:1].upper() + text[1:]))

    def stop_if_faulty(self) -> None:
        """Raise with everything found so far.

        Raises:
            DocumentInvalid: at least one fault was noted.
        """
        if self.faults:
            raise DocumentInvalid(sorted(self.faults, key=lambda fault: fault.line))

    def yaml(self, text: str, *, first_line: int) -> Any:
        """Load YAML whose first line is the given line of the file; a fault and None when it cannot be read."""
        loader = _Loader(text)
        loader.first_line = first_line
        try:
            return loader.get_single_data()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.fault(
                first_line + (mark.line if mark else 0),
                f"This is not valid YAML: {error.problem}. Check the indent; put text with “:”, “#” or “?” in quotes.",
            )
        except (yaml.YAMLError, ValueError) as error:
            self.fault(first_line, f"This is not valid YAML: {error}.")
        finally:
            loader.dispose()
        return None

    def known_keys(self, block: Lined, allowed: Sequence[str], *, what: str) -> None:
        """Note every key that the format does not have; a misspelt key must not pass silently."""
        for key in block:
            if key not in allowed:
                self.fault(block.lines[key], f"{what} has no “{key}”. Use one of: {', '.join(allowed)}.")

    def text(self, block: Lined, key: str, *, what: str, required: bool = True) -> str:
        """Return a text, or note that it is absent or not a text."""
        value = block.get(key)
        if value is None or value == "":
            if required:
                self.fault(block.line, f"{what} needs “{key}”.")
            return ""
        if not isinstance(value, str):
            self.fault(block.lines[key], f"“{key}” of {what} must be text; put it in quotes.")
            return ""
        return value.strip()

    def items(self, block: Lined, key: str, *, what: str) -> list[Any]:
        """Return a list (empty when absent), or note that it is something else."""
        value = block.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(block.lines[key], f"“{key}” of {what} must be a list.")
            return []
        return value

    def texts(self, block: Lined, key: str, *, what: str) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self.items(block, key, what=what)
        for value in values:
            if not isinstance(value, str):
                self.fault(block.lines[key], f"“{key}” of {what} must hold texts; put {value!r} in quotes.")
        return tuple(value for value in values if isinstance(value, str))

    def block(self, block: Lined, key: str, *, what: str, required: bool = True) -> Lined | None:
        """Return a nested mapping, or note that it is absent or something else."""
        value = block.get(key)
        if isinstance(value, Lined):
            return value
        if value is not None:
            self.fault(block.lines[key], f"“{key}” of {what} must be a block of “name: value” lines.")
        elif required:
            self.fault(block.line, f"{what} needs “{key}”.")
        return None
