"""Draw one of the figures of evolvable units."""

from evoplast.figures import (
    enu_complex_stdp,
    enu_convergence,
    enu_double_t_maze,
    enu_iaf,
    enu_projection,
    enu_stdp,
    enu_t_maze,
)
from evoplast.jobs.script import job

FIGURES = {
    "iaf": enu_iaf,
    "stdp": enu_stdp,
    "complex_stdp": enu_complex_stdp,
    "t_maze": enu_t_maze,
    "double_t_maze": enu_double_t_maze,
    "convergence": enu_convergence,
    "projection": enu_projection,
}

with job(snakemake):
    figure = FIGURES[snakemake.wildcards.figure]
    dpi = snakemake.params.settings["figures"]["dpi"]
    figure.draw(snakemake.input, snakemake.output, dpi)
