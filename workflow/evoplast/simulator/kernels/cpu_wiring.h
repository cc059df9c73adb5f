// The network as the tiles read it: what a neuron or a synapse needs lies side by side.
// Made once in a call, shared by all tiles. Part of cpu.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cpu_job.h"
#include "cpu_vectors.h"

namespace evoplast {

// A tile's neuron in memory: potential, two after-spike currents, refractory steps,
// then y1 and y2 of every slot.
enum CellRow { kVoltage, kAsc, kRefractory = 3, kSynapses };
inline size_t cell_rows(int slots) { return kSynapses + 2 * slots; }

// The coefficients of a neuron.
struct Coefficients {
  float P33, P30, threshold, reset, asc_stable[2], asc_decay[2], asc_jump_decay[2], asc_amp[2];
  int refractory_steps;

  Coefficients(const Job& job, int i)
      : P33(job.net.P33[i]), P30(job.net.P30[i]), threshold(job.net.threshold_mV[i]),
        reset(job.net.reset_mV[i]), refractory_steps(job.net.refractory_steps[i]) {
    for (int k = 0; k < 2; ++k) {
      asc_stable[k] = job.net.asc_stable[k * job.n + i];
      asc_decay[k] = job.net.asc_decay[k * job.n + i];
      asc_jump_decay[k] = job.net.asc_refractory_decay[k * job.n + i];
      asc_amp[k] = job.net.asc_amp_pA[k * job.n + i];
    }
  }
};

struct SlotCoefficients {
  float P31, P32, P21, P22, P11;
};

// The same synapses, real ones only, in both orders of strengths in memory.
struct Wiring {
  struct Incoming {    // by segment, in the order of the model
    int source, type;  // of the source
    float w_max;
  };
  struct Outgoing {              // by source, then delay
    int edge, target, y1, pair;  // y1: the row of the tile that takes the spike
    float gain, w_ref, w_max;    // gain: what a strength of 1 adds to y1
  };
  struct Run {
    int first, last;
  };

  explicit Wiring(const Job& job)
      : incoming(job.real_edges()), outgoing(job.real_edges()), place(job.real_edges()),
        runs(size_t(job.n) * job.delays), w_ref(job.pairs(), 0.0f), type_runs(job.n), longest(1) {
    list_cells(job);
    list_outgoing(job);
    if (!job.plastic) return;  // nobody asks for the rest
    list_incoming(job);
    list_types(job);
  }

  std::vector<Coefficients> cells;      // (N)
  std::vector<SlotCoefficients> slots;  // (N, K)
  Array<Incoming> incoming;
  Array<Outgoing> outgoing;
  Array<int> place;            // of a synapse in `outgoing`
  Array<Run> runs;             // (N, D): where a source's synapses of a delay are
  std::vector<float> w_ref;    // (M * M), mean strength of each pair of types
  std::vector<Run> type_runs;  // (N), of each target in `types`
  std::vector<int> types;      // of its sources
  int longest;                 // delay + 1

 private:
  void list_cells(const Job& job) {
    for (int i = 0; i < job.n; ++i) {
      cells.emplace_back(job, i);
      for (int k = 0; k < job.slots; ++k) {
        const int s = k * job.n + i;
        slots.push_back(
            {job.net.P31[s], job.net.P32[s], job.net.P21[s], job.net.P22[s], job.net.P11[s]});
      }
    }
  }

  void list_incoming(const Job& job) {
    for (int e = 0; e < job.real_edges(); ++e) {
      const int source = job.net.source[e];
      incoming[e] = {source, job.net.cell_type[source], job.net.w_max[e]};
      w_ref[job.net.type_pair[e]] = job.net.w_ref[e];
    }
  }

  void list_outgoing(const Job& job) {
    int o = 0;
    for (int j = 0; j < job.n; ++j)
      for (int d = 0; d < job.delays; ++d) {
        const size_t from = size_t(d) * job.n + j;
        runs[size_t(j) * job.delays + d].first = o;
        for (int k = job.net.out_start[from]; k < job.net.out_start[from + 1]; ++k, ++o) {
          outgoing[o] = outgoing_of(job, job.net.out_edge[k]);
          place[job.net.out_edge[k]] = o;
          longest = std::max(longest, d + 1);
        }
        runs[size_t(j) * job.delays + d].last = o;
      }
  }

  static Outgoing outgoing_of(const Job& job, int e) {
    const int i = job.net.target[e];
    int slot = 0;  // a division would cost more than all the rest
    while (job.net.in_start[(slot + 1) * job.n] <= e) ++slot;
    const int y1 = i * cell_rows(job.slots) + kSynapses + 2 * slot;
    const float gain = job.net.signed_gain_pA[e] * job.net.psc_initial[job.net.segment[e]];
    if (!job.plastic) return {e, i, y1, 0, gain, 0.0f, 0.0f};
    return {e, i, y1, job.net.type_pair[e], gain, job.net.w_ref[e], job.net.w_max[e]};
  }

  void list_types(const Job& job) {
    std::vector<uint8_t> present(size_t(job.n) * job.types, 0);
    for (int e = 0; e < job.real_edges(); ++e)
      present[size_t(job.net.target[e]) * job.types + incoming[e].type] = 1;
    for (int i = 0; i < job.n; ++i) {
      type_runs[i].first = types.size();
      for (int m = 0; m < job.types; ++m)
        if (present[size_t(i) * job.types + m]) types.push_back(m);
      type_runs[i].last = types.size();
    }
  }
};

}  // namespace evoplast
