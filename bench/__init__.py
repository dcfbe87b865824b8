"""Measurements: each module runs alone (``python -m bench.NAME``) and ends with a line of JSON."""
