"""The GPU kernel, run on the CPU, against the reference; what it needs and refuses."""

import dataclasses
import logging
import re
from functools import partial

import circuits
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evoplast.artefacts.errors import UserError
from evoplast.rules import TERM_NAMES, RuleSpace, decode, random_genomes
from evoplast.simulator import (
    PlasticitySettings,
    SimulationSettings,
    build_model,
    initial_state,
    kernel_named,
    lane_rules,
)
from evoplast.simulator.kernels import build, gpu, gpu_check, nvrtc, reference
from evoplast.simulator.kernels.contract import StepOptions

STEPS, TASKS, NEURONS, FIRST_STEP = 61, 2, 40, 3
PLASTICITY = PlasticitySettings.default(eta=0.01)
READOUT = jnp.asarray([0, 7, 7, 21, 39])

needs_compiler = pytest.mark.skipif(
    build.find_compiler() is None, reason="there is no C++ compiler"
)
needs_nvrtc = pytest.mark.skipif(
    nvrtc.find_compiler() is None,
    reason="NVRTC is not here: pip install nvidia-cuda-nvrtc-cu12 brings it",
)


@pytest.fixture(scope="module")
def model():
    network = circuits.random_network(n_neurons=NEURONS, n_edges=400)
    padded = network.n_edges + 13
    return build_model(network, SimulationSettings.default(), PLASTICITY, padded)


@pytest.fixture(scope="module")
def current():
    rng = np.random.default_rng(3)
    shape = (STEPS, NEURONS, TASKS)
    return jnp.asarray(rng.gamma(1.0, 300.0, shape), jnp.float32)


@pytest.fixture(scope="module")
def genomes(model):
    """25 rules of one term each, then ten mixed ones: 70 lanes, 32 + 32 + 6."""
    space = RuleSpace(model.n_types)
    single = random_genomes(space, len(TERM_NAMES), jax.random.key(5), 0.0)
    single[:, space.is_gate] = np.eye(len(TERM_NAMES))
    mixed = random_genomes(space, 10, jax.random.key(6), 0.5)
    return np.concatenate([single, mixed])


@pytest.fixture(scope="module")
def emulator():
    return gpu.prepare_emulation()


def rules_of(model, genomes):
    space = RuleSpace(model.n_types)
    return lane_rules(decode(space, genomes), TASKS, PLASTICITY)


def start(model, n_lanes):
    state = initial_state(model, n_lanes)
    step = jnp.asarray(FIRST_STEP, jnp.int32)
    return dataclasses.replace(state, reward=state.reward + 0.4, step=step)


@partial(jax.jit, static_argnames=("kernel", "plastic"))
def advance(model, rules, state, current, kernel, plastic):
    return kernel.run_steps(
        model, rules, state, current, READOUT, StepOptions(PLASTICITY, plastic, True)
    )


def run(kernel, model, genomes, current, plastic=True):
    rules = rules_of(model, genomes)
    state = start(model, rules.phi.shape[0])
    return advance(model, rules, state, current, kernel, plastic)


def assert_same_spikes_and_close_weights(expected, found, model):
    (a, seen_a), (b, seen_b) = expected, found
    for x, y in zip(jax.tree.leaves(seen_a), jax.tree.leaves(seen_b), strict=True):
        assert np.asarray(x).any(), "nothing observed tests nothing"
        np.testing.assert_array_equal(x, y)
    np.testing.assert_array_equal(a.history, b.history)
    error = np.abs(np.asarray(a.weights - b.weights))
    assert (error <= 1e-5 * np.asarray(model.w_max)[:, None]).all()
    for x, y in zip(jax.tree.leaves(a.neuron), jax.tree.leaves(b.neuron), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(a.trace, b.trace, rtol=1e-6)
    np.testing.assert_allclose(a.reward, b.reward, rtol=1e-6)
    assert a.step == b.step == FIRST_STEP + STEPS


def assert_same_bits(first, second):
    pairs = zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True)
    for x, y in pairs:
        np.testing.assert_array_equal(x, y)


