"""Whole labelled sets from a written description."""
