# The entry: config and its check, the stages in the order of the story, the targets.
from snakemake.utils import min_version

min_version("9.27")


configfile: f"{workflow.basedir}/config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/network.smk"
include: "workflow/rules/stimuli.smk"
include: "workflow/rules/calibration.smk"
include: "workflow/rules/baselines.smk"
include: "workflow/rules/families.smk"
include: "workflow/rules/search.smk"
include: "workflow/rules/search_benchmark.smk"
include: "workflow/rules/plan_cost.smk"
include: "workflow/rules/racing.smk"
include: "workflow/rules/pareto.smk"
include: "workflow/rules/analysis.smk"
include: "workflow/rules/gradient.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/working_point_common.smk"
include: "workflow/rules/working_point.smk"
include: "workflow/rules/search_studies_common.smk"
include: "workflow/rules/search_studies.smk"
include: "workflow/rules/enu_common.smk"
include: "workflow/rules/enu.smk"


localrules:
    all,
    figures,
    search,
    search_benchmark,
    enu,
    calibration_scan,
    mouse_likeness,
    search_proof,
    information,
    rule_spread,
    generalisation,
    selection_bias,
    initialisation,


rule all:
    default_target: True
    input:
        STAGES,
        FIGURES,


rule figures:
    input:
        FIGURES,


rule search:
    input:
        HISTORIES,


rule search_benchmark:
    input:
        result("search_benchmark/summary.parquet"),
        draws("search_benchmark"),
        draws("search_ablation"),


rule enu:
    input:
        ENU_RESULTS,


rule calibration_scan:
    input:
        WORKING_POINT["calibration_scan"],


rule mouse_likeness:
    input:
        WORKING_POINT["mouse_likeness"],


rule search_proof:
    input:
        SEARCH_STUDIES["search_proof"],


rule information:
    input:
        SEARCH_STUDIES["information"],


rule rule_spread:
    input:
        SEARCH_STUDIES["rule_spread"],


rule generalisation:
    input:
        SEARCH_STUDIES["generalisation"],


rule selection_bias:
    input:
        SEARCH_STUDIES["selection_bias"],


rule initialisation:
    input:
        SEARCH_STUDIES["initialisation"],
