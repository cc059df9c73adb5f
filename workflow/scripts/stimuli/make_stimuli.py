"""Make the images of one task and what they do to the LGN."""

from evoplast.jobs.script import job

with job(snakemake) as provenance:
    from evoplast.artefacts.seeds import named_seed
    from evoplast.configuration.settings import filled
    from evoplast.network import read_network
    from evoplast.stimuli import MAKERS, InputSettings, StimulusSettings
    from evoplast.stimuli.files import write_stimuli
    from evoplast.stimuli.prepare import prepare_input
    from evoplast.stimuli.sequences import draw_sequence
    from evoplast.stimuli.types import SPLITS

    config, name = snakemake.params.settings, snakemake.wildcards.stimulus_set
    task, seed = config["task"], config["seed"]
    balanced = {"training": "balanced_training_stimuli", "test": "balanced_stimuli"}
    stimuli = MAKERS[name](filled(StimulusSettings, config["stimuli"]), seed)
    inputs = filled(InputSettings, config["input"], task)
    prepared = prepare_input(read_network(snakemake.input.network), stimuli, inputs)
    examples = {
        split: draw_sequence(
            stimuli,
            task[f"{split}_trials"],
            task["change_probability"],
            named_seed(seed, "example", name, split),
            split,
            task[balanced[split]],
        )
        for split in SPLITS
    }
    write_stimuli(snakemake.output.stimuli, stimuli, prepared, examples, provenance)
