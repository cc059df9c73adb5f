"""evoplast: discover synaptic plasticity rules in a mouse V1 spiking network."""

__version__ = "0.1.0"
