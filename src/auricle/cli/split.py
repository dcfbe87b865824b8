"""``auricle split``."""

from auricle.cli.commands import SplitCommand
from auricle.cli.reading import open_manifest
from auricle.data import write_manifest
from auricle.training.splitting import make_splits


def run(command: SplitCommand) -> int:
    """Write one CSV, or one a fold."""
    manifest = open_manifest(command.path, command)
    splits = make_splits(manifest, command.data, seed=command.seed)
    for number, split in enumerate(splits, start=1):
        output = command.output
        if len(splits) > 1:
            output = output.with_name(f"{output.stem}.fold{number}{output.suffix or '.csv'}")
        write_manifest(split.to_manifest(), output)
        print(f"{output}: {split.description}")
    print(f"groups: {manifest.group_rule}")
    return 0
