"""auricle: recurrent networks that listen."""

__version__ = "0.1.0"
