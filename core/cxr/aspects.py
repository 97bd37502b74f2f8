"""Each label as text in four aspects, embedded once: what a similarity of image and text compares with.

The idea of several visual aspects per finding is MAVL's (Phan et al. 2024, arXiv 2403.07636); the wording is ours,
after the definitions of the Fleischner Society's glossary (Hansell et al. 2008, Radiology 246:697-722).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from core.cxr.labels import LABELS
from core.settings import settings
from core.text import TextEncoder
from core.uploads import InputError

KINDS = ("appearance", "location", "texture", "opacity")
_LONGEST = 100  # characters of a label that a user adds
_DAMAGED = (  # how an absent or damaged archive makes itself known
    OSError, ValueError, KeyError, EOFError, RuntimeError, MemoryError, SyntaxError, struct.error, zlib.error,
    zipfile.BadZipFile,
)

_SENTENCES: dict[tuple[str, str], tuple[str, str, str, str]] = {
    ("observation", "No Finding"): (
        "A normal chest radiograph with sharp heart borders, diaphragm and costophrenic angles and no abnormality.",
        "No abnormality in the lungs, pleura, heart, mediastinum or bones.",
        "A normal lung shows fine branching vessels that taper towards the periphery.",
        "Normal lungs are dark and evenly aerated on both sides, without opacity."),
    ("observation", "Enlarged Cardiomediastinum"): (
        "An enlarged cardiomediastinum appears as a widened central shadow with bulging contours.",
        "An enlarged cardiomediastinum lies in the midline, between the lungs, from the thoracic inlet to the heart.",
        "An enlarged cardiomediastinum is homogeneous with a smooth or lobulated border.",
        "An enlarged cardiomediastinum is a broad white soft tissue density in the centre of the chest."),
    ("observation", "Cardiomegaly"): (
        "Cardiomegaly appears as an enlarged cardiac silhouette with a cardiothoracic ratio above one half.",
        "Cardiomegaly lies in the lower mediastinum and reaches towards the left chest wall.",
        "Cardiomegaly is a homogeneous shadow with a smooth, rounded border.",
        "Cardiomegaly is a uniformly white heart shadow that is wider than normal."),
    ("observation", "Lung Opacity"): (
        "A lung opacity appears as an area of increased density in the lung, of any shape and cause.",
        "A lung opacity lies within the lung, in one or several zones, on one or both sides.",
        "A lung opacity is patchy, hazy, linear, nodular or homogeneous.",
        "A lung opacity is whiter than the aerated lung around it."),
    ("observation", "Lung Lesion"): (
        "A lung lesion appears as a focal round or irregular nodule, mass or cavity.",
        "A lung lesion lies at one or several circumscribed places within the lung.",
        "A lung lesion is solid, calcified or cavitating, with a smooth, lobulated or spiculated edge.",
        "A lung lesion is a focal soft tissue density that stands out against the dark lung."),
    ("observation", "Edema"): (
        "Pulmonary edema appears as vascular congestion, septal lines and bat wing opacities.",
        "Pulmonary edema lies around both hila and in the lower zones, mostly on both sides alike.",
        "Pulmonary edema is hazy and reticular with blurred vessels and thickened interlobular septa.",
        "Pulmonary edema is a diffuse ground glass to white opacity on both sides."),
    ("observation", "Consolidation"): (
        "Consolidation appears as an area of airless lung with air bronchograms and obscured vessels.",
        "Consolidation fills a segment or lobe and ends at the fissure.",
        "Consolidation is homogeneous with ill-defined margins, crossed by dark air bronchograms.",
        "Consolidation is a dense white opacity that hides the vessels and the adjacent border."),
    ("observation", "Pneumonia"): (
        "Pneumonia appears as a new airspace opacity, lobar, patchy or interstitial, from infection.",
        "Pneumonia lies in a lobe or segment, often in a lower zone, on one or both sides.",
        "Pneumonia is patchy or confluent with air bronchograms and indistinct margins.",
        "Pneumonia is a hazy to dense white opacity within the lung."),
    ("observation", "Atelectasis"): (
        "Atelectasis appears as loss of lung volume with displaced fissures, a raised diaphragm or plate-like bands.",
        "Atelectasis lies mostly at the lung bases, or in a collapsed lobe or segment.",
        "Atelectasis is linear, plate-like or wedge-shaped with sharp edges and crowded vessels.",
        "Atelectasis is a white band or wedge of increased density."),
    ("observation", "Pneumothorax"): (
        "A pneumothorax appears as a thin visceral pleural line with air outside the lung.",
        "A pneumothorax lies in the pleural space, at the apex and the lateral chest wall when upright.",
        "A pneumothorax shows no lung markings beyond a sharp, thin pleural edge.",
        "A pneumothorax is a dark, empty zone next to the chest wall."),
    ("observation", "Pleural Effusion"): (
        "A pleural effusion appears as fluid with a meniscus that blunts the costophrenic angle.",
        "A pleural effusion lies in the lower pleural space, on one or both sides.",
        "A pleural effusion is homogeneous with a concave upper border and hides the diaphragm.",
        "A pleural effusion is a uniform white opacity at the lung base."),
    ("observation", "Pleural Other"): (
        "Other pleural disease appears as thickening, plaques, scarring or calcification of the pleura.",
        "Other pleural disease lies along the chest wall, the apex, the diaphragm or a fissure.",
        "Other pleural disease is smooth, nodular or calcified along the pleural surface.",
        "Other pleural disease is a white rim or patch at the edge of the lung."),
    ("observation", "Fracture"): (
        "A fracture appears as a break or step in the cortex of a bone, with displacement or callus.",
        "A fracture lies in a rib, clavicle, scapula, humerus, sternum or vertebra.",
        "A fracture is a sharp line or an angulation in an otherwise smooth bone.",
        "A fracture is a dark line through white bone, or a dense band of callus."),
    ("observation", "Support Devices"): (
        "Support devices appear as tubes, lines, leads, drains, pacemakers, valves or clips.",
        "Support devices lie over the neck, mediastinum, heart, chest wall or upper abdomen.",
        "Support devices are sharply edged, straight or smoothly curved, and of artificial shape.",
        "Support devices are very dense, bright white lines or metal objects."),
    ("further", "Infiltration"): (
        "An infiltration appears as an ill-defined opacity of the airspace or interstitium.",
        "An infiltration lies in one or several zones within the lung, often towards the bases.",
        "An infiltration is patchy, streaky or reticular with indistinct margins.",
        "An infiltration is a faint to moderate haze in the lung."),
    ("further", "Mass"): (
        "A mass appears as a rounded lesion larger than 3 cm in the lung, pleura or mediastinum.",
        "A mass lies at one circumscribed place in the lung or next to the hilum.",
        "A mass is solid or cavitating, with a lobulated, spiculated or smooth edge.",
        "A mass is a large dense white opacity against the dark lung."),
    ("further", "Nodule"): (
        "A nodule appears as a rounded opacity up to 3 cm in diameter.",
        "A nodule lies within the lung, single or multiple, at any place.",
        "A nodule is round and solid or calcified, with a well or poorly defined edge.",
        "A nodule is a small white spot surrounded by aerated lung."),
    ("further", "Emphysema"): (
        "Emphysema appears as overinflated lungs with flattened diaphragms, a large retrosternal space and bullae.",
        "Emphysema involves both lungs, often most in the upper zones.",
        "Emphysema shows few, stretched vessels and thin-walled bullae.",
        "Emphysema makes the lungs darker than normal."),
    ("further", "Fibrosis"): (
        "Fibrosis appears as reticular lines, honeycombing, distortion and loss of volume.",
        "Fibrosis lies at the periphery and bases, or in the apices as scars.",
        "Fibrosis is coarse, net-like and irregular with pulled fissures and bronchi.",
        "Fibrosis is a network of fine to coarse white lines."),
    ("further", "Pleural Thickening"): (
        "Pleural thickening appears as a band along the chest wall or a cap over the apex.",
        "Pleural thickening lies along the lateral chest wall, the apex or the costophrenic angle.",
        "Pleural thickening is smooth or irregular and may be calcified.",
        "Pleural thickening is a white rim between lung and ribs."),
    ("further", "Hernia"): (
        "A hernia appears as a retrocardiac structure with an air-fluid level, or bowel within the chest.",
        "A hernia lies behind the heart at the hiatus, or through the diaphragm into a hemithorax.",
        "A hernia is rounded with a smooth wall that encloses gas.",
        "A hernia is a mixed density with a dark gas bubble above white fluid."),
    ("child", "Pneumonia"): (
        "Pneumonia of a child appears as a lobar consolidation or as diffuse interstitial markings.",
        "Pneumonia of a child lies in a lobe when bacterial and around both hila when viral.",
        "Pneumonia of a child is confluent or streaky, with thickened bronchial walls.",
        "Pneumonia of a child is a hazy or dense white opacity in a small chest."),
}
ASPECTS: dict[tuple[str, str], dict[str, str]] = {
    label: dict(zip(KINDS, _SENTENCES[label], strict=True)) for label in LABELS
}


def describe(text: str) -> dict[str, str]:
    """The four aspects of a label that a user adds: zero-shot, unvalidated.

    Raises:
        InputError: no words, or more than a label has.
    """
    words = " ".join(text.split()).rstrip(".")
    if not any(c.isalpha() for c in words) or not words.isprintable():
        raise InputError("label", "The new label has no words.", "Name a finding, for example azygos lobe.")
    if len(words) > _LONGEST:
        raise InputError("label", f"The new label has {len(words)} characters; at most {_LONGEST} are read.",
                         "Name one finding in a few words.")
    return {
        "appearance": f"A chest radiograph that shows the typical appearance of {words}.",
        "location": f"A chest radiograph with {words} at its typical location.",
        "texture": f"A chest radiograph with the typical texture and margins of {words}.",
        "opacity": f"A chest radiograph with the typical opacity of {words}.",
    }


def embed_labels(encoder: TextEncoder) -> np.ndarray:
    """L2-normalised embeddings of all aspects, float32 ``[labels, 4, size]`` in the order of LABELS and KINDS.

    Computed once per wording and encoder, then read from the cache under the runs folder; a damaged cache is
    written anew, and a folder that cannot be written only costs the time.
    """
    texts = [ASPECTS[label][kind] for label in LABELS for kind in KINDS]
    shape = (len(LABELS), len(KINDS), encoder.size)
    key = hashlib.sha256(json.dumps([texts, encoder.identity["sha256"]]).encode()).hexdigest()
    path = settings.runs / "cache" / f"cxr-aspects-{key[:16]}.npz"
    cached = _cached(path, key, shape)
    if cached is not None:
        return cached
    vectors = encoder.embed(texts).reshape(shape)
    with contextlib.suppress(OSError):
        _write(path, key, vectors)
    return vectors


def _cached(path: Path, key: str, shape: tuple[int, int, int]) -> np.ndarray | None:
    try:
        with np.load(path) as archive:
            vectors = archive[key]
    except _DAMAGED:
        return None
    sound = vectors.shape == shape and vectors.dtype == np.float32 and np.isfinite(vectors).all()
    return vectors if sound else None


def _write(path: Path, key: str, vectors: np.ndarray) -> None:
    """Whole or not at all: two processes may write at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        np.savez(file, **{key: vectors})
    os.replace(file.name, path)
