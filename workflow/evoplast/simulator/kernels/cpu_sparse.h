// Synapses that only spikes touch: frozen ones, and those of rules whose terms all need a
// spike. Strengths lie by source, then delay, in the order in which spikes are delivered.
// Part of cpu.cpp.
#pragma once

#include "cpu_job.h"
#include "cpu_lanes.h"
#include "cpu_spikes.h"
#include "cpu_terms.h"
#include "cpu_update.h"
#include "cpu_vectors.h"
#include "cpu_wiring.h"

namespace evoplast {

// The strengths of a tile by source, and what spikes of earlier steps bring now.
class StrengthsBySource {
 public:
  StrengthsBySource(const Job& job, LaneRange range)
      : job_(job), range_(range), wiring_(*job.wiring), weights_(job.edges) {
    for (int e = 0; e < job.real_edges(); ++e)
      range_.load_row(&weights_[wiring_.place[e]], job.in.weights, e);
  }

  void store() const {
    for (int e = 0; e < job_.real_edges(); ++e)
      range_.store_row(job_.out.weights, &weights_[wiring_.place[e]], e);
    const Vec padding{};
    for (int e = job_.real_edges(); e < job_.edges; ++e)
      range_.store_row(job_.out.weights, &padding, e);
  }

  Vec& operator[](int place) { return weights_[place]; }

  // Arrivals are added one by one, by delay, source and target in this order.
  void transmit(int step, const Spikes& spikes, Vec* rows) const {
    const Wiring::Outgoing* out = wiring_.outgoing.data;
    for (int d = 1; d < wiring_.longest; ++d)
      for (int j : spikes.spikers(step - d)) {
        const Wiring::Run run = wiring_.runs[size_t(j) * job_.delays + d];
        const Vec spike = ones(spikes.masks(step - d)[j]);
        for (int o = run.first; o < run.last; ++o)
          rows[out[o].y1] += weights_[o] * out[o].gain * spike;
      }
  }

 private:
  const Job& job_;
  LaneRange range_;
  const Wiring& wiring_;
  Vectors weights_;
};

// Synapses that do not change.
class FrozenSynapses {
 public:
  FrozenSynapses(const Job& job, LaneRange range, const Terms&)
      : job_(job), range_(range), weights_(job, range) {}

  void transmit(int step, const Spikes& spikes, Vec* rows) const {
    weights_.transmit(step, spikes, rows);
  }
  void learn(int, const Spikes&) {}

  void store() const {  // XLA may have given the same memory for in and out
    copy(job_.in.weights, job_.out.weights, job_.edges);
    copy(job_.in.trace, job_.out.trace, job_.n);
    copy(job_.in.reward, job_.out.reward, job_.types);
  }

 private:
  void copy(const float* from, float* to, size_t rows) const {
    if (from == to) return;
    Vec row;
    for (size_t r = 0; r < rows; ++r) {
      range_.load_row(&row, from, r);
      range_.store_row(to, &row, r);
    }
  }

  const Job& job_;
  LaneRange range_;
  StrengthsBySource weights_;
};

// Synapses that change when the source or the target spikes.
class SpikeDrivenSynapses {
 public:
  SpikeDrivenSynapses(const Job& job, LaneRange range, const Terms& terms)
      : job_(job), wiring_(*job.wiring), terms_(terms), update_(job, range, terms),
        weights_(job, range) {}

  void transmit(int step, const Spikes& spikes, Vec* rows) const {
    weights_.transmit(step, spikes, rows);
  }

  void learn(int step, const Spikes& spikes) {
    update_.begin(step, 0, spikes);
    if (terms_.on_spike)
      for (int j : spikes.spikers(step)) learn_source(j);
    if (terms_.on_post_spike)
      for (int i : spikes.spikers(step)) learn_from_silent(i);
    update_.end(step, 0, spikes);
  }

  void store() const {
    weights_.store();
    update_.store();
  }

 private:
  // Every synapse of a source that spikes, whether or not the target spikes, too.
  void learn_source(int j) {
    const Vec x = update_.trace(j, 0), spike = ones(update_.mask(j, 0));
    const Wiring::Outgoing* out = wiring_.outgoing.data;
    const Wiring::Run* runs = &wiring_.runs[size_t(j) * job_.delays];
    for (int o = runs[0].first; o < runs[job_.delays - 1].last; ++o) {
      const int i = out[o].target, pair = out[o].pair;
      Vec change{};
      if (update_.mask(i, 0)) change = after_post_spike(i, pair, out[o].w_ref, x);
      change += spike * update_.on_spike(pair, i, 0, x);
      weights_[o] = changed(weights_[o], change, job_.max_relative_change, out[o].w_max);
    }
  }

  // Synapses onto a target that spikes, except those that learn_source has done.
  void learn_from_silent(int i) {
    for (int k = 0; k < job_.slots; ++k)
      for (int e = job_.net.in_start[k * job_.n + i]; e < job_.net.in_start[k * job_.n + i + 1];
           ++e) {
        const Wiring::Incoming& in = wiring_.incoming[e];
        if (terms_.on_spike && update_.mask(in.source, 0)) continue;
        const int pair = job_.net.cell_type[i] * job_.types + in.type;
        Vec& w = weights_[wiring_.place[e]];
        const Vec x = update_.trace(in.source, 0);
        w = changed(w, after_post_spike(i, pair, wiring_.w_ref[pair], x), job_.max_relative_change,
                    in.w_max);
      }
  }

  Vec after_post_spike(int i, int pair, float w_ref, Vec x_pre) {
    return w_ref * update_.post_side(i, 0) + x_pre * update_.slope(Vec{}, Vec{}, pair, i, 0);
  }

  const Job& job_;
  const Wiring& wiring_;
  const Terms& terms_;
  Update<1> update_;
  StrengthsBySource weights_;
};

}  // namespace evoplast
