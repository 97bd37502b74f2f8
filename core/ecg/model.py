"""The ECG network: residual and state-space branches, one latent vector, four heads.

Everything reads 12 leads at 100 Hz in millivolts. Tensors are laid out as images of height 1
(``[batch, channels, 1, time]``, channels last): oneDNN then runs the same convolution about three
times faster than ``Conv1d`` does on a CPU, and the CUDA kernels do not mind.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.ecg.alignment import SHARED, Alignment
from core.ecg.reconstruction import Decoder
from core.ecg.signal import WINDOW
from core.ecg.study import LEADS

PADDED = 1024  # samples, the length the published pipeline pads to
INNER = slice((PADDED - WINDOW) // 2, (PADDED + WINDOW) // 2)  # where the window lies in it
AT_ONCE = 8  # windows of a long recording in one pass
TYPICAL_SPREAD = 0.25  # mV, standard deviation of a lead over PTB-XL's training folds


def standardise(millivolts: Tensor) -> tuple[Tensor, Tensor]:
    """Z-score each lead and pad to 1,024 samples.

    Args:
        millivolts: ``[batch, 12, time]`` with time <= 1,024.

    Returns:
        ``[batch, 12, 1024]`` standardised signal and ``[batch, 12]`` log standard deviation (mV), the
        amplitude that standardising removes. A flat lead stays zero.
    """
    millivolts = millivolts - millivolts.mean(-1, keepdim=True)
    spread = millivolts.std(-1, keepdim=True, correction=0)
    missing = PADDED - millivolts.shape[-1]
    signal = F.pad(millivolts / (spread + 0.01), (missing // 2, missing - missing // 2))
    return signal, torch.log(spread.squeeze(-1) + 0.01)


class ResidualBlock(nn.Module):
    """Two convolutions with squeeze-and-excitation and a skip (He et al. 2016; Hu et al. 2018)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, squeeze: int = 8):
        super().__init__()
        pad = (0, kernel // 2)
        self.conv1 = nn.Conv2d(inputs, outputs, (1, kernel), (1, stride), pad, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, (1, kernel), 1, pad, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.squeeze = nn.Conv2d(outputs, outputs // squeeze, 1)
        self.excite = nn.Conv2d(outputs // squeeze, outputs, 1)
        same = inputs == outputs and stride == 1
        self.skip = nn.Identity() if same else nn.Sequential(
            nn.AvgPool2d((1, stride), ceil_mode=True),
            nn.Conv2d(inputs, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        gate = self.excite(F.relu(self.squeeze(y.mean((2, 3), keepdim=True)))).sigmoid()
        return F.relu(y * gate + self.skip(x))


class StateSpaceLayer(nn.Module):
    """Bidirectional diagonal state space layer, S4D-Lin (Gu et al. 2022, arXiv 2206.11893).

    Per channel, ``modes`` complex exponentials make one long convolution kernel in each direction of
    time, applied by FFT. In evaluation the kernel depends on nothing but the length, so it is kept.
    """

    def __init__(self, width: int, modes: int, dropout: float):
        super().__init__()
        low, high = math.log(0.001), math.log(0.1)
        self.log_step = nn.Parameter(torch.rand(2, width) * (high - low) + low)
        self.log_decay = nn.Parameter(torch.full((2, width, modes), math.log(0.5)))
        self.frequency = nn.Parameter(math.pi * torch.arange(modes).float().expand(2, width, modes).clone())
        self.readout = nn.Parameter(torch.randn(2, 2, width, modes) * 0.5**0.5)  # real, imaginary
        self.direct = nn.Parameter(torch.randn(width))
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Linear(width, 2 * width)
        self.dropout = nn.Dropout1d(dropout)  # one mask for all of time, as in the reference S4
        self._spectrum: tuple[int, Tensor] | None = None

    def kernel(self, length: int) -> Tensor:
        """``[2, width, length]``: forward and backward kernel, zero-order hold discretisation."""
        pole = torch.complex(-self.log_decay.exp(), self.frequency)
        step = pole * self.log_step.exp()[..., None]
        weight = torch.complex(self.readout[0], self.readout[1]) * (step.exp() - 1) / pole
        times = torch.arange(length, device=step.device)
        return 2 * torch.einsum("rdn,rdnt->rdt", weight, (step[..., None] * times).exp()).real

    def spectrum(self, length: int) -> Tensor:
        if self._spectrum is not None and self._spectrum[0] == length and not self.training:
            return self._spectrum[1]
        if torch.is_inference_mode_enabled():  # kept beyond this call, and attribution must be able to use it
            with torch.inference_mode(False), torch.no_grad():
                return self.spectrum(length)
        forward, backward = self.kernel(length)
        both = F.pad(forward, (0, length)) + F.pad(backward.flip(-1), (length, 0))
        result = torch.fft.rfft(both)
        if not self.training and not result.requires_grad:
            self._spectrum = (length, result)
        return result

    def train(self, mode: bool = True) -> StateSpaceLayer:
        self._spectrum = None
        return super().train(mode)

    def forward(self, x: Tensor) -> Tensor:  # [batch, time, width]
        length = x.shape[1]
        with torch.autocast(x.device.type, enabled=False):
            u = self.norm(x.float()).transpose(1, 2)
            y = torch.fft.irfft(torch.fft.rfft(u, n=2 * length) * self.spectrum(length), n=2 * length)[..., :length]
            y = self.dropout(F.gelu(y + u * self.direct[:, None])).transpose(1, 2)
        return x + F.glu(self.mix(y), -1)


class Branch(nn.Module):
    """Convolution stem, residual stages, then state-space layers; pooled to one embedding.

    Args:
        widths, strides, depth: channels and stride of each residual stage, and blocks per stage.
        state_space: number of state-space layers on the last stage (0: purely convolutional).
        embedding: size of the embedding this branch contributes to z_ecg.
        absolute: see the leads in millivolts beside the standardised ones (voltage criteria compare leads).
    """

    def __init__(
        self, widths: list[int], strides: list[int], depth: int = 1, kernel: int = 5, state_space: int = 0,
        modes: int = 4, embedding: int = 256, dropout: float = 0.1, head_dropout: float = 0.3,
        absolute: bool = False,
    ):
        super().__init__()
        self.absolute = absolute
        channels = len(LEADS) * (2 if absolute else 1)
        self.stem = nn.Sequential(
            nn.Conv2d(channels, widths[0], (1, 11), (1, 2), (0, 5), bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        blocks, inputs = [], widths[0]
        for width, stride in zip(widths, strides, strict=True):
            for i in range(depth):
                blocks.append(ResidualBlock(inputs, width, kernel, stride if i == 0 else 1))
                inputs = width
        self.stages = nn.Sequential(*blocks)
        self.sequence = nn.Sequential(*(StateSpaceLayer(inputs, modes, dropout) for _ in range(state_space)))
        self.map = nn.Identity()  # the layer Grad-CAM looks at: [batch, width, 1, time]
        self.embed = nn.Sequential(
            nn.Linear(2 * inputs + len(LEADS), embedding), nn.BatchNorm1d(embedding), nn.ReLU(), nn.Dropout(head_dropout)
        )

    def features(self, signal: Tensor, amplitude: Tensor) -> Tensor:
        """``[batch, 12, time]`` standardised, ``[batch, 12]`` log mV -> ``[batch, width, 1, steps]``."""
        if self.absolute:
            signal = torch.cat([signal, signal * (amplitude.exp() / TYPICAL_SPREAD).unsqueeze(-1)], 1)
        x = self.stages(self.stem(signal.unsqueeze(2).contiguous(memory_format=torch.channels_last)))
        if len(self.sequence):
            x = self.sequence(x.squeeze(2).transpose(1, 2)).transpose(1, 2).unsqueeze(2)
        return self.map(x)

    def forward(self, signal: Tensor, amplitude: Tensor) -> Tensor:
        return self.pool(self.features(signal, amplitude), amplitude)

    def pool(self, features: Tensor, amplitude: Tensor) -> Tensor:
        """Mean and maximum over time, and the amplitude per lead -> ``[batch, embedding]``."""
        return self.embed(torch.cat([features.mean((2, 3)), features.amax((2, 3)), amplitude], 1))


class EcgNet(nn.Module):
    """Waveform to z_ecg to labels, shared text space and reconstruction.

    Branches see the same signal; their embeddings side by side are z_ecg (512 values in the shipped
    and the published preset), and one linear layer on it is the multi-label head.

    Args:
        branches: arguments of each Branch. labels: outputs of the head.
        text_width: size of the text encoder's embedding. bank: number of reports kept for retrieval.
    """

    def __init__(self, branches: list[dict], labels: int, text_width: int = 384, bank: int = 0):
        super().__init__()
        self.arguments = branches
        self.branches = nn.ModuleList(Branch(**arguments) for arguments in branches)
        self.latent_size = sum(branch.embed[0].out_features for branch in self.branches)
        self.head = nn.Linear(self.latent_size, labels)
        self.decoder = Decoder(sum(arguments["widths"][-1] for arguments in branches))
        self.alignment = Alignment(self.latent_size, text_width)
        self.register_buffer("bank", torch.zeros(bank, SHARED))

    def encode(self, millivolts: Tensor) -> Tensor:
        """``[batch, 12, time]`` mV at 100 Hz -> z_ecg ``[batch, 512]``."""
        signal, amplitude = standardise(millivolts)
        return torch.cat([branch(signal, amplitude) for branch in self.branches], 1)

    def forward(self, millivolts: Tensor) -> Tensor:
        """``[batch, 12, time]`` mV at 100 Hz -> logits ``[batch, labels]``."""
        return self.head(self.encode(millivolts))

    def reconstruct(self, millivolts: Tensor) -> tuple[Tensor, Tensor]:
        """The standardised signal ``[batch, 12, 1024]`` from the time-resolved bottleneck, and z_ecg."""
        signal, amplitude = standardise(millivolts)
        maps = [branch.features(signal, amplitude) for branch in self.branches]
        z = torch.cat([b.pool(m, amplitude) for b, m in zip(self.branches, maps, strict=True)], 1)
        return self.decoder(torch.cat(maps, 1)), z


def join(models: list[EcgNet]) -> EcgNet:
    """One model whose logits are the mean of the given models' logits.

    Averaging the logits of models trained apart is a linear head on their embeddings side by side,
    so an ensemble needs no class of its own. Decoder and alignment start afresh.
    """
    joined = EcgNet([arguments for model in models for arguments in model.arguments], models[0].head.out_features)
    joined.branches.load_state_dict(nn.ModuleList(b for model in models for b in model.branches).state_dict())
    with torch.no_grad():
        joined.head.weight.copy_(torch.cat([model.head.weight for model in models], 1) / len(models))
        joined.head.bias.copy_(torch.stack([model.head.bias for model in models]).mean(0))
    return joined


PRESETS: dict[str, list[dict]] = {
    "residual": [{"widths": [64, 96, 128, 192], "strides": [2, 2, 2, 1], "depth": 2, "absolute": True}],
    "state_space": [{"widths": [64, 128, 192], "strides": [2, 2, 2], "state_space": 2, "absolute": True}],
    "published": [{"widths": [64, 128, 256, 512], "strides": [2, 2, 2, 1], "depth": 2, "kernel": 7, "embedding": 512}],
}
PRESETS["compact"] = PRESETS["residual"] + PRESETS["state_space"]
