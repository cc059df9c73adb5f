// Synapses that change in every step, spikes or not. Strengths lie by target, in the
// order of the model. Part of cpu.cpp.
#pragma once

#include "cpu_job.h"
#include "cpu_lanes.h"
#include "cpu_spikes.h"
#include "cpu_terms.h"
#include "cpu_update.h"
#include "cpu_vectors.h"
#include "cpu_wiring.h"

namespace evoplast {

// The strengths of a tile by target, and what spikes of earlier steps bring now.
class StrengthsByTarget {
 public:
  StrengthsByTarget(const Job& job, LaneRange range)
      : job_(job), range_(range), wiring_(*job.wiring), weights_(job.edges) {
    range_.load(weights_.data, job.in.weights, job.edges);
  }

  void store() const { range_.store(job_.out.weights, weights_.data, job_.edges); }

  Vec* begin() { return weights_.data; }

  // Arrivals are added one by one, by delay, source and target in this order. `prepare`
  // is called with each synapse before its strength is used.
  template <typename Prepare>
  void transmit(int step, const Spikes& spikes, Vec* rows, Prepare prepare) {
    constexpr int kAhead = 6;  // the strengths of a source are scattered in memory
    const Wiring::Outgoing* out = wiring_.outgoing.data;
    for (int d = 1; d < wiring_.longest; ++d)
      for (int j : spikes.spikers(step - d)) {
        const Wiring::Run run = wiring_.runs[size_t(j) * job_.delays + d];
        const Vec spike = ones(spikes.masks(step - d)[j]);
        for (int o = run.first; o < run.last; ++o) {
          if (o + kAhead < run.last) __builtin_prefetch(&weights_[out[o + kAhead].edge]);
          prepare(out[o], j);
          rows[out[o].y1] += weights_[out[o].edge] * out[o].gain * spike;
        }
      }
  }

 private:
  const Job& job_;
  LaneRange range_;
  const Wiring& wiring_;
  Vectors weights_;
};

// Every synapse in every step: for strengths that stay in the cache.
class DenseSynapses {
 public:
  DenseSynapses(const Job& job, LaneRange range, const Terms& terms)
      : job_(job), wiring_(*job.wiring), terms_(terms), update_(job, range, terms),
        weights_(job, range) {}

  void transmit(int step, const Spikes& spikes, Vec* rows) {
    weights_.transmit(step, spikes, rows, [](const Wiring::Outgoing&, int) {});
  }

  void learn(int step, const Spikes& spikes) {
    update_.begin(step, 0, spikes);
    for (int i = 0; i < job_.n; ++i) {
      const bool on_post_spike = update_.mask(i, 0) && terms_.edge_row[kSpostXpre];
      on_post_spike ? learn_target<true>(i) : learn_target<false>(i);
    }
    update_.end(step, 0, spikes);
  }

  void store() const {
    weights_.store();
    update_.store();
  }

 private:
  template <bool kOnPostSpike>
  void learn_target(int i) {
    if (terms_.edge_row[kXpre2])
      terms_.on_spike ? learn_edges<kOnPostSpike, true, true>(i)
                      : learn_edges<kOnPostSpike, true, false>(i);
    else
      terms_.on_spike ? learn_edges<kOnPostSpike, false, true>(i)
                      : learn_edges<kOnPostSpike, false, false>(i);
  }

  template <bool kOnPostSpike, bool kCurved, bool kOnSpike>
  void learn_edges(int i) {
    const float cap = job_.max_relative_change;
    const int first_pair = job_.net.cell_type[i] * job_.types;
    const Vec post = update_.post_side(i, 0), x_post = update_.trace(i, 0);
    const Vec *trace = &update_.trace(0, 0), *linear = update_.coefficients(kXpre, first_pair),
              *with_post = update_.coefficients(kXpreXpost, first_pair),
              *square = update_.coefficients(kXpre2, first_pair);
    const float* w_ref = &wiring_.w_ref[first_pair];
    Vec* weights = weights_.begin();
    for (int k = 0; k < job_.slots; ++k) {
      const int last = job_.net.in_start[k * job_.n + i + 1];
      for (int e = job_.net.in_start[k * job_.n + i]; e < last; ++e) {
        const Wiring::Incoming& in = wiring_.incoming.data[e];
        const int m = in.type;
        const Vec x = trace[in.source];
        // As Update::slope, with its coefficients kept in registers.
        Vec on_trace = kOnPostSpike ? update_.slope(linear[m], with_post[m], first_pair + m, i, 0)
                                    : linear[m] + with_post[m] * x_post;
        if (kCurved) on_trace += square[m] * x;
        Vec change = w_ref[m] * post + x * on_trace;
        if (kOnSpike && __builtin_expect(update_.spiked(in.source), 0))
          change += ones(update_.mask(in.source, 0)) * update_.on_spike(first_pair + m, i, 0, x);
        weights[e] = changed(weights[e], change, cap, in.w_max);
      }
    }
  }

  const Job& job_;
  const Wiring& wiring_;
  const Terms& terms_;
  Update<1> update_;
  StrengthsByTarget weights_;
};

}  // namespace evoplast
