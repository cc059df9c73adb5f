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
include: "workflow/rules/search.smk"
include: "workflow/rules/pareto.smk"
include: "workflow/rules/analysis.smk"
include: "workflow/rules/gradient.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/enu_common.smk"
include: "workflow/rules/enu.smk"


localrules:
    all,
    figures,
    search,
    enu,


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


rule enu:
    input:
        ENU_RESULTS,
