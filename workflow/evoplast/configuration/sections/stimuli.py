"""Keys of ``stimuli`` and ``input``: what is shown, and how it becomes current."""

from typing import ClassVar, Literal

from evoplast.artefacts.errors import UserError
from evoplast.configuration.section import Settings, key, settings_class
from evoplast.configuration.sections.task import TrialTiming

# Files of a folder of photographs that are images; others are passed over.
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


@settings_class
class StimulusSettings(Settings):
    """Gratings and photographs: how the two stimulus sets are made."""

    SECTION: ClassVar[str] = "stimuli"

    image_folder: str = key(
        "Folder of photographs (PNG, JPEG, TIFF); empty means the ones shipped with "
        "scikit-image and scikit-learn."
    )
    n_training_images: int = key(
        "Photographs shown in training and validation.",
        within="[2, 100000]",
        unit="images",
        source="lineage",
    )
    n_test_images: int = key(
        "Photographs shown only in tests.",
        within="[2, 100000]",
        unit="images",
        source="working point section 2",
    )
    n_training_gratings: int = key(
        "Gratings (orientation and phase) shown in training and validation.",
        within="[2, 100000]",
        unit="gratings",
    )
    n_test_gratings: int = key(
        "Gratings shown only in tests.", within="[2, 100000]", unit="gratings"
    )
    orientation_min_deg: float = key(
        "Smallest orientation of a grating.",
        within="[0, 360]",
        unit="degree",
        source="lineage",
    )
    orientation_max_deg: float = key(
        "Largest orientation of a grating.",
        within="[0, 360]",
        unit="degree",
        source="lineage",
    )
    orientation_step_deg: float = key(
        "Step between possible orientations.",
        within="(0, 180]",
        unit="degree",
        source="lineage",
    )
    spatial_frequency_cpd: float = key(
        "Spatial frequency of the gratings.",
        within="(0, 1]",
        unit="cycles/degree",
        source="lineage",
    )
    patch_sigma_deg: float = key(
        "Width (s.d.) of the Gaussian window in which photographs are normalised.",
        within="(0, 120]",
        unit="degree",
        source="working point section 2",
    )
    intensity: float = key(
        "Contrast of the movie before equalisation (half range of pixel values).",
        within="(0, 100]",
        source="lineage",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = self.orientation_min_deg, self.orientation_max_deg
        if not low < high:
            raise UserError(
                f"stimuli.orientation_max_deg is {high}, but must be above "
                f"stimuli.orientation_min_deg ({low})."
            )
        if self.orientation_step_deg > high - low:
            raise UserError(
                f"stimuli.orientation_step_deg is {self.orientation_step_deg}, but all "
                f"gratings from {low} to {high} degrees would have one orientation; "
                f"make it {high - low:g} or less."
            )


@settings_class
class InputSection(Settings):
    """LGN and background drive: how images become currents."""

    SECTION: ClassVar[str] = "input"

    lgn_mode: Literal["current", "bernoulli"] = key(
        "LGN drive: the deterministic current or Bernoulli spikes.", source="lineage"
    )
    equalise: bool = key(
        "Scale the contrast of each stimulus to the same mean LGN drive.",
        source="our decision (working point section 2)",
    )
    drive_target_hz: float = key(
        "Mean LGN drive to e4 and e5 that equalisation aims at.",
        within="(0, 1000]",
        unit="Hz",
        source="working point section 2",
    )
    lgn_gain: float = key(
        "Factor on all LGN weights.",
        within="[0, 100]",
        source="working point section 2; workstation: calibration scan",
    )
    background: Literal["shared", "independent"] = key(
        "One background source for all neurons, or one for each.",
        source="working point section 2",
    )
    background_gain: float = key(
        "Factor on all weights of the background.",
        within="[0, 100]",
        source="Billeh et al. 2020 (1)",
    )
    lgn_kernel_ms: int = key(
        "Length of the temporal LGN kernels, which run on through trial borders.",
        within="[50, 2000]",
        unit="ms",
        source="lineage",
    )


@settings_class
class InputSettings(InputSection, TrialTiming):
    """How images become currents, and the parts of a trial."""
