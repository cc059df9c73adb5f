import numpy as np

from evoplast.task import TaskSettings

SHORT = dict(grey_before_ms=10, image_ms=40, grey_after_ms=10)
TASK = TaskSettings.default(
    **SHORT, window_start_ms=20, window_end_ms=50, history_trials=3
)


def noise_pA(network, shape, seed, mean=1.0):
    """Return currents (..., N, B) that make some cells fire, in units of rheobase."""
    rng = np.random.default_rng(seed)
    rheobase = (network.cells.V_th_mV - network.cells.E_L_mV) * network.cells.g_nS
    scale = rng.normal(mean, 0.8, (*shape[:-2], 1, shape[-1]))
    spread = rng.normal(0.0, 0.5, shape)
    return np.float32((scale + spread) * rheobase[:, None])
