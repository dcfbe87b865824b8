"""``auricle datasets``."""

from auricle.cli.commands import Datasets
from auricle.cli.reading import counter, say
from auricle.errors import ConfigError, message
from auricle.io.catalogue import DATASETS
from auricle.io.download import fetch_dataset


def run(command: Datasets) -> int:
    """List the sets that are known, or fetch one."""
    if command.action == "list":
        for name, dataset in DATASETS.items():
            print(f"{name:<18} {dataset.title}; {dataset.licence}")
        return 0
    if command.name is None:
        raise ConfigError(
            message(
                "name",
                expected=f"one of {', '.join(DATASETS)}",
                got="none",
                remedy="For example: auricle datasets get fsdd.",
            )
        )
    dataset = DATASETS[command.name]
    say(f"{dataset.title}. Licence: {dataset.licence}. From {command.mirror or dataset.url}")
    folder = fetch_dataset(
        command.name, command.output, mirror=command.mirror, progress=counter("bytes")
    )
    print(f"{folder}: train with `auricle train {folder}`")
    return 0
