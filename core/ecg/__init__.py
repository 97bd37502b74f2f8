"""The ECG room: 12-lead recordings."""
