"""One module per layout of a cohort table; each says which column is which field, in which unit, by which code book."""
