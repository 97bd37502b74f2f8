"""Readers of each file format of a cardiac MR stack; they run in the decoding process."""
