"""``auricle cache``."""

from auricle.cli.commands import Cache
from auricle.data import FeatureCache, default_cache_folder

_GB = 1e9


def run(command: Cache) -> int:
    """Show, trim or clear the cache."""
    folder = command.folder or default_cache_folder()
    cache = FeatureCache(folder, max_bytes=round(command.limit_gb * _GB))
    before = cache.size_bytes()
    match command.action:
        case "show":
            print(f"{folder}: {before / _GB:.3f} GB")
        case "trim":
            count = cache.trim()
            print(f"{folder}: {count} entries deleted, {cache.size_bytes() / _GB:.3f} GB left")
        case "clear":
            count = cache.clear()
            print(f"{folder}: {count} entries deleted, {before / _GB:.3f} GB freed")
    return 0
