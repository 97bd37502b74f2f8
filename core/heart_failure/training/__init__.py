"""Training and evaluation of the heart-failure models: never imported while serving."""
