// Synapses that only spikes touch: frozen ones, and those of rules whose terms all need a
// spike. Strengths lie by source, then delay, in the order in which spikes are delivered.
// Part of cpu.cpp.
#pragma once

#include <algorithm>
#include <vector>

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
    const Wiring::Outgoing* out = wiring_.outgoing.data;
    const int last = job.real_edges();
    for (int o = 0; o < last; ++o) {
      if (o + kAhead < last) range_.prefetch_row(job.in.weights, out[o + kAhead].edge);
      range_.load_row(&weights_[o], job.in.weights, out[o].edge);
    }
  }

  void store() const {
    const int* place = wiring_.place.data;
    const int last = job_.real_edges();
    for (int e = 0; e < last; ++e) {
      if (e + kAhead < last) __builtin_prefetch(&weights_[place[e + kAhead]]);
      range_.store_row(job_.out.weights, &weights_[place[e]], e);
    }
    const Vec padding{};
    for (int e = last; e < job_.edges; ++e) range_.store_row(job_.out.weights, &padding, e);
  }

  Vec& operator[](int place) { return weights_[place]; }

  // Arrivals are added one by one, by delay, source and target in this order.
  void transmit(int step, const Spikes& spikes, Vec* rows) const {
    const Wiring::Outgoing* out = wiring_.outgoing.data;
    for (int d = 1; d < wiring_.longest; ++d) {
      const std::vector<int>& spikers = spikes.spikers(step - d);
      for (size_t k = 0; k < spikers.size(); ++k) {
        const int j = spikers[k];
        if (k + 1 < spikers.size()) prefetch(run_of(spikers[k + 1], d));
        const Wiring::Run run = run_of(j, d);
        const Vec spike = ones(spikes.masks(step - d)[j]);
        for (int o = run.first; o < run.last; ++o)
          rows[out[o].y1] += weights_[o] * out[o].gain * spike;
      }
    }
  }

 private:
  static constexpr int kAhead = 16;  // rows on their way while others are copied

  Wiring::Run run_of(int source, int delay) const {
    return wiring_.runs[size_t(source) * job_.delays + delay];
  }

  // The processor sees a run of strengths coming only after some of it.
  void prefetch(Wiring::Run run) const {
    for (int o = run.first; o < std::min(run.last, run.first + kAhead); ++o) {
      __builtin_prefetch(&weights_.data[o]);
      __builtin_prefetch(&wiring_.outgoing.data[o]);
    }
  }

  const Job& job_;
  LaneRange range_;
  const Wiring& wiring_;
  Vectors weights_;
};

// Synapses that do not change.
class FrozenSynapses {
 public:
  FrozenSynapses(const Job& job, LaneRange range)
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
//
// The sums are those of Update, with what the synapses of a spike share computed once.
class SpikeDrivenSynapses {
 public:
  SpikeDrivenSynapses(const Job& job, LaneRange range, const Terms& terms)
      : job_(job), wiring_(*job.wiring), terms_(terms), update_(job, range, terms),
        weights_(job, range), base_(job.types), slope_(job.types) {}

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
    const bool x_pre = terms_.edge_row[kSpreXpre], x_post = terms_.edge_row[kSpreXpost];
    if (x_pre)
      x_post ? learn_outgoing<true, true>(j) : learn_outgoing<true, false>(j);
    else
      x_post ? learn_outgoing<false, true>(j) : learn_outgoing<false, false>(j);
  }

  template <bool kXpre, bool kXpost>
  void learn_outgoing(int j) {
    const float cap = job_.max_relative_change;
    const Vec x = update_.trace(j, 0), spike = ones(update_.mask(j, 0));
    const Vec *spre = update_.coefficients(kSpre, 0),
              *with_post = update_.coefficients(kSpreSpost, 0),
              *with_x_post = update_.coefficients(kSpreXpost, 0),
              *with_x_pre = update_.coefficients(kSpreXpre, 0), *trace = &update_.trace(0, 0);
    const Wiring::Outgoing* out = wiring_.outgoing.data;
    const Wiring::Run* runs = &wiring_.runs[size_t(j) * job_.delays];
    const int last = runs[job_.delays - 1].last;
    for (int o = runs[0].first; o < last; ++o) {
      const int i = out[o].target, pair = out[o].pair;
      const Mask post = update_.mask(i, 0);
      Vec sum = spre[pair];
      if (__builtin_expect(post != 0, 0)) sum += with_post[pair] * ones(post);
      if (kXpost) sum += with_x_post[pair] * trace[i];
      if (kXpre) sum += with_x_pre[pair] * x;
      Vec change = spike * sum;
      if (__builtin_expect(post != 0, 0))
        change = after_post_spike(i, pair, out[o].w_ref, x) + change;
      weights_[o] = changed(weights_[o], change, cap, out[o].w_max);
    }
  }

  Vec after_post_spike(int i, int pair, float w_ref, Vec x_pre) {
    return w_ref * update_.post_side(i, 0) + x_pre * update_.slope(Vec{}, Vec{}, pair, i, 0);
  }

  // Synapses onto a target that spikes, except those that learn_source has done.
  void learn_from_silent(int i) {
    const int first_pair = job_.net.cell_type[i] * job_.types;
    const Wiring::Run run = wiring_.type_runs[i];
    const Vec post = update_.post_side(i, 0);
    for (int k = run.first; k < run.last; ++k) {
      const int m = wiring_.types[k], pair = first_pair + m;
      base_[m] = wiring_.w_ref[pair] * post;
      slope_[m] = update_.slope(Vec{}, Vec{}, pair, i, 0);
    }
    for (int k = 0; k < job_.slots; ++k)
      learn_incoming(job_.net.in_start[k * job_.n + i], job_.net.in_start[k * job_.n + i + 1]);
  }

  void learn_incoming(int first, int last) {
    constexpr int kAhead = 12;  // strengths by source are scattered for a target
    const float cap = job_.max_relative_change;
    const bool done_if_spiking = terms_.on_spike;
    const Vec* trace = &update_.trace(0, 0);
    const Wiring::Incoming* incoming = wiring_.incoming.data;
    const int* place = wiring_.place.data;
    for (int e = first; e < std::min(last, first + kAhead); ++e)
      __builtin_prefetch(&weights_[place[e]], 1);
    for (int e = first; e < last; ++e) {
      if (e + kAhead < last) __builtin_prefetch(&weights_[place[e + kAhead]], 1);
      const Wiring::Incoming& in = incoming[e];
      if (done_if_spiking && update_.spiked(in.source)) continue;
      Vec& w = weights_[place[e]];
      const Vec change = base_[in.type] + trace[in.source] * slope_[in.type];
      w = changed(w, change, cap, in.w_max);
    }
  }

  const Job& job_;
  const Wiring& wiring_;
  const Terms& terms_;
  Update<1> update_;
  StrengthsBySource weights_;
  Vectors base_, slope_;  // (M), what a target's synapses of a type share
};

}  // namespace evoplast
