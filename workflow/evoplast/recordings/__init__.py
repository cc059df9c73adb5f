"""What networks do before and after learning, from recordings of every spike.

In: worlds and rules. Out: recordings, and tables of working memory, firing, weights and
dynamics. The unit of every test is the network, beside the same one without plasticity.
"""

from evoplast.recordings.files import (
    Recorded,
    read_recording,
    read_recordings,
    recording_dataset,
)
from evoplast.recordings.record import (
    CUT,
    TESTS,
    WHOLE,
    RecordSettings,
    looks_at,
    record_network,
)

__all__ = [
    "CUT",
    "TESTS",
    "WHOLE",
    "RecordSettings",
    "Recorded",
    "looks_at",
    "read_recording",
    "read_recordings",
    "record_network",
    "recording_dataset",
]
