"""What the network sees: images, LGN rates, synaptic currents of trial sequences."""
