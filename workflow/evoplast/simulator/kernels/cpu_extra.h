// Synapses of rules with extra terms: every synapse in every step, the 25 terms as in
// cpu_blocks.h, then the products of the extra ones. Which way is taken depends on the run
// alone, so no lane's bits depend on its neighbours. Part of cpu.cpp.
#pragma once

#include <algorithm>
#include <vector>

#include "cpu_dense.h"
#include "cpu_neurons.h"

namespace evoplast {

class ExtraSynapses {
 public:
  ExtraSynapses(const Job& job, LaneRange range, const Terms& terms)
      : job_(job), range_(range), wiring_(*job.wiring), terms_(terms), update_(job, range, terms),
        weights_(job, range), table_(job.extras * job.pairs()),
        slow_(size_t(job.slow_traces) * job.n), voltage_(job.n) {
    range_.load(table_.data, job.net.extra, job.extras * job.pairs());
    range_.load(slow_.data, job.in.slow, size_t(job.slow_traces) * job.n);
    for (int t = 0; t < job.extras; ++t)
      for (int s = 0; s < kSignals; ++s)
        for (int k = 0; k < job.net.extra_powers[t * kSignals + s]; ++k) factors_.push_back({t, s});
  }

  void transmit(int step, const Spikes& spikes, Vec* rows) {
    for (int i = 0; i < job_.n; ++i)  // after this step's spikes and resets
      voltage_[i] = rows[size_t(i) * cell_rows(job_.slots) + kVoltage] / job_.net.threshold_mV[i];
    weights_.transmit(step, spikes, rows, [](const Wiring::Outgoing&, int) {});
  }

  void learn(int step, const Spikes& spikes) {
    update_.begin(step, 0, spikes);
    for (int i = 0; i < job_.n; ++i) learn_target(i);
    update_.end(step, 0, spikes);
    for (size_t i = 0; job_.slow_traces && i < size_t(job_.n); ++i)
      slow_[i] = slow_[i] * *job_.net.slow_keep + ones(spikes.masks(step)[i]);
  }

  void store() const {
    weights_.store();
    update_.store();
    range_.store(job_.out.slow, slow_.data, size_t(job_.slow_traces) * job_.n);
  }

 private:
  struct Factor {
    int term, signal;
  };

  Vec slow(int i) const { return job_.slow_traces ? slow_[i] : Vec{}; }

  void learn_target(int i) {
    const int type = job_.net.cell_type[i];
    const Vec post = update_.post_side(i, 0);
    Vec signals[kSignals];
    signals[kSigSpost] = ones(update_.mask(i, 0));
    signals[kSigXpost] = update_.trace(i, 0);
    signals[kSigR] = update_.reward(type, 0);
    signals[kSigV] = voltage_[i];
    signals[kSigBpost] = slow(i);
    for (int k = 0; k < job_.slots; ++k) {
      const int last = job_.net.in_start[k * job_.n + i + 1];
      for (int e = job_.net.in_start[k * job_.n + i]; e < last; ++e)
        learn_edge(e, i, type * job_.types + wiring_.incoming.data[e].type, post, signals);
    }
  }

  void learn_edge(int e, int i, int pair, Vec post, Vec* signals) {
    const Wiring::Incoming& in = wiring_.incoming.data[e];
    const Vec x = update_.trace(in.source, 0);
    const float w_ref = wiring_.w_ref[pair];
    Vec& w = weights_.begin()[e];
    Vec on_trace = update_.slope(update_.coefficient(kXpre, pair, 0),
                                 update_.coefficient(kXpreXpost, pair, 0), pair, i, 0);
    if (terms_.edge_row[kXpre2]) on_trace += update_.coefficient(kXpre2, pair, 0) * x;
    Vec change = w_ref * post + x * on_trace;
    const Mask spiked = update_.mask(in.source, 0);
    if (terms_.on_spike && spiked) change += ones(spiked) * update_.on_spike(pair, i, 0, x);
    signals[kSigSpre] = ones(spiked);
    signals[kSigXpre] = x;
    signals[kSigBpre] = slow(in.source);
    signals[kSigW] = w_ref > 0 ? w / w_ref : Vec{};
    change += w_ref * extra(pair, signals);
    w = changed(w, change, job_.max_relative_change, in.w_max);
  }

  // The factors of a term follow one another; every term has at least one.
  Vec extra(int pair, const Vec* signals) const {
    Vec sum{}, product{};
    int term = -1;
    for (const Factor& factor : factors_) {
      if (factor.term != term) {
        sum += product;
        product = table_[size_t(term = factor.term) * job_.pairs() + pair];
      }
      product *= signals[factor.signal];
    }
    return sum + product;
  }

  const Job& job_;
  LaneRange range_;
  const Wiring& wiring_;
  const Terms& terms_;
  Update<1> update_;
  StrengthsByTarget weights_;
  Vectors table_, slow_, voltage_;  // (X, M * M), (Z, N), (N)
  std::vector<Factor> factors_;
};

}  // namespace evoplast
