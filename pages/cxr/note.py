"""What the section filter makes of a note, shown while it is written: what is kept, what is dropped and why."""

from __future__ import annotations

from difflib import SequenceMatcher
from html import escape

import streamlit as st

from core.cxr.notes import FilteredNote, filter_sections
from core.negation import without_negated
from core.uploads import InputError
from pages.progress import failed
from pages.state import problem_of


def filter_effect(note: str) -> None:
    """Below the note box; nothing where there is no note."""
    if not note.strip():
        return
    try:
        found = filter_sections(note)
    except InputError as error:
        failed(problem_of(error))
        return
    st.html(effect_html(found))


def effect_html(found: FilteredNote) -> str:
    """Kept text with marks, then the dropped sections. Every word of the note is escaped."""
    parts = ['<div class="note-filter"><p class="note-head">The model reads</p>']
    parts.append(f'<p class="note-kept">{kept_html(found)}</p>' if found.kept else
                 '<p class="note-kept">Nothing of this note.</p>')
    if "<s " in parts[-1]:
        parts.append('<p class="note-why">Struck through: negated, and so not read.</p>')
    if found.leaks:
        names = ", ".join(dict.fromkeys(label for *_, label in found.leaks))
        parts.append(f'<p class="note-why"><mark>Marked</mark>: the words name a finding ({escape(names)}). '
                     "What they add repeats the note, not the film.</p>")
    if found.dropped:
        parts.append('<p class="note-head">Left out, written with the film in view</p>')
        parts += [f'<p class="note-dropped"><b>{escape(name)}</b> {escape(text)}</p>' for name, text in found.dropped]
    return "".join(parts) + "</div>"


def kept_html(found: FilteredNote) -> str:
    """The kept text: words that name a finding marked, negated ones struck through."""
    marked = [False] * len(found.kept)
    for start, end, _, _ in found.leaks:
        marked[start:end] = [True] * (end - start)
    struck = negated(found.kept)
    html, at = [], 0
    while at < len(found.kept):
        state, end = (marked[at], struck[at]), at
        while end < len(found.kept) and (marked[end], struck[end]) == state:
            end += 1
        text = escape(found.kept[at:end]).replace("\n", "<br>")
        text = f"<mark>{text}</mark>" if state[0] else text
        html.append(f'<s class="note-negated">{text}</s>' if state[1] else text)
        at = end
    return "".join(html)


def negated(text: str) -> list[bool]:
    """For each character whether its word leaves the text with the negations."""
    spans, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        spans.append((start, at))
    struck = [False] * len(text)
    bare = [text[a:b].strip(".,;:!?").casefold() for a, b in spans]
    left = [word.strip(".,;:!?").casefold() for word in without_negated(text).split()]
    for kind, a, b, _, _ in SequenceMatcher(None, bare, left, autojunk=False).get_opcodes():
        if kind in ("delete", "replace") and b > a:
            first, last = spans[a][0], spans[b - 1][1]
            struck[first:last] = [True] * (last - first)
    return struck
