"""A case on paper and as data for other systems."""
