"""XML that strangers wrote, read safely and with line numbers.

The standard library's expat, with every document type and entity refused: what "billion laughs"
and external entities need is never begun.
"""

from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

from auricle.data.annotations.parsed import bad_annotation
from auricle.errors import ManifestError

_DEEPEST = 100


@dataclass
class Node:
    """An element: its name without namespace, attributes, place, text and children."""

    name: str
    attributes: dict[str, str]
    place: str
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def all(self, name: str) -> list["Node"]:
        """The children of this name."""
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> "Node | None":
        """The first child of this name, if there is one."""
        return next(iter(self.all(name)), None)


def read_xml(path: Path) -> Node:
    """The root element of a file.

    Raises:
        ManifestError: the file is missing, is no XML, is cut off, or declares a document type.
    """
    reader = _Reader(path)
    try:
        with path.open("rb") as file:
            reader.parser.ParseFile(file)
    except ManifestError:
        raise
    except (ExpatError, ValueError, LookupError) as error:  # the last two: a strange encoding
        got = f"{error} from the parser"
        raise bad_annotation(path, "whole XML", got, "The file is cut off or damaged.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise bad_annotation(path, "a readable file", reason, "Check the path.") from error
    return reader.root.children[0]


class _Reader:
    """Builds the tree while expat walks through the file."""

    def __init__(self, path: Path) -> None:
        self.path, self.root = path, Node(name="", attributes={}, place="")
        self.open = [self.root]
        self.parser = ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        if len(self.open) > _DEEPEST:
            raise self._refused(f"more than {_DEEPEST} elements inside each other")
        place = f"line {line}, column {column}"
        node = Node(name=name.rsplit(":", 1)[-1], attributes=attributes, place=place)
        self.open[-1].children.append(node)
        self.open.append(node)

    def _end(self, name: str) -> None:
        self.open.pop()

    def _characters(self, text: str) -> None:
        self.open[-1].text += text

    def _doctype(self, name: str, *rest: object) -> None:
        raise self._refused(f"the document type {name!r}")

    def _entity(self, name: str, *rest: object) -> None:
        raise self._refused(f"the entity {name!r}")

    def _refused(self, what: str) -> ManifestError:
        place = f"line {self.parser.CurrentLineNumber}"
        return bad_annotation(
            self.path,
            "plain XML without document types and entities, which can be used to harm",
            f"{what} ({place})",
            "Take the declaration out, if you trust the file.",
        )
