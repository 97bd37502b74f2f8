"""Three questions before the first use: whether the reader knows what this is not. Kept in the session. Not a page.

Programs are never asked, and ``CARDIOSCOPE_ASK_FIRST=false`` asks nobody: for tests, and for who has asked already.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.settings import settings

UNDERSTOOD = "understood"


@dataclass(frozen=True)
class Question:
    """``right``: place of the answer. ``why``: said after a wrong one."""

    key: str
    text: str
    answers: tuple[str, ...]
    right: int
    why: str


QUESTIONS = (
    Question("nothing_found", "A study shows no finding above its threshold. What does that tell you about the patient?",
             ("The patient is healthy.", "The finding is ruled out.", "Nothing by itself: I read the study myself."), 2,
             "These models miss findings that a reader sees. A quiet result rules nothing out."),
    Question("decision", "What may a result of Cardioscope decide?",
             ("Which patient is treated first.", "Nothing in a patient's care: it is for research and teaching.",
              "Whether a second reader is needed."), 1,
             "It is not a medical device. Nobody has shown that care based on it is safe."),
    Question("disagreement", "The model and your own reading differ. Which one counts?",
             ("My own reading.", "The model, where its probability is above 90 %.", "The model, where its map looks right."), 0,
             "A high probability or a plausible map is no proof. The models page says how often each model errs."),
)


def needed() -> bool:
    """Whether this session has yet to answer."""
    return settings.ask_first and not st.session_state.get(UNDERSTOOD)


def ask() -> None:
    """The questions; once all answers are right, the page that was asked for."""
    st.title("Before you begin", anchor=False)
    st.markdown("Cardioscope is for research and teaching. It is **not a diagnostic device**. Three questions, once a session.")
    with st.form("understood_form", border=False):
        given = {}
        for number, one in enumerate(QUESTIONS, 1):
            given[one.key] = st.radio(f"**{number}. {one.text}**", one.answers, index=None, key=f"understood_{one.key}")
        sent = st.form_submit_button("Continue", type="primary")
    if not sent:
        return
    wrong = [(number, one) for number, one in enumerate(QUESTIONS, 1) if given[one.key] != one.answers[one.right]]
    if wrong:
        said = [f"Question {number}: {one.why if given[one.key] else 'Choose an answer.'}" for number, one in wrong]
        st.warning("  \n".join(said), icon=":material/info:")
    else:
        st.session_state[UNDERSTOOD] = True
        st.rerun()
