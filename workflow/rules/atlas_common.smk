# Named lists that the rules of atlas.smk use: no rule stands here.
RULES_OF_RUN = {
    "evolved": stage_files("pareto", ""),
    "random": stage_files("baselines", "random_"),
    "known": stage_files("baselines", "known_"),
}
VERDICTS = {
    "comparison": result("analysis/comparison.parquet"),
    "ceiling": result(f"calibration/ceiling_{OF_RUN}.parquet"),
}
CHAMPION = [result(f"champion.{ending}") for ending in ("txt", "csv")]
# What was found, computed from the files of the run: the report begins with it.
FIRST_PAGE = result("report/first_page.rst")
PAGES = [
    result("atlas.html"),
    *CHAMPION,
    FIRST_PAGE,
    result("report/settings.html"),
]
# With what `snakemake analyses` measures of the rules that all analyses show.
FULL_ATLAS = result("analysis/atlas.html")
ANALYSES += [FULL_ATLAS]
