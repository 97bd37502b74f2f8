"""Encoders that others trained, fetched when a person asks for them: off by default, and behind one rule (``rule``)."""
