// What a call works on: the network as XLA hands it over and as the tiles read it, the
// rules, the state before and after. Part of cpu.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cpu_vectors.h"

namespace evoplast {

// Rows of the edge tables and the post tables, as in lane_rules.py.
enum EdgeRow { kSpre, kSpreSpost, kSpreXpost, kXpre, kSpostXpre, kXpreXpost, kSpreXpre, kXpre2 };
enum PostRow { kSpost, kXpost, kSpostXpost, kXpost2 };
constexpr int kEdgeRows = 8, kPostRows = 4;

struct Network {
  int n, edges, types, slots, delays;  // delays: length of the spike history
  const float *P11, *P21, *P22, *P31, *P32, *psc;               // (K, N)
  const float *asc_stable, *asc_decay, *asc_jump_decay, *asc_amp;  // (2, N)
  const float *P33, *P30, *threshold, *reset;                   // (N)
  const int *refractory_steps, *type;                           // (N)
  const int *source, *target, *segment, *type_pair;             // (E)
  const float *signed_gain, *w_ref, *w_max;                     // (E)
  const int *out_edge, *out_start;  // (E), (D * N + 1): edges by delay, then source
  const int* in_start;              // (K * N + 1)
};

// A tile's neuron in memory: potential, two after-spike currents, refractory steps,
// then y1 and y2 of every slot.
enum CellRow { kVoltage, kAsc, kRefractory = 3, kSynapses };
inline size_t cell_rows(const Network& p) { return kSynapses + 2 * p.slots; }

// The coefficients of a neuron, side by side.
struct Coefficients {
  float P33, P30, threshold, reset, asc_stable[2], asc_decay[2], asc_jump_decay[2], asc_amp[2];
  int refractory_steps;

  Coefficients(const Network& p, int i)
      : P33(p.P33[i]), P30(p.P30[i]), threshold(p.threshold[i]), reset(p.reset[i]),
        refractory_steps(p.refractory_steps[i]) {
    for (int k = 0; k < 2; ++k) {
      asc_stable[k] = p.asc_stable[k * p.n + i];
      asc_decay[k] = p.asc_decay[k * p.n + i];
      asc_jump_decay[k] = p.asc_jump_decay[k * p.n + i];
      asc_amp[k] = p.asc_amp[k * p.n + i];
    }
  }
};

struct SlotCoefficients {
  float P31, P32, P21, P22, P11;
};

// The same synapses, real ones only, in both orders of strengths in memory.
struct Wiring {
  struct Incoming {  // by segment, in the order of the model
    int source, type;  // of the source
    float w_max;
  };
  struct Outgoing {  // by source, then delay
    int edge, target, y1, pair;  // y1: the row of the tile that takes the spike
    float gain, w_ref, w_max;    // gain: what a strength of 1 adds to y1
  };
  struct Run {
    int first, last;
  };

  explicit Wiring(const Network& p)
      : incoming(p.in_start[p.slots * p.n]), outgoing(incoming.bytes / sizeof(Incoming)),
        place(incoming.bytes / sizeof(Incoming)), runs(size_t(p.n) * p.delays),
        w_ref(size_t(p.types) * p.types), type_runs(p.n), longest(1) {
    for (int i = 0; i < p.n; ++i) {
      cells.emplace_back(p, i);
      for (int k = 0; k < p.slots; ++k) {
        const int s = k * p.n + i;
        slots.push_back({p.P31[s], p.P32[s], p.P21[s], p.P22[s], p.P11[s]});
      }
    }
    const int real = p.in_start[p.slots * p.n];
    std::fill(w_ref.begin(), w_ref.end(), 0.0f);
    for (int e = 0; e < real; ++e) {
      incoming[e] = {p.source[e], p.type_pair[e] % p.types, p.w_max[e]};
      w_ref[p.type_pair[e]] = p.w_ref[e];
    }
    list_outgoing(p);
    list_types(p, real);
  }

  std::vector<Coefficients> cells;      // (N)
  std::vector<SlotCoefficients> slots;  // (N, K)
  Array<Incoming> incoming;
  Array<Outgoing> outgoing;
  Array<int> place;              // of a synapse in `outgoing`
  Array<Run> runs;               // (N, D): where a source's synapses of a delay are
  std::vector<float> w_ref;      // (M * M), mean strength of each pair of types
  std::vector<Run> type_runs;    // (N), of each target in `types`
  std::vector<int> types;        // of its sources
  int longest;                   // delay + 1

 private:
  void list_outgoing(const Network& p) {
    int o = 0;
    for (int j = 0; j < p.n; ++j)
      for (int d = 0; d < p.delays; ++d) {
        const size_t from = size_t(d) * p.n + j;
        runs[size_t(j) * p.delays + d].first = o;
        for (int k = p.out_start[from]; k < p.out_start[from + 1]; ++k, ++o) {
          const int e = p.out_edge[k], i = p.target[e], slot = p.segment[e] / p.n;
          const int y1 = i * cell_rows(p) + kSynapses + 2 * slot;
          const float gain = p.signed_gain[e] * p.psc[p.segment[e]];
          outgoing[o] = {e, i, y1, p.type_pair[e], gain, p.w_ref[e], p.w_max[e]};
          place[e] = o;
          longest = std::max(longest, d + 1);
        }
        runs[size_t(j) * p.delays + d].last = o;
      }
  }

  void list_types(const Network& p, int real) {
    std::vector<uint8_t> present(size_t(p.n) * p.types, 0);
    for (int e = 0; e < real; ++e)
      present[size_t(p.target[e]) * p.types + p.type_pair[e] % p.types] = 1;
    for (int i = 0; i < p.n; ++i) {
      type_runs[i].first = types.size();
      for (int m = 0; m < p.types; ++m)
        if (present[size_t(i) * p.types + m]) types.push_back(m);
      type_runs[i].last = types.size();
    }
  }
};

struct Rules {  // lane axis last, `lanes` wide
  const float *edge_base, *edge_reward, *post_base, *post_reward, *alone, *trace_keep,
      *reward_keep;
};

struct State {
  const float *voltage, *asc, *y1, *y2, *history, *trace, *reward, *weights;
  const int *refractory, *step;
};

struct Result {
  float *voltage, *asc, *y1, *y2, *history, *trace, *reward, *weights;
  int* refractory;
  int* step;
  float *counts, *readout_by_step, *synchronous;
};

struct Job {
  Network net;
  const Wiring* wiring;
  Rules rules;
  State in;
  Result out;
  const float* current;  // (T, N, n_tasks)
  const int* readout;
  int steps, tasks, n_readout, lanes;
  int64_t cache_bytes;  // a core's share of the caches, about
  float max_relative_change, synchrony_fraction;
  bool plastic, measure_synchrony;
};

}  // namespace evoplast
