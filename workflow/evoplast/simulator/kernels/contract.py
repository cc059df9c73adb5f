"""What every kernel is and does: the contract that all implementations keep.

In: nothing. Out: :class:`Kernel`, and :class:`RunSteps`, the meaning of its function.
N neurons, E edges, M types, K slots, L lanes, D steps of spike history, T steps.

**Order of events in step t**, of 1 ms, which takes the state from t to t + 1:

1. Membranes. Voltage, after-spike currents and refractory counters move by one step
   under the external current of step t and the synaptic currents y1, y2 of its
   beginning. Above threshold and not refractory: a spike S(t), and the reset.
2. Arrivals. y1 and y2 move by one step; then y1 grows by ``psc_initial`` times
   ``signed_gain_pA`` times the strength w(t) of every synapse whose source spiked in
   step t - delay. The strength is that before the learning of step t.
3. Learning, where ``plastic``. All terms are computed from S(t), from the traces X(t)
   before this step's spikes, and from the reward traces R(t). The change is limited to
   ``max_relative_change`` times w(t), the strength to the range 0 to ``w_max``.
4. Traces, where ``plastic``: X(t+1) = keep X(t) + S(t), then R(t+1) = keep R(t). Slow
   traces B move as X. Extra terms read B(t), R(t), w(t) and the voltage after 1.
5. Observation: spike counts, spikes of the readout, and, where asked for, whether the
   bin of two steps that ends with an odd step is synchronous.

Without ``plastic`` strengths, X and R rest.

**What is bitwise.** For one kernel on one machine: a lane's numbers do not depend on
the other lanes, on how many there are, on threads, tiles or devices, on padding
edges, nor on how T steps are split into calls. Observed numbers are whole and exact.
Frozen strengths are returned unchanged.

**What is not.** Between kernels, and between machines, sums and products are
rounded differently (fused or not, in another order). Strengths, voltages and traces of
the same spikes agree to about 1e-5 of their range; a recurrent network amplifies that
until a spike flips, so long runs agree in their statistics only.

What is not a number stays so: a NaN in a strength or voltage is never clipped away.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import jax

from evoplast.simulator.lane_rules import LaneRules
from evoplast.simulator.model import PlasticitySettings, SimulationModel
from evoplast.simulator.state import Observed, SimulationState


@dataclass(frozen=True)
class StepOptions:
    """What is fixed when a time loop is compiled.

    Attributes:
        plasticity: bounds on the change of weights.
        plastic: whether weights and traces change.
        measure_synchrony: whether to count synchronous bins. Bins start at even steps
            since the beginning of the state.
    """

    plasticity: PlasticitySettings
    plastic: bool
    measure_synchrony: bool = False


class RunSteps(Protocol):
    """The time loop; see the module for the order of events and for what is bitwise."""

    def __call__(
        self,
        model: SimulationModel,
        rules: LaneRules,
        state: SimulationState,
        current_pA: jax.Array,
        readout: jax.Array,
        options: StepOptions,
    ) -> tuple[SimulationState, Observed]:
        """Run T steps. Can be traced by JAX; ``state`` may be used up.

        Args:
            model, rules, state: the network, the rules, where it stands.
            current_pA: (T, N, n_tasks), external current; lane l sees task l modulo
                n_tasks.
            readout: (n,) int32 indices of the readout neurons.
            options: what to do; static.
        """


@dataclass(frozen=True)
class Kernel:
    """One implementation of the time loop.

    A world carries its kernel; there is no table of kernels to write into. Two
    kernels are equal if they are the same functions, so a kernel may be a static
    argument of a compiled function.

    Attributes:
        name: what config and logs call it.
        run_steps: the time loop.
        prepare: makes it ready for use on this machine: builds it, finds its device,
            checks it. Called once before ``run_steps``; raises UserError with the
            reason why the kernel cannot be used here.
        working_copies: memory that ``run_steps`` holds besides the state of a lane,
            in states.
    """

    name: str
    run_steps: RunSteps
    prepare: Callable[[], None]
    working_copies: float = 1.0
