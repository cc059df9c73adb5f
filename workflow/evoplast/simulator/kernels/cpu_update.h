// The update of a synapse: traces, rewards and spikes of the steps in hand, the sums of
// terms made of them, the change within its bounds. Part of cpu.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "cpu_job.h"
#include "cpu_lanes.h"
#include "cpu_spikes.h"
#include "cpu_terms.h"
#include "cpu_vectors.h"
#include "cpu_wiring.h"

namespace evoplast {

// The strength after a change, within cap and upper bound. A cap below 1 keeps it
// positive without a lower bound. The order of the operands lets what is not a number
// through, as in the reference.
inline Vec changed(Vec w, Vec change, float max_relative_change, float w_max) {
  const Vec cap = max_relative_change * w;
  return smaller(splat(w_max), w + larger(-cap, smaller(cap, change)));
}

// For kSteps steps, 0 <= s < kSteps, that synapses are taken through together.
//
// Every way to a strength (one step or several, by source or by target) computes
//   w_ref * post_side + x_pre * (slope + x_pre^2 term) + spike * on_spike
// with the products and sums of the functions below, from left to right: no bit of a
// strength depends on the way that was taken.
template <int kSteps>
class Update {
 public:
  static constexpr int kKept = kSteps == 1 ? 1 : kSteps + 1;  // beginnings of steps

  Update(const Job& job, LaneRange range, const Terms& terms)
      : job_(job), range_(range), terms_(terms), wiring_(*job.wiring), n_(job.n), types_(job.types),
        pairs_(terms.pairs), trace_(kKept * size_t(n_)), reward_(kKept * types_),
        post_now_(kSteps * kPostRows * types_), alone_now_(kSteps * types_),
        edge_now_(kSteps == 1 ? kEdgeRows * pairs_ : 0), masks_(n_, 0) {
    range_.load(trace_.data, job.in.trace, n_);
    range_.load(reward_.data, job.in.reward, types_);
    if (kSteps == 1)
      std::copy(terms.edge_base.data, terms.edge_base.data + kEdgeRows * pairs_, edge_now_.data);
  }

  void store() const {
    range_.store(job_.out.trace, trace_.data, n_);
    range_.store(job_.out.reward, reward_.data, types_);
  }

  Vec& trace(int i, int s) { return trace_[size_t(s) * n_ + i]; }
  Vec& reward(int m, int s) { return reward_[s * types_ + m]; }
  Mask mask(int i, int s) const { return Mask(masks_[i] >> (kLanes * s)); }
  bool spiked(int i) const { return masks_[i] != 0; }  // in any of the steps

  // Takes over the spikes of a step, and makes the tables of the terms' sums.
  void begin(int step, int s, const Spikes& spikes) {
    post_tables(s);
    for (int i : spikes.spikers(step)) masks_[i] |= Steps(spikes.masks(step)[i]) << (kLanes * s);
    if (kSteps == 1) edge_tables();
  }

  // Moves traces and rewards from the beginning of step s to its end.
  void end(int step, int s, const Spikes& spikes) {
    const int to = kSteps == 1 ? 0 : s + 1;
    const Mask* masks = spikes.masks(step);
    for (int i = 0; i < n_; ++i)
      trace(i, to) = trace(i, s) * terms_.trace_keep[job_.net.cell_type[i]];
    for (int i : spikes.spikers(step)) trace(i, to) += ones(masks[i]);
    for (int m = 0; m < types_; ++m) reward(m, to) = reward(m, s) * terms_.reward_keep[m];
    if (kSteps == 1)
      for (int i : spikes.spikers(step)) masks_[i] = 0;
  }

  // Begins anew after `steps` steps.
  void restart(int steps) {
    std::copy(&trace(0, steps), &trace(0, steps) + n_, &trace(0, 0));
    std::copy(&reward(0, steps), &reward(0, steps) + types_, &reward(0, 0));
    std::fill(masks_.begin(), masks_.end(), 0);
  }

