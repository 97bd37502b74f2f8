"""What a room is to the rest of the house: what it declares, and the verbs found in its package.

=========== ================= ==========================================================================================
verb        where             signature
=========== ================= ==========================================================================================
read        read.py           ``read(files=(), **fields) -> Study``; each field annotated (``core.fields``), None is open
assess      assess.py         ``assess(study, weights=..., done=None) -> Assessment``
assess_many assess.py         ``assess_many(studies, weights=...) -> list[Assessment]``, in their order; only of a room that
                              is faster at many than one by one
explain     explain.py        ``explain(study, target, method=..., weights=..., done=None) -> Attribution``
examples    examples.py       ``examples() -> Iterator[Input]``, cheap enough to be listed again and again
studies     studies.py        ``studies(path) -> Iterator[Input]``: a file, a folder, a manifest, a table
entry       export.py         ``entry(study, assessment, language="en") -> CaseEntry``, what reports are made of
gallery     gallery.py        ``gallery(study, assessment, attribution=None, dark=False) -> Iterable[Shown]``, pictures and
                              charts; only of a room that has more to show than its report's picture
mirages     trust.py          ``mirages() -> Iterator[Input]``: nothing to read, beside a context that tells much; each is
                              to be refused
intended    trust.py          ``intended(weights) -> dict[str, str]``: use, users, out_of_scope, risks, outputs, bias
mask        export.py         ``mask(study, assessment) -> bytes | None``, NIfTI; only of a room that segments
train       training.train    ``train(recipe) -> Path``; the recipe's class is ``training.recipe.Recipe``
evaluate    training.evaluate ``evaluate(data, fold, out, weights) -> dict``, the metrics
generate    training.quick    ``generate(folder, learn, seed)``: a small dataset of our own making in the layout that ``train``
                              reads, to learn from or held apart
quick       training.quick    ``quick(folder) -> dict``: the settings that are through with such a dataset in about a minute
survey      training.check    ``survey(recipe, done=None) -> core.training.check.Survey``: what a dataset holds, before training
predictions training.compare  ``predictions(data, fold, weights, done=None) -> core.training.compare.Predictions``
statistics  training.compare  ``statistics(predictions) -> dict``, name of a figure -> function of the rows
groups      training.compare  ``groups(data, studies) -> dict``, sex, age and the like: name -> words ``[n]`` of these studies
published   training.published ``published() -> tuple[core.training.publisher.Dataset, ...]``, open data at their publishers
prepare     training.prepare  ``prepare(notes, out, vitals=None, done=None) -> dict``, counts; only of a room that learns of
                              notes
=========== ================= ==========================================================================================

``done(steps, of) -> bool`` is called by what may take over a second; False cancels (``core.progress``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.uploads import InputError, Upload

HOMES = {"read": "read", "assess": "assess", "assess_many": "assess", "explain": "explain", "examples": "examples",
         "studies": "studies", "entry": "export", "gallery": "gallery", "mask": "export", "mirages": "trust",
         "intended": "trust", "train": "training.train", "Recipe": "training.recipe", "evaluate": "training.evaluate",
         "prepare": "training.prepare", "generate": "training.quick", "quick": "training.quick", "survey": "training.check",
         "predictions": "training.compare", "statistics": "training.compare", "groups": "training.compare",
         "published": "training.published"}


@dataclass(frozen=True)
class Input:
    """One study to be read: ``read(input.files, **input.fields)``.

    Attributes:
        name: a file's name, a path below the folder that was searched, a row's id. files: a path is opened when it is read.
        notices: ``core.assessment.Notice``s of the table that lists it. error: why it cannot be read as it stands there.
    """

    name: str
    files: Sequence[Upload | Path] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    notices: Sequence[Any] = ()
    error: InputError | None = None


@dataclass(frozen=True)
class Modality:
    """What a room declares of itself as ``ROOM`` in ``core/<name>/__init__.py``.

    Attributes:
        name: package in core/, folder in pages/ and tests/. icon: a Material symbol. accepts: file endings.
        methods: of ``explain``, the default first. weights: folder in weights/ -> wording of the models to choose from, the
            main one first. parts: folders of models that always serve beside the chosen one. report: LOINC code and display
            of its report, where verified. built: False of a room that is announced only.
    """

    name: str
    title: str
    summary: str
    icon: str
    accepts: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    weights: Mapping[str, str] = field(default_factory=dict, hash=False)
    parts: tuple[str, ...] = ()
    report: tuple[str, str] | None = None
    built: bool = True

    @property
    def folders(self) -> tuple[str, ...]:
        """Every folder in weights/ that belongs to the room."""
        return (*self.weights, *self.parts)

    def offers(self, name: str) -> bool:
        """Whether the room has a verb that not every room has."""
        home = f"core.{self.name}.{HOMES[name]}"
        return find_spec(home) is not None and hasattr(import_module(home), name)

    def verb(self, name: str) -> Callable[..., Any]:
        """The function behind a verb, imported when first asked for."""
        return getattr(import_module(f"core.{self.name}.{HOMES[name]}"), name)
