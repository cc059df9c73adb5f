// Synapses that change in every step where their strengths do not fit into the cache:
// kBlock steps are done at once, so that a strength is fetched once for all of them. A
// synapse that transmits a spike in the meantime is brought up to date first. Part of
// cpu.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cpu_dense.h"

namespace evoplast {

class BlockSynapses {
 public:
  static constexpr int kBlock = 4;

  BlockSynapses(const Job& job, LaneRange range, const Terms& terms)
      : job_(job), range_(range), wiring_(*job.wiring), terms_(terms), update_(job, range, terms),
        weights_(job, range), done_(job.edges, 0), tables_(kTables * kBlock * job.types),
        slope_(kBlock * job.types), base_(kBlock * job.types) {}

  void transmit(int step, const Spikes& spikes, Vec* rows) {
    weights_.transmit(step, spikes, rows, [this](const Wiring::Outgoing& out, int source) {
      if (done_[out.edge] < block_) catch_up(out, source);
    });
  }

  void learn(int step, const Spikes& spikes) {
    update_.begin(step, block_, spikes);
    update_.end(step, block_, spikes);
    if (++block_ == kBlock) learn_block();
  }

  void store() {
    if (block_) learn_block();
    weights_.store();
    update_.store();
  }

 private:
  // Every synapse, for the steps since the last time.
  void learn_block() {
    int type = -1;
    for (int i = 0; i < job_.n; ++i) {
      if (job_.net.cell_type[i] != type) make_tables(type = job_.net.cell_type[i]);
      learn_target(i);
    }
    update_.restart(block_);
    block_ = 0;
  }

  enum Table { kLinear, kWithPost, kSquare, kTables };

  Vec& table(int row, int m, int s) { return tables_[(row * job_.types + m) * kBlock + s]; }

  // Coefficients of what every synapse onto a type needs.
  void make_tables(int type) {
    for (int m = 0; m < job_.types; ++m)
      for (int s = 0; s < block_; ++s) {
        const int pair = type * job_.types + m;
        table(kLinear, m, s) = update_.coefficient(kXpre, pair, s);
        table(kWithPost, m, s) = update_.coefficient(kXpreXpost, pair, s);
        table(kSquare, m, s) = update_.coefficient(kXpre2, pair, s);
      }
  }

  // Every synapse onto target i.
  void learn_target(int i) {
    const int first_pair = job_.net.cell_type[i] * job_.types;
    const Wiring::Run run = wiring_.type_runs[i];
    for (int s = 0; s < block_; ++s) {
      const Vec post = update_.post_side(i, s);
      for (int k = run.first; k < run.last; ++k) {
        const int m = wiring_.types[k], pair = first_pair + m;
        slope_[m * kBlock + s] =
            update_.slope(table(kLinear, m, s), table(kWithPost, m, s), pair, i, s);
        base_[m * kBlock + s] = wiring_.w_ref[pair] * post;
      }
    }
    if (terms_.edge_row[kXpre2])
      terms_.on_spike ? learn_edges<true, true>(i) : learn_edges<true, false>(i);
    else
      terms_.on_spike ? learn_edges<false, true>(i) : learn_edges<false, false>(i);
  }

  template <bool kCurved, bool kOnSpike>
  void learn_edges(int i) {
    constexpr int kAhead = 32;  // each slot is a stream of its own
    for (int k = 0; k < job_.slots; ++k) {
      const int last = job_.net.in_start[k * job_.n + i + 1];
      for (int e = job_.net.in_start[k * job_.n + i]; e < last; ++e) {
        __builtin_prefetch(weights_.begin() + e + kAhead, 1);
        const Wiring::Incoming& in = wiring_.incoming.data[e];
        if (block_ == kBlock && !done_[e] && !update_.spiked(in.source))
          learn_silent_edge<kCurved>(e, in);
        else
          learn_edge<kCurved, kOnSpike>(e, in, i);
      }
    }
  }

  // A whole block. Without a spike the source's trace only decays: the same products as
  // in Update::end.
  template <bool kCurved>
  void learn_silent_edge(int e, const Wiring::Incoming& in) {
    const float cap = job_.max_relative_change;
    const Vec *slope = &slope_.data[in.type * kBlock], *base = &base_.data[in.type * kBlock];
    const Vec* square = &table(kSquare, in.type, 0);
    const Vec keep = terms_.trace_keep.data[in.type];
    Vec w = weights_.begin()[e], x = update_.trace(in.source, 0);
    for (int s = 0; s < kBlock; ++s) {
      const Vec on_trace = kCurved ? slope[s] + square[s] * x : slope[s];
      w = changed(w, base[s] + x * on_trace, cap, in.w_max);
      x *= keep;
    }
    weights_.begin()[e] = w;
  }

  template <bool kCurved, bool kOnSpike>
  void learn_edge(int e, const Wiring::Incoming& in, int i) {
    const int pair = job_.net.cell_type[i] * job_.types + in.type;
    Vec w = weights_.begin()[e];
    for (int s = done_[e]; s < block_; ++s) {
      const Vec x = update_.trace(in.source, s);
      Vec on_trace = slope_[in.type * kBlock + s];
      if (kCurved) on_trace += table(kSquare, in.type, s) * x;
      Vec change = base_[in.type * kBlock + s] + x * on_trace;
      const Mask spiked = update_.mask(in.source, s);
      if (kOnSpike && spiked) change += ones(spiked) * update_.on_spike(pair, i, s, x);
      w = changed(w, change, job_.max_relative_change, in.w_max);
    }
    weights_.begin()[e] = w;
    done_[e] = 0;
  }

  // The steps of this block that a synapse has not been through, for its strength now.
  // Products and sums as above: no bit depends on the way taken.
  void catch_up(const Wiring::Outgoing& out, int source) {
    const int i = out.target;
    Vec w = weights_.begin()[out.edge];
    for (int s = done_[out.edge]; s < block_; ++s) {
      const Vec x = update_.trace(source, s);
      Vec on_trace = update_.slope(update_.coefficient(kXpre, out.pair, s),
                                   update_.coefficient(kXpreXpost, out.pair, s), out.pair, i, s);
      if (terms_.edge_row[kXpre2]) on_trace += update_.coefficient(kXpre2, out.pair, s) * x;
      Vec change = out.w_ref * update_.post_side(i, s) + x * on_trace;
      const Mask spiked = update_.mask(source, s);
      if (terms_.on_spike && spiked) change += ones(spiked) * update_.on_spike(out.pair, i, s, x);
      w = changed(w, change, job_.max_relative_change, out.w_max);
    }
    weights_.begin()[out.edge] = w;
    done_[out.edge] = block_;
  }

  const Job& job_;
  LaneRange range_;
  const Wiring& wiring_;
  const Terms& terms_;
  Update<kBlock> update_;
  StrengthsByTarget weights_;
  std::vector<uint8_t> done_;      // (E): steps of the block already done
  Vectors tables_, slope_, base_;  // (tables, M, kBlock), (M, kBlock)
  int block_ = 0;                  // steps in the block so far
};

}  // namespace evoplast
