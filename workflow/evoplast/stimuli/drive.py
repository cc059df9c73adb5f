"""External synaptic current of a sequence of trials.

In: ``PreparedInput``, a ``Sequence``, a seed. Out: a ``Drive``.

LGN rates become a current of 1.3 (1 - exp(-rate/1000)) per ms times the weight (Chen
et al. 2022) or Bernoulli spikes; a Poisson background adds to them; both pass through
the alpha synapse of their port exactly as in NEST's ``glif_psc``: input at step t
enters y1 at the end of the step, so the voltage feels it from step t + 1 on. The LGN
delay shifts the rates; a delay of the background would only shift its noise.
Before the first trial the screen is grey for long: LGN cells fire spontaneously, and
the synapses are filtered for ``WARM_UP_MS`` of that state.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from scipy import signal

from evoplast.artefacts.seeds import numpy_rng
from evoplast.stimuli.lgn import rectified_rates
from evoplast.stimuli.types import AlphaPort, Drive, PreparedInput, Sequence

CURRENT_PER_SPIKE = 1.3
MS_PER_SECOND = 1000.0
# More than ten of the longest synaptic time constants.
WARM_UP_MS = 100


def trial_segments(prepared: PreparedInput, delay_ms: int) -> np.ndarray:
    """Return box responses cut into trials, (K, J, trial_ms) float32.

    Segment j is the response during a trial to the image of j trials before.
    """
    settings = prepared.settings
    onset = settings.grey_before_ms + delay_ms
    n_lags = prepared.box_response.shape[1]
    n_segments = -(-(onset + n_lags) // settings.trial_ms)
    length = n_segments * settings.trial_ms
    padded = np.zeros((len(prepared.cell), length), np.float32)
    padded[:, onset : onset + n_lags] = prepared.box_response
    return padded.reshape(len(padded), n_segments, settings.trial_ms)


def trial_rates(
    prepared: PreparedInput, sequence: Sequence, delay_ms: int = 0
) -> Iterator[np.ndarray]:
    """Yield the LGN rates (L, trial_ms) in Hz of each trial, shifted by a delay."""
    segments = trial_segments(prepared, delay_ms)
    n_back = segments.shape[1]
    # One more column: the grey screen before the first trial.
    amplitude = np.pad(prepared.amplitude, ((0, 0), (0, 1)))
    grey = np.full(n_back - 1, amplitude.shape[1] - 1)
    shown = np.concatenate([grey, sequence.stimulus])
    for trial in range(sequence.n_trials):
        last_first = shown[trial : trial + n_back][::-1]
        linear = np.einsum("kj,kjt->kt", amplitude[:, last_first], segments)
        yield rectified_rates(linear, prepared.spontaneous_hz, prepared.cell)


def lgn_signal(rates: np.ndarray, rng: np.random.Generator | None) -> np.ndarray:
    """Turn rates in Hz into input per ms: graded, or spikes if ``rng`` is given."""
    probability = -np.expm1(rates * np.float32(-1.0 / MS_PER_SECOND))
    if rng is None:
        return np.float32(CURRENT_PER_SPIKE) * probability
    spikes = rng.random(rates.shape, dtype=np.float32) < probability
    return spikes.astype(np.float32)


class AlphaSynapse:
    """Alpha synapses of one port; remembers the state of its rows between blocks."""

    def __init__(self, port: AlphaPort, n_rows: int) -> None:
        self._port = port
        self._rise = np.zeros((n_rows, 1), np.float32)
        self._decay = np.zeros((n_rows, 1), np.float32)

    def advance(self, arriving: np.ndarray) -> list[np.ndarray]:
        """Return y1 and y2 (n, t) before each step's input (n, t) enters."""
        port = self._port
        y1, self._rise = _recursion(arriving, port.p11, port.psc_initial, self._rise)
        y2, self._decay = _recursion(y1, port.p22, port.p21, self._decay)
        return [y1, y2]


