"""The one door to optional packages."""

from importlib import import_module
from types import ModuleType

from auricle.errors import MissingExtraError


def require(package: str, *, extra: str, feature: str) -> ModuleType:
    """Import an optional package inside the function that needs it.

    Args:
        package: the name that is imported.
        extra: the extra of auricle that installs it.
        feature: what the user asked for, as they would name it.
    Raises:
        MissingExtraError: the package is not installed; the message says how to install it.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise MissingExtraError(
            f"{feature} needs `{package}`, which is not installed. "
            f"Install it with: pip install 'auricle[{extra}]'"
        ) from error
