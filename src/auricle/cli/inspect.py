"""``auricle inspect``."""

import json
from collections.abc import Iterator

from auricle.cli.commands import Inspect
from auricle.cli.reading import counter, open_manifest

_HIDDEN = ("heard", "history", "reliability", "reliability_before", "confusion", "per_group")


def run(command: Inspect) -> int:
    """Print what was understood of recordings, or a model's card."""
    if command.path.is_file() and _is_model(command):
        return _show_model(command)
    from auricle.data import inspect_manifest, report_lines

    manifest = open_manifest(command.path, command, table_rate=command.table_rate, one_class=True)
    report = inspect_manifest(manifest, channel=command.channel, progress=counter("listening"))
    if command.json:
        print(json.dumps(report.to_dict(), indent=2, ensure_ascii=False, default=str))
    else:
        print("\n".join(report_lines(report)))
    return 0


def _is_model(command: Inspect) -> bool:
    """By its name, or by what follows the length of a safetensors header."""
    if command.path.suffix.lower() == ".auricle":
        return True
    with command.path.open("rb") as file:
        return file.read(9)[8:] == b"{"


def _show_model(command: Inspect) -> int:
    from auricle.streaming import load

    listener = load(command.path)  # checks the file as well
    from auricle.models import UNKNOWN, read_card

    document = read_card(command.path)
    if command.json:
        print(json.dumps(document, indent=2, ensure_ascii=False))
        return 0
    wanted = ", ".join(name for name in listener.classes if name != UNKNOWN)
    print(f"{command.path}: listens for {wanted}")
    for key, value in document.items():
        if key != "format":
            print("\n".join(_lines(key, value, depth=0)))
    return 0


def _lines(key: str, value: object, *, depth: int) -> Iterator[str]:
    """Nested mappings as indented lines; long lists by their length."""
    margin = "  " * depth
    if key in _HIDDEN and isinstance(value, list | dict):
        yield f"{margin}{key}: {len(value)} entries (--json shows them)"
    elif isinstance(value, dict):
        yield f"{margin}{key}:"
        for name, part in value.items():
            yield from _lines(str(name), part, depth=depth + 1)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield f"{margin}{key}:"
        for part in value:
            yield f"{margin}  " + ", ".join(f"{name} {_text(item)}" for name, item in part.items())
    elif isinstance(value, list):
        yield f"{margin}{key}: {', '.join(_text(item) for item in value)}"
    else:
        yield f"{margin}{key}: {_text(value)}"


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "not given" if value is None else str(value)
