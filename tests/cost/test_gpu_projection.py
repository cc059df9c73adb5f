"""The arithmetic of what the GPU kernel should cost."""

from pathlib import Path

import pytest
import yaml

from evoplast.configuration.config import validated
from evoplast.cost import gpu_projection as projection
from evoplast.cost.gpu_projection import Gpu, Size

PAPER = Path(__file__).parents[2] / "config/paper.yaml"
# A device with one limit that counts: 1 GB/s of memory and no other limit.
SLOW_MEMORY = Gpu("slow memory", 1e9, 1e30, 100, 1e30, 1e9)
ONLY_SYNAPSES = Size(1, 10**9, n_slots=0, rate_hz=5.0)


def test_a_strength_is_read_and_written_once_in_a_plastic_step():
    assert projection.memory_bytes(ONLY_SYNAPSES, True) == pytest.approx(8e9)
    seconds, limit = projection.step_s(SLOW_MEMORY, ONLY_SYNAPSES, True)
    assert limit == "memory"
    assert seconds == pytest.approx(8.0 / projection.FRACTION)


def test_frozen_strengths_are_read_only_where_a_spike_arrives():
    silent, always = (projection.touched_share(rate) for rate in (0.0, 1000.0))
    assert (silent, always) == (0.0, 1.0)
    share = projection.touched_share(5.0)
    assert share == pytest.approx(1 - 0.995**8)
    frozen = projection.memory_bytes(ONLY_SYNAPSES, False)
    assert frozen == pytest.approx(4e9 * share)


def test_neurons_cost_bytes_too():
    size = Size(1000, 0, n_slots=2)
    assert projection.memory_bytes(size, False) == 1000 * 2 * 4 * (1 + 2 + 1 + 4)
    assert projection.memory_bytes(size, True) == 1000 * 2 * 4 * (1 + 2 + 1 + 4 + 1)


def test_the_slowest_limit_counts():
    slow_clock = Gpu("slow clock", 1e30, 1e30, 1, 1e6, 1e9)
    limits = projection.limits_s(slow_clock, ONLY_SYNAPSES, True)
    assert projection.step_s(slow_clock, ONLY_SYNAPSES, True)[1] == "instructions"
    # Four warps of 32 lanes start an instruction in each clock.
    each = projection.instructions(ONLY_SYNAPSES, True) / ONLY_SYNAPSES.n_edges
    assert each > 50.0
    assert limits["instructions"] == pytest.approx(1e9 / 32 * each / 4 / 1e6)


def test_what_fits_is_less_than_the_memory():
    gpu, size = projection.GPUS[2], projection.SIZES[1]
    lanes = projection.most_lanes(gpu, size)
    assert 0.5 * gpu.memory_bytes < 4 * lanes * size.n_edges < gpu.memory_bytes


def test_the_table_of_the_paper_has_a_row_for_each_device_and_size():
    overlay = yaml.safe_load(PAPER.read_text())
    config = validated(overlay)
    lines = projection.table_text(config).splitlines()
    assert len(lines) == 2 + len(projection.GPUS) * len(projection.SIZES)
    row = projection.projected(projection.GPUS[0], projection.SIZES[1], config)
    generations = 150
    hours = row["generation, s"] * generations / 3600
    assert row["search, GPU-hours"] == pytest.approx(hours)
    # Offspring and survivors are both evaluated.
    assert row["generation, s"] == pytest.approx(2 * row["population, s"], rel=0.01)
