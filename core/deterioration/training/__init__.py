"""Training of the deterioration models."""
