"""One module per family of image formats; decoding happens in a process of its own."""
