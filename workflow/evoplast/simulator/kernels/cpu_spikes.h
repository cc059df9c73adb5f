// Who spiked lately, and what is counted of it. Part of cpu.cpp.
#pragma once

#include <algorithm>
#include <vector>

#include "cpu_job.h"
#include "cpu_lanes.h"
#include "cpu_vectors.h"

namespace evoplast {

// The spikes of the last D steps: a mask of lanes for every neuron, and the neurons whose
// mask is not zero. Spikes are sparse: whoever asks for a step's spikes reads the list.
class Spikes {
 public:
  Spikes(const Job& job, LaneRange range)
      : job_(job), range_(range), masks_(size_t(job.delays) * job.n), spikers_(job.delays) {
    for (size_t r = 0; r < masks_.size(); ++r) {
      Vec spike;
      range_.load_row(&spike, job_.in.history, r);
      masks_[r] = mask_of(spike);
      if (masks_[r]) spikers_[r / job_.n].push_back(r % job_.n);
    }
  }

  void store() const {
    for (size_t r = 0; r < masks_.size(); ++r) {
      const Vec spike = ones(masks_[r]);
      range_.store_row(job_.out.history, &spike, r);
    }
  }

  // Of a step at most D - 1 before the present one.
  Mask* masks(int step) { return &masks_[size_t(slot(step)) * job_.n]; }
  const Mask* masks(int step) const { return &masks_[size_t(slot(step)) * job_.n]; }
  std::vector<int>& spikers(int step) { return spikers_[slot(step)]; }
  const std::vector<int>& spikers(int step) const { return spikers_[slot(step)]; }

 private:
  int slot(int step) const { return step & (job_.delays - 1); }

  const Job& job_;
  LaneRange range_;
  std::vector<Mask> masks_;                // (D, N)
  std::vector<std::vector<int>> spikers_;  // (D)
};

// Counts of spikes by neuron, of the readout by step, of synchronous bins.
class Observer {
 public:
  Observer(const Job& job, LaneRange range) : job_(job), range_(range), counts_(job.n) {
    std::fill(counts_.data, counts_.data + job.n, Vec{});
  }

  // Step t of the call, which is `step` of the state.
  void observe(int t, int step, const Spikes& spikes) {
    const Mask* masks = spikes.masks(step);
    for (int i : spikes.spikers(step)) counts_[i] += ones(masks[i]);
    if (job_.measure_synchrony && (step & 1)) count_synchrony(step, spikes);
    Vec read{};
    for (int r = 0; r < job_.n_readout; ++r)
      if (const Mask mask = masks[job_.net.readout[r]]) read += ones(mask);
    range_.store_row(job_.out.readout_by_step, &read, t);
  }

  void store() const {
    range_.store(job_.out.spike_counts, counts_.data, job_.n);
    range_.store(job_.out.synchronous_bins, &synchronous_, 1);
  }

 private:
  // A bin of two steps, which ends at an odd one, in which many neurons spike.
  void count_synchrony(int step, const Spikes& spikes) {
    const Mask *now = spikes.masks(step), *last = spikes.masks(step - 1);
    Vec active{};
    for (int i : spikes.spikers(step)) active += ones(now[i] | last[i]);
    for (int i : spikes.spikers(step - 1))
      if (!now[i]) active += ones(last[i]);
    synchronous_ += active > splat(job_.synchrony_fraction * job_.n) ? splat(1.0f) : Vec{};
  }

  const Job& job_;
  LaneRange range_;
  Vectors counts_;  // (N)
  Vec synchronous_{};
};

}  // namespace evoplast
