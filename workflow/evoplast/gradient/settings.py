"""Settings of the gradient baseline (field names equal the config keys)."""

from dataclasses import dataclass

from evoplast.artefacts.errors import UserError


@dataclass(frozen=True)
class GradientSettings:
    """How the network is trained by gradients.

    Attributes:
        samples: trials presented in a training run, all lanes together.
        batch_size: trial sequences side by side.
        trials_per_update: trials between two updates; gradients do not reach back
            further, the network's state is carried on.
        trials_per_sequence: trials before new sequences begin; their first trial
            is presented but not scored.
        adam_learning_rates, sgd_learning_rates: one run each; in the lineage's
            unit of weights (pA per mV between rest and threshold).
        seeds: training runs per learning rate and task.
        test_trials: scored test trials of a measurement, at least.
        test_points: measurements in a run, the first before training.
        surrogate_width, surrogate_dampening: the spike's pseudo-derivative.
        phi: readout threshold, as in a rule.
        initial_scale: factor (above 1, trained) from the relative excess of the
            pool's rate over its threshold to log odds.
        rate_weight, voltage_weight: weights of the regularisers.
        rate_kappa: spikes per ms at which the rate loss turns linear.
        clip_norm: a gradient whose global norm is larger is scaled down to it;
            surrogate gradients through hundreds of steps grow without bound.
    """

    samples: int = 640
    batch_size: int = 8
    trials_per_update: int = 2
    trials_per_sequence: int = 20
    adam_learning_rates: tuple[float, ...] = (0.001, 0.01)
    sgd_learning_rates: tuple[float, ...] = (0.1, 1.0, 10.0)
    seeds: int = 1
    test_trials: int = 200
    test_points: int = 5
    surrogate_width: float = 0.28
    surrogate_dampening: float = 0.5
    phi: float = 0.5
    initial_scale: float = 2.0
    rate_weight: float = 0.1
    rate_kappa: float = 0.002
    voltage_weight: float = 1e-5
    clip_norm: float = 1.0

    @property
    def trials_per_step(self) -> int:
        """Trials presented between two updates, all lanes together."""
        return self.batch_size * self.trials_per_update

    @property
    def n_updates(self) -> int:
        """Updates in a run."""
        return max(1, round(self.samples / self.trials_per_step))

    def learning_rates(self, optimiser: str) -> tuple[float, ...]:
        """Return the learning rates to try with ``optimiser``.

        Raises:
            UserError: the optimiser is neither "adam" nor "sgd".
        """
        rates = {"adam": self.adam_learning_rates, "sgd": self.sgd_learning_rates}
        if optimiser not in rates:
            raise UserError(
                f"The optimiser {optimiser!r} is unknown; use 'adam' or 'sgd'."
            )
        return tuple(rates[optimiser])


def check_settings(settings: GradientSettings) -> None:
    """Raise UserError if two settings contradict each other."""
    if settings.trials_per_sequence % settings.trials_per_update:
        raise UserError(
            f"gradient.trials_per_sequence is {settings.trials_per_sequence}; make it "
            f"a multiple of gradient.trials_per_update "
            f"({settings.trials_per_update})."
        )
    if settings.initial_scale <= 1.0:
        raise UserError(
            f"gradient.initial_scale is {settings.initial_scale}; it must be above 1, "
            "for instance 2."
        )
