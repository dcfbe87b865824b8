"""The command line: words in, words out, no mathematics."""

from auricle.cli.app import main

__all__ = ["main"]
