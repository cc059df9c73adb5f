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
from collections.abc import Sequence as SequenceOf
from itertools import pairwise

import numpy as np
from scipy import sparse

from evoplast.artefacts.seeds import numpy_rng
from evoplast.stimuli.lgn import rectified_rates
from evoplast.stimuli.types import AlphaPort, Drive, PreparedInput, Sequence

CURRENT_PER_SPIKE = 1.3
MS_PER_SECOND = 1000.0
# More than ten of the longest synaptic time constants.
WARM_UP_MS = 100
Pair = tuple[np.ndarray, np.ndarray]


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


class AlphaSynapses:
    """Alpha synapses in R rows, each of a port; remembers their state between blocks.

    All rows move together, step by step: along one row, each value waits for the last.
    """

    def __init__(self, ports: SequenceOf[AlphaPort], rows: SequenceOf[int]) -> None:
        def by_row(name: str) -> np.ndarray:
            values = [getattr(port, name) for port in ports]
            return np.repeat(np.array(values, np.float32), rows)

        self._rise = by_row("psc_initial"), by_row("p11")
        self._decay = by_row("p21"), by_row("p22")
        self._state = np.zeros((2, sum(rows)), np.float32)

    def advance(self, arriving: np.ndarray) -> list[np.ndarray]:
        """Return y1 and y2 (R, t) before each step's input (R, t) enters."""
        steps = np.ascontiguousarray(arriving.T)
        y1 = _recursion(steps, *self._rise, self._state[0])
        y2 = _recursion(y1[:-1], *self._decay, self._state[1])
        self._state = np.stack([y1[-1], y2[-1]])
        return [np.ascontiguousarray(y[:-1].T) for y in (y1, y2)]


def _recursion(
    values: np.ndarray, gain: np.ndarray, keep: np.ndarray, first: np.ndarray
) -> np.ndarray:
    """Solve y[t+1] = gain x[t] + keep y[t] from y[0] on; return (t + 1, R)."""
    y = np.empty((len(values) + 1, len(first)), np.float32)
    y[0] = first
    np.multiply(values, gain, out=y[1:])
    kept = np.empty_like(first)
    for before, after in pairwise(y):
        np.multiply(before, keep, kept)
        np.add(after, kept, after)
    return y


class ExternalSynapses:
    """All external synapses; turns input into current, block by block.

    The synapses are linear and alike within a port: what arrives at a neuron is added
    up before it is filtered, and a shared background is filtered once.
    """

    def __init__(self, prepared: PreparedInput) -> None:
        shared = prepared.settings.background == "shared"
        ports, parts = prepared.ports, prepared.lgn
        self._prepared = prepared
        self._n_sources = 1 if shared else prepared.n_neurons
        self._weight_pA = sparse.vstack([part.weight_pA for part in parts], "csr")
        rows = [len(part.neuron) for part in parts] + [self._n_sources] * len(ports)
        self._synapses = AlphaSynapses(ports * 2, rows)
        self._ends = np.cumsum(rows)[:-1]

    def advance(
        self, lgn_input: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the currents (N, t) in pA of the LGN and of the background.

        ``lgn_input`` is (L, t) per ms.
        """
        arriving = [self._weight_pA @ lgn_input]
        arriving += [self._noise(lgn_input.shape[1], rng)] * len(self._prepared.ports)
        y1, y2 = self._synapses.advance(np.concatenate(arriving))
        states = list(
            zip(np.split(y1, self._ends), np.split(y2, self._ends), strict=True)
        )
        n_ports = len(self._prepared.ports)
        return self._lgn_current(states[:n_ports]), self._background(states[n_ports:])

    def _noise(self, n_steps: int, rng: np.random.Generator) -> np.ndarray:
        mean = self._prepared.background_rate_hz / MS_PER_SECOND
        return rng.poisson(mean, (self._n_sources, n_steps)).astype(np.float32)

    def _lgn_current(self, states: SequenceOf[Pair]) -> np.ndarray:
        n_steps = states[0][0].shape[1]
        current = np.zeros((self._prepared.n_neurons, n_steps), np.float32)
        for (y1, y2), part in zip(states, self._prepared.lgn, strict=True):
            of_y1, of_y2 = part.current_per_state.T
            y1 *= of_y1[:, None]
            y2 *= of_y2[:, None]
            current[part.neuron] += y1 + y2
        return current

    def _background(self, states: SequenceOf[Pair]) -> np.ndarray:
        stacked = np.stack([y for pair in states for y in pair])
        weight = self._prepared.background_to_current
        if self._n_sources == 1:
            return np.einsum("np,pt->nt", weight, stacked[:, 0])
        return np.einsum("np,pnt->nt", weight, stacked)


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
        np.add(*synapses.advance(lgn_input, rng), out=current_pA[trial].T)
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
        yield synapses.advance(lgn_input, rng)


def trial_currents(
    prepared: PreparedInput, sequence: Sequence, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the two currents (N, trial_ms) of each trial; their sum is the drive's."""
    blocks = split_currents(prepared, input_blocks(prepared, sequence, seed), seed)
    next(blocks)
    return blocks