@needs_compiler
def test_every_term_alone_and_together_as_in_the_reference(
    model, genomes, current, emulator
):
    expected = run(reference, model, genomes, current)
    moved = np.abs(np.asarray(expected[0].weights) - np.asarray(model.w_init)[:, None])
    assert (moved.max(axis=0) > 0).all(), "a term without effect tests nothing"
    found = run(gpu, model, genomes, current)
    assert_same_spikes_and_close_weights(expected, found, model)


@needs_compiler
def test_frozen_weights_stay_and_spikes_are_those_of_the_reference(
    model, genomes, current, emulator
):
    expected, found = (
        run(kernel, model, genomes[-5:], current, plastic=False)
        for kernel in (reference, gpu)
    )
    assert_same_spikes_and_close_weights(expected, found, model)
    initial = np.broadcast_to(model.w_init[:, None], found[0].weights.shape)
    np.testing.assert_array_equal(found[0].weights, initial)


@needs_compiler
def test_rules_that_need_a_spike_take_another_way_to_the_same_bits(
    model, genomes, current, emulator
):
    # Alone in their warp such rules touch only synapses with a spike; beside a rule
    # that works in silence they touch all.
    terms = ("S_pre", "S_post·X_pre", "S_pre·S_post", "S_post", "S_pre·X_pre·R")
    events = genomes[[TERM_NAMES.index(term) for term in terms]]
    always = genomes[[TERM_NAMES.index("X_pre·X_post")]]
    rows = gpu.rows_in_use(rules_of(model, np.concatenate([events, always])))
    assert int(rows[0]) >> 5 & 1
    alone = run(gpu, model, events, current)
    beside = run(gpu, model, np.concatenate([events, always]), current)
    n = len(events) * TASKS
    assert_same_bits(alone[0].weights, beside[0].weights[:, :n])
    assert_same_bits(alone[1].spike_counts, beside[1].spike_counts[:, :n])


@needs_compiler
@pytest.mark.parametrize("plastic", [True, False])
def test_the_order_of_warps_changes_no_bit(model, genomes, current, emulator, plastic):
    found = run(gpu, model, genomes[-20:], current, plastic)
    emulator.evoplast_gpu_backwards(1)
    try:
        backwards = run(gpu, model, genomes[-20:], current, plastic)
    finally:
        emulator.evoplast_gpu_backwards(0)
    assert_same_bits(found, backwards)


@needs_compiler
def test_two_calls_are_one_to_the_bit(model, genomes, current, emulator):
    rules = rules_of(model, genomes[-20:])
    whole, _ = advance(model, rules, start(model, 40), current, gpu, True)
    state = start(model, 40)
    for part in (current[:2], current[2:2], current[2:23], current[23:]):
        state, _ = advance(model, rules, state, part, gpu, True)
    assert_same_bits(whole, state)


def test_bits_and_lanes_are_turned_into_each_other():
    rng = np.random.default_rng(0)
    history = jnp.asarray(rng.random((8, 5, 70)) < 0.3, jnp.float32)
    step = jnp.asarray(13)
    ring = gpu.ring_of_spikes(history, step)
    assert ring.shape == (16, 5, 3) and ring.dtype == jnp.uint32
    # Step 12 lies at 12 mod 8 of the history; one step before the call, at the end.
    np.testing.assert_array_equal(gpu.unpacked(ring[-1], 70), history[4])
    np.testing.assert_array_equal(gpu.history_of_ring(ring, step, 0, 70), history)


def test_without_a_cuda_device_the_gpu_kernel_is_refused():
    if gpu.cuda_device() is not None:
        pytest.skip("there is a CUDA device")
    with pytest.raises(UserError, match="JAX finds no CUDA device"):
        kernel_named("gpu")


def test_auto_takes_the_reference_where_the_gpu_kernel_cannot_be_built(
    monkeypatch, caplog
):
    class Device:
        compute_capability = "9.0"

    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    monkeypatch.setattr(gpu, "cuda_device", Device)
    monkeypatch.setenv(nvrtc.LIBRARY_VARIABLE, "")
    for function in (nvrtc.find_compiler, gpu.prepare, kernel_named):
        function.cache_clear()
    with caplog.at_level(logging.WARNING, "evoplast"):
        assert kernel_named("auto") is reference.KERNEL
    assert len(caplog.records) == 1
    assert "needs the compiler library NVRTC and none was found" in caplog.text
    nvrtc.find_compiler.cache_clear()
    kernel_named.cache_clear()


