"""A room whose training is a sum, or the linear map of the loop's tests."""

from core.contract import Modality

ROOM = Modality("toyroom", "Toy room", "Sums.", "toys", weights={"toyroom": "A sum"})
