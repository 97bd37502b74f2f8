"""States, times and sizes in words. Not a page."""

from __future__ import annotations

import time

from core.training.state import State, Status

COLOURS = {State.QUEUED: "gray", State.RUNNING: "blue", State.DONE: "green", State.FAILED: "red", State.STOPPED: "gray",
           State.INTERRUPTED: "orange"}
ICONS = {State.QUEUED: "schedule", State.RUNNING: "play_arrow", State.DONE: "check", State.FAILED: "error", State.STOPPED: "stop",
         State.INTERRUPTED: "bolt"}


def badge(state: State) -> str:
    return f":{COLOURS[state]}-badge[:material/{ICONS[state]}: {state.capitalize()}]"


def duration(seconds: float) -> str:
    """In its two largest units."""
    seconds = round(max(seconds, 0))
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} days {hours % 24} h"


def moment(seconds: float | None) -> str:
    return "" if not seconds else time.strftime("%d %b %H:%M", time.localtime(seconds))


def size(count: float) -> str:
    """Of bytes."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if count >= 10 or unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def reached(one: Status) -> str:
    """How far a run is, or how it ended."""
    if one.state is State.QUEUED:
        return f"Number {one.position} in the queue" if one.position else "In the queue"
    if one.state is State.RUNNING:
        words = [one.stage] if one.stage else []
        if one.of:
            words.append(f"step {one.step:,} of {one.of:,}")
        if one.seconds_left is not None:
            words.append(f"about {duration(one.seconds_left)} left")
        return ", ".join(words) or "Starting"
    took = f"after {duration(one.elapsed)}" if one.elapsed else ""
    return one.reason or (f"Done {took}".strip() if one.state is State.DONE else f"{one.state.capitalize()} {took}".strip())
