"""What attention itself says: rollout in a vision transformer, and what the note reads in the image."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.attribution import rollout
from core.cxr.model import CxrNet, ImageEncoder
from core.cxr.prepared import Prepared


def image_rollout(encoder: ImageEncoder, film: Tensor) -> Tensor:
    """``[1, 3, 224, 224]`` -> share of each patch ``[rows, columns]`` in what the network pools, by attention rollout.

    The source reads the row of the class token; this model pools the patches instead, so it is the mean of their rows.
    """
    prefix = encoder.net.num_prefix_tokens
    with torch.no_grad():
        flow = rollout(_self_attentions(encoder, film))[0, prefix:, prefix:].mean(0)
    side = round(len(flow) ** 0.5)
    return flow.unflatten(0, (side, side))


def _self_attentions(encoder: ImageEncoder, film: Tensor) -> list[Tensor]:
    """Attention weights ``[1, heads, tokens, tokens]`` of every block, from its queries and keys.

    The blocks run fused attention, which never forms the weights: they are computed beside it.
    """
    kept: dict[tuple[int, str], Tensor] = {}

    def keep(place: tuple[int, str]):
        return lambda module, inputs, output: kept.__setitem__(place, output)

    layers: list[nn.Module] = [block.attn for block in encoder.net.blocks]
    handles = [getattr(layer, name).register_forward_hook(keep((k, name)))
               for k, layer in enumerate(layers) for name in ("q_norm", "k_norm")]
    try:
        encoder(film)
    finally:
        for handle in handles:
            handle.remove()
    return [(layer.scale * kept[k, "q_norm"] @ kept[k, "k_norm"].transpose(-2, -1)).softmax(-1)
            for k, layer in enumerate(layers)]


def note_reads_image(model: CxrNet, prepared: Prepared) -> Tensor:
    """Attention of the fusion from note to image ``[rows, columns]``, mean over heads and note tokens; sums to 1."""
    with torch.no_grad():
        features = model.encoder(prepared.film)
        image = model.image_in(features.flatten(2).transpose(1, 2))
        note = torch.cat([model.no_note, model.text_in(prepared.states[:, ~prepared.padding[0]])], 1)
        reads = model.text_reads
        keys = reads.norm_key(image)
        weights = reads.attention(reads.norm_query(note), keys, keys, need_weights=True)[1]
    return weights[0].mean(0).unflatten(0, features.shape[2:])
