// Membranes and synaptic currents of one tile. Part of cpu.cpp.
#pragma once

#include <cstring>

#include "cpu_job.h"
#include "cpu_lanes.h"
#include "cpu_spikes.h"
#include "cpu_vectors.h"
#include "cpu_wiring.h"

namespace evoplast {

class Neurons {
 public:
  Neurons(const Job& job, LaneRange range)
      : job_(job), range_(range), wiring_(*job.wiring), cells_(job.n * cell_rows(job.slots)),
        of_task_(job.tasks) {
    const auto load = [&](Vec* row, const void* array, void*, size_t at) {
      range_.load_row(row, array, at);
    };
    for_rows(load);
    std::fill(of_task_.data, of_task_.data + job.tasks, Vec{});
    for (int k = 0; k < kLanes; ++k) of_task_[(range.first + k) % job.tasks][k] = 1.0f;
  }

  void store() {
    const auto store = [&](Vec* row, const void*, void* array, size_t at) {
      range_.store_row(array, row, at);
    };
    for_rows(store);
  }

  // Where what arrives is added: a spike's strength times gain goes to its row of y1.
  Vec* rows() { return cells_.data; }

  // Moves every neuron through step t of the call, which is `step` of the state.
  void advance(int t, int step, Spikes& spikes) {
    switch (job_.slots) {
      case 1: return advance<1>(t, step, spikes);
      case 2: return advance<2>(t, step, spikes);
      default: return advance<kAnyNumber>(t, step, spikes);
    }
  }

 private:
  static constexpr int kAnyNumber = 0;

  // Calls with each row of each neuron and where it is in the arrays of the job.
  template <typename Copy>
  void for_rows(Copy copy) {
    const Job::Before& in = job_.in;
    const Job::After& out = job_.out;
    const size_t n = job_.n;
    for (size_t i = 0; i < n; ++i) {
      Vec* cell = &cells_[i * cell_rows(job_.slots)];
      copy(&cell[kVoltage], in.voltage_mV, out.voltage_mV, i);
      copy(&cell[kRefractory], in.refractory, out.refractory, i);
      for (size_t k = 0; k < 2; ++k) copy(&cell[kAsc + k], in.asc_pA, out.asc_pA, k * n + i);
      for (size_t k = 0; k < size_t(job_.slots); ++k) {
        copy(&cell[kSynapses + 2 * k], in.y1, out.y1, k * n + i);
        copy(&cell[kSynapses + 2 * k + 1], in.y2, out.y2, k * n + i);
      }
    }
  }

  template <int kSlots>
  void advance(int t, int step, Spikes& spikes) {
    const int tasks = job_.tasks;
    const float* current = job_.net.current_pA + size_t(t) * job_.n * tasks;
    Mask* masks = spikes.masks(step);
    std::vector<int>& spikers = spikes.spikers(step);
    spikers.clear();
    for (int i = 0; i < job_.n; ++i) {
      Vec external = current[i * tasks] * of_task_[0];
      for (int k = 1; k < tasks; ++k) external += current[i * tasks + k] * of_task_[k];
      masks[i] = membrane<kSlots>(i, external);
      if (masks[i]) spikers.push_back(i);
    }
  }

  // Moves a neuron and its synapses on by one step; returns the lanes that spike.
  // Sums go from left to right and nothing is fused (build.py): the bits of a lane must
  // not depend on the compiler's idea of the code around it.
  template <int kSlots>
  Mask membrane(int i, Vec external) {
    const int slots = kSlots == kAnyNumber ? job_.slots : kSlots;
    Vec* cell = &cells_[size_t(i) * cell_rows(slots)];
    const Coefficients& p = wiring_.cells[i];
    Vec synaptic{};
    for (int k = 0; k < slots; ++k) {
      const SlotCoefficients& q = wiring_.slots[size_t(i) * slots + k];
      Vec* y = cell + kSynapses + 2 * k;
      const Vec y1 = y[0], y2 = y[1];
      synaptic += q.P31 * y1 + q.P32 * y2;
      y[0] = q.P11 * y1;
      y[1] = q.P21 * y1 + q.P22 * y2;
    }
    const Vec current = external + p.asc_stable[0] * cell[kAsc] + p.asc_stable[1] * cell[kAsc + 1];
    const Vec free = p.P33 * cell[kVoltage] + p.P30 * current + synaptic;
    Ints steps;
    std::memcpy(&steps, &cell[kRefractory], sizeof(Ints));
    const Ints waiting = steps > 0;
    const Ints fires = (free > splat(p.threshold)) & ~waiting;
    cell[kVoltage] = waiting ? cell[kVoltage] : free;
    for (int k = 0; k < 2; ++k)
      cell[kAsc + k] = waiting ? cell[kAsc + k] : p.asc_decay[k] * cell[kAsc + k];
    const Ints left = waiting ? steps - 1 : Ints{};
    std::memcpy(&cell[kRefractory], &left, sizeof(Ints));
    const Mask spikes = mask_of(fires ? splat(1.0f) : Vec{});
    if (spikes) fire(cell, p, fires, left);
    return spikes;
  }

  static void fire(Vec* cell, const Coefficients& p, Ints fires, Ints left) {
    cell[kVoltage] = fires ? splat(p.reset) : cell[kVoltage];
    for (int k = 0; k < 2; ++k) {
      const Vec jumped = p.asc_amp[k] + p.asc_jump_decay[k] * cell[kAsc + k];
      cell[kAsc + k] = fires ? jumped : cell[kAsc + k];
    }
    const Ints next = fires ? Ints{} + p.refractory_steps : left;
    std::memcpy(&cell[kRefractory], &next, sizeof(Ints));
  }

  const Job& job_;
  LaneRange range_;
  const Wiring& wiring_;
  Vectors cells_;    // (N, rows of a cell)
  Vectors of_task_;  // (C), 1 in the lanes of a task
};

}  // namespace evoplast
