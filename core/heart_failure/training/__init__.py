"""Training of the heart-failure models."""
