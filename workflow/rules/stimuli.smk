# In: photographs, the filters of LGN cells. Out: images of both tasks, their LGN rates
# and the trial sequences.


rule make_stimuli:
    input:
        network=network_file(0),
        photographs=photographs,
    output:
        stimuli="results/{run}/stimuli/{stimulus_set}.nc",
    log:
        "logs/{run}/make_stimuli/{stimulus_set}.log",
    benchmark:
        "benchmarks/{run}/make_stimuli/{stimulus_set}.tsv"
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=30,
    params:
        settings=selected("seed", "stimuli", "input", "task"),
        source=source_of("stimuli/make_stimuli"),
    script:
        "../scripts/stimuli/make_stimuli.py"
