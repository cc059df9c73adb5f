// Every array that Python gives the GPU kernel or gets back. A line is role(element type,
// name, dimensions). C++ makes the fields of Job from these lines (gpu.cu) and checks the
// arguments of a call against them (gpu.cpp); Python reads the order from this file
// (arguments.py). A new array is one line here and, in gpu.py, a value of that name.
//
// FIXED arrays are read, STATE arrays changed in place.
// N neurons, E edges with padding, M cell types (post, pre), P pairs of them, K synaptic
// slots, L lanes, W words with a bit for each lane, H steps in the ring of spikes,
// T steps, A of them with a count of active neurons, C tasks; RECORD words of an edge;
// TWO after-spike currents or copies, EIGHT and FOUR rows of the tables of terms; IN is
// K N + 1.
//
// Included several times, so without a guard.

#ifndef FIXED
#define FIXED(...)
#endif
#ifndef STATE
#define STATE(...)
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

// Synapses: what is read together lies together in `edges` (Edge in gpu.cu).
FIXED(int, cell_type, N)
FIXED(Edge, edges, E, RECORD)
FIXED(int, source, E)
FIXED(int, delay_steps, E)
FIXED(int, in_start, IN)
FIXED(float, pair_w_ref, P)
FIXED(float, pair_gain_pA, P)

// Rules (LaneRules); `rows_in_use` has a bit for each row that 32 lanes need.
FIXED(float, edge_base, EIGHT, M, M, L)
FIXED(float, edge_reward, EIGHT, M, M, L)
FIXED(float, post_base, FOUR, M, L)
FIXED(float, post_reward, FOUR, M, L)
FIXED(float, reward_alone, L)
FIXED(float, trace_keep, M, L)
FIXED(float, reward_keep, M, L)
FIXED(unsigned, rows_in_use, W)

// Steps done before the call, input, how often a neuron is among the readout.
FIXED(int, step)
FIXED(float, current_pA, T, N, C)
FIXED(float, in_readout, N)

// State; traces and rewards twice, of even and of odd steps of the call.
STATE(float, voltage_mV, N, L)
STATE(float, asc_pA, TWO, N, L)
STATE(float, y1, K, N, L)
STATE(float, y2, K, N, L)
STATE(int, refractory, N, L)
STATE(float, weights, E, L)
STATE(float, trace_even, N, L)
STATE(float, trace_odd, N, L)
STATE(float, reward_even, M, L)
STATE(float, reward_odd, M, L)
STATE(unsigned, spikes, H, N, W)

// What happened, zero before the call.
STATE(float, spike_counts, N, L)
STATE(float, readout_by_step, T, L)
STATE(float, active_by_step, A, L)

// clang-format on

#undef FIXED
#undef STATE
