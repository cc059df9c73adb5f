# The entry: config and its check, the stages in the order of the story, the targets.
import sys
from pathlib import Path

from snakemake.utils import min_version

from evoplast.jobs import driver, memory

min_version("9.27")

# Where this file lies, also where another workflow takes it in as a module.
ROOT = Path(workflow.current_basedir)


configfile: f"{ROOT}/config/config.yaml"
configfile: f"{ROOT}/config/search.yaml"
configfile: f"{ROOT}/config/circuit.yaml"
configfile: f"{ROOT}/config/studies.yaml"
configfile: f"{ROOT}/config/analyses.yaml"
configfile: f"{ROOT}/config/enu.yaml"


if fault := driver.fault_of_deployment(
    map(str, workflow.deployment_settings.deployment_method)
):
    sys.exit(fault)


# A run that was killed goes on when the same command is given again.
if workflow.is_main_process and not workflow.dryrun:
    if fault := driver.fault_of_places(Path.cwd()):
        sys.exit(fault)
    driver.say(driver.release_stale_lock(Path.cwd()))


onstart:
    driver.note_driver(Path.cwd(), workflow.local_exec)
    if workflow.local_exec and (
        fault := memory.fault_of_memory(
            config, simulating_rules(), memory.memory_of_machine()
        )
    ):
        sys.exit(fault)


onerror:
    driver.say(driver.memory_advice(log))


include: "workflow/rules/common.smk"
include: "workflow/rules/working_point_common.smk"
include: "workflow/rules/search_studies_common.smk"
include: "workflow/rules/enu_common.smk"
include: "workflow/rules/analyses_common.smk"
include: "workflow/rules/recordings_common.smk"
include: "workflow/rules/figures_common.smk"
include: "workflow/rules/atlas_common.smk"


report: str(Path.cwd() / FIRST_PAGE)


wildcard_constraints:
    network=r"network(_\d+)?|scale_\d+_\d+",
    weights="|".join(EXPORTED_WEIGHTS),
    trials=r"[1-9]\d*",
    rule_key=r"[a-z0-9-]+",
    stimulus_set="|".join(STIMULUS_SETS),
    seed=r"\d+",
    segment=r"\d\d\d",
    round=r"\d\d\d",
    unit=r"(round|segment)_\d\d\d",
    part=r"\d\d\d",
    search="search|search_free|search_reward_free",
    optimiser="|".join(OPTIMISERS),
    lgn_mode="|".join(LGN_MODES),
    extent=f"{OF_RUN}|{OF_SIZES}",
    problem="|".join(BENCHMARK_PROBLEMS),
    dimension=r"\d+",
    study="|".join((*STUDY_VARIANTS, *ENU_STUDIES)),
    variant=r"[a-z]+(_[a-z_0-9.]+)?",
    cell="|".join(ENU_CELLS),
    experiment=r"[a-z_]+",


include: "workflow/rules/network.smk"
include: "workflow/rules/stimuli.smk"
include: "workflow/rules/calibration.smk"
include: "workflow/rules/working_point.smk"
include: "workflow/rules/baselines.smk"
include: "workflow/rules/families.smk"
include: "workflow/rules/search.smk"
include: "workflow/rules/pareto.smk"
include: "workflow/rules/analysis.smk"
include: "workflow/rules/gradient.smk"
include: "workflow/rules/search_studies.smk"
include: "workflow/rules/search_benchmark.smk"
include: "workflow/rules/racing.smk"
include: "workflow/rules/plan_cost.smk"
include: "workflow/rules/analyses.smk"
include: "workflow/rules/structure.smk"
include: "workflow/rules/recordings.smk"
include: "workflow/rules/enu.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/atlas.smk"


rule all:
    """Everything of the report: all stages and figures."""
    default_target: True
    input:
        STAGES,
        FIGURES,
        PAGES,


rule score_rules:
    """Your own rules (--config rules=...) beside those of the literature."""
    input:
        result("baselines/known_rules.parquet"),
        result("baselines/known_rules.md"),


rule figures:
    """The figures of the report, from the artefacts that are there."""
    input:
        FIGURES,


rule champion:
    """Formula and coefficients of the best rule, as text and CSV."""
    input:
        CHAMPION,


rule paper_figures:
    """The figures of docs/paper.md, of one and two columns, in results/{run}/paper."""
    input:
        [file for files in PAPER_FIGURES.values() for file in files.values()],


rule search:
    """The searches and their histories."""
    input:
        HISTORIES,


rule search_benchmark:
    """The search algorithm beside others, and without its parts, on test problems."""
    input:
        result("search_benchmark/summary.parquet"),
        draws("search_benchmark"),
        draws("search_ablation"),


rule analyses:
    """What rules do, all of it: every analysis beyond the demo, and its figures.

    At most 40 minutes on two cores at demo scale.
    """
    input:
        ANALYSES,
        [file for name in ANALYSIS_FIGURES for file in draws(name)],


rule enu:
    """Evolvable neural units: runs, tables and figures of the second system."""
    input:
        ENU_RESULTS,


rule calibration_scan:
    """Signal and rates over drives and gains, for networks of several sizes."""
    input:
        WORKING_POINT["calibration_scan"],


rule mouse_likeness:
    """Rates, intervals and tuning beside the mouse, for networks of several sizes."""
    input:
        WORKING_POINT["mouse_likeness"],


rule ceiling:
    """What linear readouts reach without plasticity, for networks of several sizes."""
    input:
        WORKING_POINT["ceiling"],


rule search_proof:
    """Does the search beat chance? Several searches, scored on networks of their own."""
    input:
        SEARCH_STUDIES["search_proof"],


rule reward_search:
    """Are rules without reward enough? Searches with and without it at equal cost."""
    input:
        SEARCH_STUDIES["reward_search"],


rule information:
    """What one evaluation tells for its cost."""
    input:
        SEARCH_STUDIES["information"],


rule rule_spread:
    """How far random rules differ over networks."""
    input:
        SEARCH_STUDIES["rule_spread"],


rule sequence_noise:
    """How much the order of trials adds to the noise of an evaluation."""
    input:
        SEARCH_STUDIES["sequence_noise"],


rule generalisation:
    """Searches on fewer networks and in other sizes, scored on networks never used."""
    input:
        SEARCH_STUDIES["generalisation"],


rule selection_bias:
    """Searches without control group, shrinkage or smoothed accuracy."""
    input:
        SEARCH_STUDIES["selection_bias"],


rule initialisation:
    """Searches that start from other rules."""
    input:
        SEARCH_STUDIES["initialisation"],


rule swarm_options:
    """Swarms with probabilistic dominance and with hierarchical steps."""
    input:
        SEARCH_STUDIES["swarm_options"],
