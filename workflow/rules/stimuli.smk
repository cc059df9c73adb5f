# In: photographs, the filters of LGN cells. Out: images of both tasks, their LGN rates
# and the trial sequences.


rule make_stimuli:
    input:
        network=network_file(0),
        photographs=photographs,
    output:
        stimuli=result("stimuli/{stimulus_set}.nc"),
    log:
        log_of("make_stimuli/{stimulus_set}"),
    benchmark:
        benchmark_of("make_stimuli/{stimulus_set}")
    conda:
        "../../envs/evoplast.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=30,
    params:
        settings=selected("seed", "stimuli", "input", "task"),
        source=source_of("stimuli/make_stimuli"),
    message:
        "Making stimuli: {wildcards.stimulus_set}"
    script:
        "../scripts/stimuli/make_stimuli.py"
