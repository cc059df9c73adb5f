// The lanes of one tile through all steps of a call. Part of cpu.cpp.
//
// The order of events in a step is that of contract.py: membranes and spikes, arrivals,
// plasticity. Four kinds of synapses, one for each way in which strengths may change;
// which a tile gets depends on what its own rules use.
#pragma once

#include "cpu_blocks.h"
#include "cpu_dense.h"
#include "cpu_extra.h"
#include "cpu_job.h"
#include "cpu_lanes.h"
#include "cpu_neurons.h"
#include "cpu_sparse.h"
#include "cpu_spikes.h"
#include "cpu_terms.h"

namespace evoplast {

template <typename Synapses, typename... Rules>
void run_tile_with(const Job& job, LaneRange range, const Rules&... rules) {
  Spikes spikes(job, range);
  Observer observer(job, range);
  Neurons neurons(job, range);
  Synapses synapses(job, range, rules...);
  const int first = *job.in.step;
  for (int t = 0; t < job.steps; ++t) {
    const int step = first + t;
    neurons.advance(t, step, spikes);
    observer.observe(t, step, spikes);
    synapses.transmit(step, spikes, neurons.rows());
    synapses.learn(step, spikes);
  }
  spikes.store();
  observer.store();
  neurons.store();
  synapses.store();
}

inline void run_tile(const Job& job, int first_lane) {
  const LaneRange range(job, first_lane);
  if (!job.plastic) return run_tile_with<FrozenSynapses>(job, range);
  const Terms terms(job, range);
  if (job.extras) return run_tile_with<ExtraSynapses>(job, range, terms);
  const bool cached = sizeof(Vec) * job.edges <= size_t(job.cache_bytes);
  if (!terms.always) return run_tile_with<SpikeDrivenSynapses>(job, range, terms);
  if (cached) return run_tile_with<DenseSynapses>(job, range, terms);
  run_tile_with<BlockSynapses>(job, range, terms);
}

}  // namespace evoplast