def _recursion(
    values: np.ndarray, keep: float, gain: float, state: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Solve y[t+1] = keep y[t] + gain x[t]; return y at t = 0.. and the state."""
    numerator = np.array([0.0, gain], values.dtype)
    denominator = np.array([1.0, -keep], values.dtype)
    return signal.lfilter(numerator, denominator, values, axis=1, zi=state)


class ExternalSynapses:
    """All external synapses; turns input into current, block by block.

    The synapses are linear and alike within a port: what arrives at a neuron is added
    up before it is filtered, and a shared background is filtered once.
    """

    def __init__(self, prepared: PreparedInput) -> None:
        shared = prepared.settings.background == "shared"
        self._prepared = prepared
        self._n_sources = 1 if shared else prepared.n_neurons
        self._lgn = [
            AlphaSynapse(port, len(part.neuron))
            for port, part in zip(prepared.ports, prepared.lgn, strict=True)
        ]
        self._background = [AlphaSynapse(p, self._n_sources) for p in prepared.ports]

    def advance(self, lgn_input: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the current (N, t) in pA for LGN input (L, t) per ms."""
        current = self.lgn_current(lgn_input)
        self.add_background(current, rng)
        return current

    def lgn_current(self, lgn_input: np.ndarray) -> np.ndarray:
        """Return the LGN's part of the current (N, t) in pA."""
        current = np.zeros((self._prepared.n_neurons, lgn_input.shape[1]), np.float32)
        for synapse, part in zip(self._lgn, self._prepared.lgn, strict=True):
            states = synapse.advance(part.weight_pA @ lgn_input)
            for state, per_unit in zip(states, part.current_per_state.T, strict=True):
                state *= per_unit[:, None]
            current[part.neuron] += states[0] + states[1]
        return current

    def add_background(self, current: np.ndarray, rng: np.random.Generator) -> None:
        """Add the background's part to a current (N, t) in pA."""
        mean = self._prepared.background_rate_hz / MS_PER_SECOND
        counts = rng.poisson(mean, (self._n_sources, current.shape[1]))
        counts = counts.astype(np.float32)
        states = [y for synapse in self._background for y in synapse.advance(counts)]
        stacked, weight = np.stack(states), self._prepared.background_to_current
        if self._n_sources == 1:
            current += np.einsum("np,pt->nt", weight, stacked[:, 0])
        else:
            current += np.einsum("np,pnt->nt", weight, stacked)


def input_blocks(
    prepared: PreparedInput, sequence: Sequence, seed: int
) -> Iterator[np.ndarray]:
    """Yield LGN input (L, t): grey warm-up first, then trial by trial."""
    bernoulli = prepared.settings.lgn_mode == "bernoulli"
    rng = numpy_rng(seed, "lgn", prepared.name) if bernoulli else None
    grey = np.zeros((len(prepared.cell), WARM_UP_MS), np.float32)
    grey_rates = rectified_rates(grey, prepared.spontaneous_hz, prepared.cell)
    yield lgn_signal(grey_rates, rng)
    for rates in trial_rates(prepared, sequence, prepared.lgn_delay_steps):
        yield lgn_signal(rates, rng)


def make_drive(prepared: PreparedInput, sequence: Sequence, seed: int) -> Drive:
    """Return the external current of a sequence (parts joined by join_sequences).

    The seed fixes background and Bernoulli spikes; memory is that of the result.
    """
    shape = (sequence.n_trials, prepared.settings.trial_ms, prepared.n_neurons)
    current_pA = np.empty(shape, np.float32)
    rng = numpy_rng(seed, "background", prepared.name)
    synapses = ExternalSynapses(prepared)
    blocks = input_blocks(prepared, sequence, seed)
    synapses.advance(next(blocks), rng)
    for trial, lgn_input in enumerate(blocks):
        current_pA[trial] = synapses.advance(lgn_input, rng).T
    return Drive(
        current_pA=current_pA, change=sequence.change, stimulus=sequence.stimulus
    )


def split_currents(
    prepared: PreparedInput, blocks: Iterable[np.ndarray], seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the currents (N, t) in pA of the LGN and of the background, by block.

    ``blocks`` are LGN input (L, t) per ms; the seed fixes the background, which is
    that of ``make_drive``.
    """
    rng = numpy_rng(seed, "background", prepared.name)
    synapses = ExternalSynapses(prepared)
    for lgn_input in blocks:
        background = np.zeros((prepared.n_neurons, lgn_input.shape[1]), np.float32)
        synapses.add_background(background, rng)
        yield synapses.lgn_current(lgn_input), background


def trial_currents(
    prepared: PreparedInput, sequence: Sequence, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the two currents (N, trial_ms) of each trial; their sum is the drive's."""
    blocks = split_currents(prepared, input_blocks(prepared, sequence, seed), seed)
    next(blocks)
    return blocks