  // Coefficient of a term times w_ref of the pair.
  Vec coefficient(int row, int pair, int s) {
    const size_t at = row * pairs_ + pair;
    if (kSteps == 1) return edge_now_[at];
    return terms_.edge_base[at] + terms_.edge_reward[at] * reward(pair / types_, s);
  }

  // The coefficients of a term in this one step, for a target's type: (M).
  const Vec* coefficients(int row, int first_pair) const {
    static_assert(kSteps == 1, "several steps have no tables");
    return &edge_now_[row * pairs_ + first_pair];
  }

  // Sum of the terms without a presynaptic factor, for the target i.
  Vec post_side(int i, int s) {
    const int m = job_.net.cell_type[i], M = types_;
    const Vec x = trace(i, s), *now = &post_now_[s * kPostRows * M];
    Vec sum = alone_now_[s * M + m] + x * (now[kXpost * M + m] + now[kXpost2 * M + m] * x);
    if (const Mask spiked = mask(i, s))
      sum += ones(spiked) * (now[kSpost * M + m] + now[kSpostXpost * M + m] * x);
    return sum;
  }

  Vec on_spike(int pair, int i, int s, Vec x_pre) {
    const bool* used = terms_.edge_row;
    Vec sum{};
    if (used[kSpre]) sum += coefficient(kSpre, pair, s);
    if (used[kSpreSpost]) sum += coefficient(kSpreSpost, pair, s) * ones(mask(i, s));
    if (used[kSpreXpost]) sum += coefficient(kSpreXpost, pair, s) * trace(i, s);
    if (used[kSpreXpre]) sum += coefficient(kSpreXpre, pair, s) * x_pre;
    return sum;
  }

  // What multiplies X_pre for a type pair and a target, but for the term X_pre squared,
  // from the coefficients of the terms X_pre and X_pre X_post.
  Vec slope(Vec x_pre, Vec x_pre_x_post, int pair, int i, int s) {
    Vec sum = x_pre + x_pre_x_post * trace(i, s);
    if (const Mask spiked = mask(i, s))
      if (terms_.edge_row[kSpostXpre]) sum += coefficient(kSpostXpre, pair, s) * ones(spiked);
    return sum;
  }

 private:
  typedef std::conditional_t<kSteps == 1, Mask, uint64_t> Steps;
  static_assert(kLanes * kSteps <= 8 * sizeof(Steps), "a bit for each lane and step");

  void edge_tables() {
    for (int row = 0; row < kEdgeRows; ++row) {
      if (!terms_.reward_row[row]) continue;
      for (size_t pair = 0; pair < pairs_; ++pair) {
        if (wiring_.w_ref[pair] == 0.0f) continue;  // no such synapse
        const size_t at = row * pairs_ + pair;
        edge_now_[at] = terms_.edge_base[at] + terms_.edge_reward[at] * reward(pair / types_, 0);
      }
    }
  }

  void post_tables(int s) {
    for (int m = 0; m < types_; ++m) {
      for (int row = 0; row < kPostRows; ++row) {
        const int at = row * types_ + m;
        post_now_[s * kPostRows * types_ + at] =
            terms_.post_base[at] + terms_.post_reward[at] * reward(m, s);
      }
      alone_now_[s * types_ + m] = terms_.alone * reward(m, s);
    }
  }

  const Job& job_;
  LaneRange range_;
  const Terms& terms_;
  const Wiring& wiring_;
  int n_, types_;
  size_t pairs_;
  Vectors trace_, reward_;        // (kKept, N), (kKept, M): at the beginning of each step
  Vectors post_now_, alone_now_;  // (kSteps, rows, M), (kSteps, M)
  Vectors edge_now_;              // (rows, M * M)
  std::vector<Steps> masks_;      // (N): the spikes of all the steps
};

}  // namespace evoplast
