"""The network of TorchXRayVision's model: torchvision's DenseNet-121 (arXiv 1608.06993) with one channel.

Its parameters carry the same names, so the package is not needed to run it. Imported when the model is loaded:
torchvision brings the compiler of torch.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import DenseNet


class XrvNet(DenseNet):
    """Film ``[batch, 1, 224, 224]`` in -1024 to 1024 -> logits ``[batch, outputs]``."""

    def __init__(self, outputs: int):
        super().__init__(growth_rate=32, block_config=(6, 12, 24, 16), num_init_features=64, num_classes=outputs)
        self.features.conv0 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.map = nn.Identity()  # the last feature layer, [batch, 1024, 7, 7]: what Grad-CAM looks at

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.map(F.relu(self.features(x))).mean((2, 3)))
