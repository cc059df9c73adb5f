"""Interchangeable implementations of the two things synapses do in a step."""
