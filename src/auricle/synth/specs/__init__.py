"""Specs that are built in, as TOML files."""