@pytest.mark.parametrize(
    ("capability", "expected"),
    [("8.0", "sm_80"), ("9.0", "sm_90"), ("8.7", "compute_80"), ("12.1", "compute_90")],
)
def test_code_is_for_the_device_or_the_newest_known_before_it(capability, expected):
    assert nvrtc.target(capability, (70, 80, 90)) == expected


def test_a_device_older_than_the_compiler_is_refused():
    with pytest.raises(UserError, match="capability 6.1 and NVRTC starts at 7.0"):
        nvrtc.target("6.1", (70, 80, 90))


@needs_compiler
def test_the_check_on_a_device_passes_a_right_kernel_and_stops_a_wrong_one(emulator):
    expected = gpu_check._results(reference.run_steps, 0)
    assert all(spikes.sum(axis=0).min() > 10 for spikes in expected[:2])
    gpu_check.check(gpu.run_steps)

    def wrong(*arguments):
        state, seen = gpu.run_steps(*arguments)
        return dataclasses.replace(state, weights=state.weights * 1.0001), seen

    with pytest.raises(UserError, match="does not agree with the reference"):
        gpu_check.check(wrong)


def test_the_check_on_a_device_is_made_once(monkeypatch, tmp_path):
    checked = []
    monkeypatch.setattr(gpu_check, "check", checked.append)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for kind in ("A", "A", "B"):
        gpu._check_once(b"code", kind)
    assert len(checked) == 2


@needs_nvrtc
@pytest.mark.parametrize("capability", ["8.0", "9.0"])
def test_the_kernel_compiles_to_machine_code(capability, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    image = nvrtc.compiled_kernel(capability)
    assert image.startswith(b"\x7fELF") and b"evoplast_step" in image
    monkeypatch.setattr(nvrtc, "_compiled", None)
    assert nvrtc.compiled_kernel(capability) == image, "it was not kept"


@needs_nvrtc
@pytest.mark.parametrize("capability", ["8.0", "9.0"])
def test_the_kernel_leaves_room_for_three_blocks_of_threads(capability):
    said = nvrtc.resources(capability)
    registers = re.search(r"Used (\d+) registers", said)
    assert 3 * 256 * int(registers[1]) <= 65536
    spilled = re.search(r"(\d+) bytes spill stores", said)
    assert int(spilled[1]) <= 128


@needs_nvrtc
def test_a_source_that_does_not_compile_is_reported(monkeypatch, tmp_path):
    broken = tmp_path / "gpu.cu"
    broken.write_text("this is not CUDA")
    monkeypatch.setattr(nvrtc, "SOURCE", broken)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(UserError, match=r"compiled for sm_80 \(gpu.cu\(1\): error"):
        nvrtc.compiled_kernel("8.0")
    assert not list(tmp_path.rglob("*.bin"))


def lowered_for_cuda(kernel, model, plastic, unchecked=()):
    rules = rules_of(model, np.zeros((2, RuleSpace(model.n_types).n_parameters)) + 1.0)
    arguments = (model, rules, start(model, 4), jnp.zeros((3, NEURONS, TASKS)))
    shapes = jax.eval_shape(lambda *leaves: leaves, *jax.tree.leaves(arguments))
    structure = jax.tree.structure(arguments)

    def program(*leaves):
        unflattened = jax.tree.unflatten(structure, leaves)
        return jax.tree.leaves(advance(*unflattened, kernel, plastic))

    export = jax.export.export(
        jax.jit(program), platforms=["cuda"], disabled_checks=unchecked
    )
    return export(*shapes)


@pytest.mark.parametrize("plastic", [True, False])
def test_the_reference_can_be_lowered_for_cuda(model, plastic):
    exported = lowered_for_cuda(reference, model, plastic)
    assert exported.platforms == ("cuda",)
    assert "custom_call" not in exported.mlir_module()


def test_the_call_of_the_gpu_kernel_can_be_lowered_for_cuda(model):
    check = jax.export.DisabledSafetyCheck.custom_call(gpu.TARGET)
    exported = lowered_for_cuda(gpu, model, True, [check])
    assert f"@{gpu.TARGET}(" in exported.mlir_module()
