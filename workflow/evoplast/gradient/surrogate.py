"""The spike and its pseudo-derivative.

In: u, the distance of the membrane potential from threshold in units of
(V_th - E_L). Out: 1 where u > 0, with the derivative
dampening * exp(-(u / width)^2) (Chen, Scherr & Maass 2022, Gaussian variant).
"""

from functools import partial

import jax
import jax.numpy as jnp


@partial(jax.custom_jvp, nondiff_argnums=(1, 2))
def spike(u: jax.Array, width: float, dampening: float) -> jax.Array:
    """Return 1.0 where ``u`` > 0 and 0.0 elsewhere, same shape as ``u``."""
    return (u > 0).astype(u.dtype)


@spike.defjvp
def _spike_jvp(
    width: float, dampening: float, primals: tuple, tangents: tuple
) -> tuple[jax.Array, jax.Array]:
    (u,), (u_dot,) = primals, tangents
    return spike(u, width, dampening), pseudo_derivative(u, width, dampening) * u_dot


def pseudo_derivative(u: jax.Array, width: float, dampening: float) -> jax.Array:
    """Return the Gaussian that stands for dz/du."""
    return dampening * jnp.exp(-jnp.square(u / width))


def undamped(spikes: jax.Array, dampening: float) -> jax.Array:
    """Return ``spikes`` unchanged, with their gradient divided by ``dampening``.

    The readout sees the slope 1 at threshold; only the recurrent path, where the
    factor acts once per step, is dampened (Chen, Scherr & Maass 2022).
    """
    full = spikes / dampening
    return full + jax.lax.stop_gradient(spikes - full)
