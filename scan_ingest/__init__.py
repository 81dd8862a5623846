"""Turns scanned paper nomination cards into corrected nominations in one store."""

__version__ = "0.1.0"
