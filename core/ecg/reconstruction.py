"""Waveform from latent: what the encoder has kept of the recording.

The pooled z_ecg forgets *when* things happen, so no decoder can put the beats back from it. The decoder
therefore reads a time-resolved bottleneck of the same 512 numbers (8 channels x 64 steps of 0.16 s).
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

CHANNELS = 8  # of the bottleneck


class Decoder(nn.Module):
    """Feature maps ``[batch, width, 1, 64]`` -> standardised signal ``[batch, 12, 1024]``."""

    def __init__(self, width: int, leads: int = 12, widths: tuple[int, ...] = (128, 96, 64, 48)):
        super().__init__()
        self.bottleneck = nn.Conv2d(width, CHANNELS, 1)
        stages, inputs = [], CHANNELS
        for outputs in widths:  # each doubles the sampling rate
            stages += [
                nn.Upsample(scale_factor=(1, 2), mode="nearest"),
                nn.Conv2d(inputs, outputs, (1, 7), padding=(0, 3)), nn.BatchNorm2d(outputs), nn.ReLU(),
                nn.Conv2d(outputs, outputs, (1, 7), padding=(0, 3)), nn.BatchNorm2d(outputs), nn.ReLU(),
            ]
            inputs = outputs
        self.stages = nn.Sequential(*stages, nn.Conv2d(inputs, leads, (1, 7), padding=(0, 3)))

    def forward(self, features: Tensor) -> Tensor:
        return self.stages(self.bottleneck(features)).squeeze(2)


def reconstruction_loss(reconstruction: Tensor, signal: Tensor) -> Tensor:
    """Mean squared error of the standardised signal: 1 is as bad as a flat line, 0 is perfect."""
    return F.mse_loss(reconstruction, signal)
