"""The network in time: GLIF3 neurons, synapses, plasticity, the loop over steps."""

from evoplast.simulator.kernels.contract import Kernel, StepOptions
from evoplast.simulator.kernels.reference import (
    KERNEL as REFERENCE_KERNEL,
)
from evoplast.simulator.kernels.reference import (
    run_steps,
    simulation_step,
)
from evoplast.simulator.lane_rules import EDGE_ROWS, POST_ROWS, LaneRules, lane_rules
from evoplast.simulator.limits import LIMITS, counting_kernel, counting_state, limits_of
from evoplast.simulator.model import (
    AUTO,
    NOT_PLASTIC,
    PlasticitySettings,
    SimulationModel,
    SimulationSettings,
    build_model,
    delay_in_steps,
    mean_strength_by_pair,
    recurrent_gain,
)
from evoplast.simulator.neuron import (
    DT_MS,
    NeuronParameters,
    NeuronState,
    membrane_step,
    neuron_parameters,
    port_slots,
    resting_state,
    synapse_step,
)
from evoplast.simulator.raster import (
    HISTORY_STEPS,
    SpikeRecorder,
    record_steps,
    with_long_history,
    with_long_past,
)
from evoplast.simulator.run import kernel_named
from evoplast.simulator.state import (
    SYNCHRONY_BIN_STEPS,
    SYNCHRONY_FRACTION,
    Observed,
    SimulationState,
    initial_state,
)

__all__ = [
    "AUTO",
    "DT_MS",
    "EDGE_ROWS",
    "HISTORY_STEPS",
    "LIMITS",
    "NOT_PLASTIC",
    "POST_ROWS",
    "REFERENCE_KERNEL",
    "SYNCHRONY_BIN_STEPS",
    "SYNCHRONY_FRACTION",
    "Kernel",
    "LaneRules",
    "NeuronParameters",
    "NeuronState",
    "Observed",
    "PlasticitySettings",
    "SimulationModel",
    "SimulationSettings",
    "SimulationState",
    "StepOptions",
    "SpikeRecorder",
    "build_model",
    "delay_in_steps",
    "counting_kernel",
    "counting_state",
    "initial_state",
    "kernel_named",
    "lane_rules",
    "limits_of",
    "mean_strength_by_pair",
    "membrane_step",
    "neuron_parameters",
    "port_slots",
    "record_steps",
    "recurrent_gain",
    "resting_state",
    "run_steps",
    "simulation_step",
    "synapse_step",
    "with_long_history",
    "with_long_past",
]
