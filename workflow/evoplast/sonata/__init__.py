"""Circuits of other programs: SONATA in and out, Chen-Scherr-Maass pickles in."""

from evoplast.configuration.sections.circuit import SonataSettings
from evoplast.sonata.read import circuit_files, read_circuit
from evoplast.sonata.select import Draw
from evoplast.sonata.write import write_sonata

__all__ = ["Draw", "SonataSettings", "circuit_files", "read_circuit", "write_sonata"]
