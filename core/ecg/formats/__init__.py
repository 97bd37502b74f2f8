"""One module per file format; each turns uploads into a Recording and nothing else."""
