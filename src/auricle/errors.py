"""Every error that auricle raises on purpose.

AuricleError
├── ConfigError (ValueError)        a setting that breaks its rule
├── ShapeError (ValueError)         an array of the wrong shape, type or range
├── StateError (ValueError)         a state that belongs to another map
├── CausalityError (TypeError)      something that looks ahead, where the law forbids it
├── AudioError (ValueError)         a recording that cannot be read or used
├── ManifestError (ValueError)      a list of recordings that cannot be understood
├── SplitError (ValueError)         a split that would be empty, unfair or impossible
├── TrainingError (RuntimeError)    a training run that cannot start or go on
├── ModelFileError (ValueError)     a model file that is truncated, tampered with, newer or foreign
├── ArchiveError (RuntimeError)      work over many recordings that cannot go on
├── DeviceError (RuntimeError)      a device that is absent or computes wrongly
├── OutputError (OSError)           a file that cannot be written
├── DownloadError (OSError)         a data set that cannot be fetched or fails its checksum
└── MissingExtraError (ImportError) an optional package that is not installed

Each message reads ``<name>: expected <rule>, got <value>. <what to do>``; see `message`.
"""


class AuricleError(Exception):
    """Parent of every error raised on purpose by auricle."""


class ConfigError(AuricleError, ValueError):
    """A setting breaks its rule."""


class ShapeError(AuricleError, ValueError):
    """An array has the wrong shape, type or range."""


class StateError(AuricleError, ValueError):
    """A state belongs to another map than the one it was given to."""


class CausalityError(AuricleError, TypeError):
    """A map that looks ahead was given to something that needs a causal one."""


class AudioError(AuricleError, ValueError):
    """A recording cannot be read, or what it holds cannot be used."""


class ManifestError(AuricleError, ValueError):
    """A list of recordings cannot be understood."""


class SplitError(AuricleError, ValueError):
    """A split would be empty, unfair or impossible."""


class TrainingError(AuricleError, RuntimeError):
    """A training run cannot start or go on."""


class ModelFileError(AuricleError, ValueError):
    """A model file is truncated, tampered with, newer than this program, or not one at all."""


class ArchiveError(AuricleError, RuntimeError):
    """Work over many recordings cannot go on."""


class DeviceError(AuricleError, RuntimeError):
    """A device is absent or computes a recurrence wrongly."""


class OutputError(AuricleError, OSError):
    """A file cannot be written."""


class DownloadError(AuricleError, OSError):
    """A data set cannot be fetched, or what came fails its checksum."""


class MissingExtraError(AuricleError, ImportError):
    """An optional package is not installed."""


def message(name: str, *, expected: str, got: object, remedy: str) -> str:
    """One error text in the house's form: name, rule, value, remedy.

    >>> message("hop_length", expected="0 < hop_length", got=0, remedy="Raise it.")
    'hop_length: expected 0 < hop_length, got 0. Raise it.'
    """
    return f"{name}: expected {expected}, got {got}. {remedy}"
