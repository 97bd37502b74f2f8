"""Training of the chest X-ray models."""
