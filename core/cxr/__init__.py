"""Chest X-ray: radiograph and clinical context to fourteen findings."""
