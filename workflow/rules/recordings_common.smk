# Named functions and lists that the rules of recordings.smk use: no rule stands here.
MEMORY_KEYS = [
    f"recordings.{key}" for key in ("window_ms", "folds", "shifts", "cut_kernel_ms")
]


def tables_of(stage, **names):
    """Return the tables of a stage by their names; "" is the stage's main one."""
    return {
        key: result(f"analysis/{stage}{end and f'_{end}'}.parquet")
        for key, end in names.items()
    }


WORKING_MEMORY = tables_of(
    "working_memory", memory="", source="source", decoded="decoded", delay="delay"
)
FIRING = tables_of(
    "firing",
    fits="",
    cells="cells",
    mouse="mouse",
    synchrony="synchrony",
    tests="tests",
)
WEIGHTS = tables_of("weights", pairs="", drift="drift", shapes="shapes")
DYNAMICS = tables_of(
    "dynamics", tests="", dimensions="dimensions", over_time="time", paths="paths"
)
ANALYSES += [
    *WORKING_MEMORY.values(),
    *FIRING.values(),
    *WEIGHTS.values(),
    *DYNAMICS.values(),
]


def of_recordings(ending):
    """Return the files of all recorded networks, those that chose nothing."""
    names = [Path(path).stem for path in HELDOUT_NETWORKS]
    return [result(f"recordings/{name}{ending}") for name in names]
