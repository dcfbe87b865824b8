"""Recurrences: the equation first, then the same map computed sooner."""
