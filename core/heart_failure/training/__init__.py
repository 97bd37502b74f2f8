"""Training of the heart-failure models; nothing that serves imports it."""
