"""One file per layout in which vital signs come; each returns charts."""
