"""Cardioscope's models and everything that surrounds them; no front end in here."""

__version__ = "0.1.0"
