# Named functions and lists that the rules of search_studies.smk use: no rule stands here.
PROOF_SEARCHES = range(config["search_proof"]["seeds"])


def proof_settings(*names):
    """Return what the proof of one search depends on, and ``names`` besides."""
    proof = without("search_proof", "seeds")
    search = without("search", "seeds")
    return world_settings(*proof, *search, "task.validation_trials", *names)


def proof_file(seed, name):
    """Return a table of the proof of one search."""
    return result(f"search_proof/seed{seed}/{name}.parquet")


def proof_networks(wildcards):
    """Return the networks that only the proof of this search uses."""
    n = config["search_proof"]["heldout_instances"]
    first = FIRST_HELDOUT + int(wildcards.seed) * n
    return [network_file(first + k) for k in range(n)]


def last_segment(wildcards):
    """Return the last segment of one search."""
    return segment_file(wildcards.seed, config["search"]["segments"] - 1)


SEARCH_STUDIES = {
    "search_proof": [
        *(
            result(f"search_proof/{name}.parquet")
            for name in ("rules", "cells", "comparison", "formulas", "progress")
        ),
        *draws("search_proof"),
    ],
}
