"""Training that every modality shares."""
