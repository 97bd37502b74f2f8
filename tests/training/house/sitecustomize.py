"""Adds a room that trains in a second to the house of every process that has this folder on its path."""

from toyroom_door import open_door

open_door()
