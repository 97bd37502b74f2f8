"""Training of the cardiac MR models."""
