# Named functions and lists that the rules of analyses.smk use: no rule stands here.
REPRESENTATIVES = {
    "representatives": result("analysis/representatives.parquet"),
    "representatives_parameters": result("analysis/representatives_parameters.nc"),
}
# What `snakemake analyses` makes besides its figures; each stage adds its artefacts.
ANALYSES = [
    *REPRESENTATIVES.values(),
    result("analysis/representative_rules.parquet"),
    *(result(f"analysis/few_shot{part}.parquet") for part in ("", "_half")),
    result("analysis/ablations.parquet"),
    *(result(f"analysis/recurrence{part}.parquet") for part in ("", "_agreement")),
    *(result(f"analysis/heterogeneity{part}.parquet") for part in ("", "_structure")),
    result("analysis/degeneracy.nc"),
    *(
        result(f"analysis/degeneracy_{part}.parquet")
        for part in ("rules", "correlations", "members", "tests")
    ),
    result("analysis/sample_efficiency.parquet"),
    result("analysis/sample_efficiency_biology.parquet"),
    result("analysis/long_training.nc"),
    result("analysis/long_training_trend.parquet"),
]


def stage_files(folder, kind):
    """Return table, cells and parameters of the rules of one kind, or of the front."""
    ends = (("rules", "parquet"), ("cells", "parquet"), ("parameters", "nc"))
    return [result(f"{folder}/{kind}{name}.{end}") for name, end in ends]
