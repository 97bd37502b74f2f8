"""Training of the ECG models."""
