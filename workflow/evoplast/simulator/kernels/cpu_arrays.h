// Every array that Python gives the C++ kernel or gets back. A line is role(element type,
// name, dimensions). C++ makes its structs from these lines and checks the arguments of a
// call against them (cpu.cpp); Python reads the order from this file (arguments.py). A new
// array is one line here and, in cpu.py, a value of that name.
//
// FIXED arrays are read, STATE arrays read and replaced, RESULT arrays only written.
// N neurons, E edges with padding, M cell types (post, pre), K synaptic slots, D steps of
// spike history, L lanes, T steps, C tasks, B readout neurons; TWO after-spike currents,
// X extra terms of NINE signals, Z slow traces (0 or 1);
// EIGHT and FOUR rows of the tables of terms; OUT is D N + 1, IN is K N + 1.
//
// Included several times, so without a guard.

#ifndef FIXED
#define FIXED(...)
#endif
#ifndef STATE
#define STATE(...)
#endif
#ifndef RESULT
#define RESULT(...)
#endif

// clang-format off

// Neurons (NeuronParameters).
FIXED(float, P11, K, N)
FIXED(float, P21, K, N)
FIXED(float, P22, K, N)
FIXED(float, P31, K, N)
FIXED(float, P32, K, N)
FIXED(float, psc_initial, K, N)
FIXED(float, asc_stable, TWO, N)
FIXED(float, asc_decay, TWO, N)
FIXED(float, asc_refractory_decay, TWO, N)
FIXED(float, asc_amp_pA, TWO, N)
FIXED(float, P33, N)
FIXED(float, P30, N)
FIXED(float, threshold_mV, N)
FIXED(float, reset_mV, N)
FIXED(int, refractory_steps, N)

// Synapses (SimulationModel).
FIXED(int, cell_type, N)
FIXED(int, source, E)
FIXED(int, target, E)
FIXED(int, segment, E)
FIXED(int, type_pair, E)
FIXED(float, signed_gain_pA, E)
FIXED(float, w_ref, E)
FIXED(float, w_max, E)
FIXED(int, out_edge, E)
FIXED(int, out_start, OUT)
FIXED(int, in_start, IN)

// Rules (LaneRules).
FIXED(float, edge_base, EIGHT, M, M, L)
FIXED(float, edge_reward, EIGHT, M, M, L)
FIXED(float, post_base, FOUR, M, L)
FIXED(float, post_reward, FOUR, M, L)
FIXED(float, reward_alone, L)
FIXED(float, trace_keep, M, L)
FIXED(float, reward_keep, M, L)
FIXED(float, extra, X, M, M, L)
FIXED(int, extra_powers, X, NINE)
FIXED(float, slow_keep)

// Input and readout.
FIXED(float, current_pA, T, N, C)
FIXED(int, readout, B)

// State (NeuronState, SimulationState).
STATE(float, voltage_mV, N, L)
STATE(float, asc_pA, TWO, N, L)
STATE(int, refractory, N, L)
STATE(float, y1, K, N, L)
STATE(float, y2, K, N, L)
STATE(float, history, D, N, L)
STATE(float, trace, N, L)
STATE(float, slow, Z, N, L)
STATE(float, reward, M, L)
STATE(float, weights, E, L)
STATE(int, step)

// What happened (Observed).
RESULT(float, spike_counts, N, L)
RESULT(float, readout_by_step, T, L)
RESULT(float, synchronous_bins, L)

// clang-format on

#undef FIXED
#undef STATE
#undef RESULT
