import torch


class Neuron(torch.nn.Linear):
    def forward(self, rate):
        return super().forward(rate / 100)
