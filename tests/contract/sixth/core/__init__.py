"""A room of numbers alone: how fast the heart beats."""

from core.contract import Modality

ROOM = Modality("sixth", "Pulse", "Pulse and age to the probability of a fast heart.", "favorite", accepts=("csv",),
                methods=("gradient",), weights={"sixth": "One neuron"})
