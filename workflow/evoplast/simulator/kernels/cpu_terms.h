// The rules of one tile: coefficients, and which terms any of its lanes uses. What none
// uses is not computed: it could only add exact zeros. Part of cpu.cpp.
#pragma once

#include "cpu_job.h"
#include "cpu_lanes.h"
#include "cpu_vectors.h"
#include "cpu_wiring.h"

namespace evoplast {

struct Terms {
  Terms(const Job& job, LaneRange range)
      : types(job.types), pairs(job.pairs()), edge_base(kEdgeRows * pairs),
        edge_reward(kEdgeRows * pairs), post_base(kPostRows * types),
        post_reward(kPostRows * types), trace_keep(types), reward_keep(types) {
    range.load(edge_base.data, job.net.edge_base, kEdgeRows * pairs);
    range.load(edge_reward.data, job.net.edge_reward, kEdgeRows * pairs);
    range.load(post_base.data, job.net.post_base, kPostRows * types);
    range.load(post_reward.data, job.net.post_reward, kPostRows * types);
    range.load(&alone, job.net.reward_alone, 1);
    range.load(trace_keep.data, job.net.trace_keep, types);
    range.load(reward_keep.data, job.net.reward_keep, types);
    times_w_ref(job.wiring->w_ref.data());
    find_rows();
  }

  int types;
  size_t pairs;
  Vectors edge_base, edge_reward;   // (rows, M * M), times w_ref of the pair
  Vectors post_base, post_reward;   // (rows, M), without w_ref
  Vectors trace_keep, reward_keep;  // (M)
  Vec alone;

  bool edge_row[kEdgeRows], reward_row[kEdgeRows], post_row[kPostRows];
  bool on_spike;       // a spike of the source changes its synapses
  bool on_post_spike;  // a spike of the target does
  bool always;         // synapses change without any spike

 private:
  // Once here instead of for each synapse. The post side is multiplied later, as it is
  // shared by sources of all types.
  void times_w_ref(const float* w_ref) {
    for (int row = 0; row < kEdgeRows; ++row)
      for (size_t pair = 0; pair < pairs; ++pair) {
        edge_base[row * pairs + pair] *= w_ref[pair];
        edge_reward[row * pairs + pair] *= w_ref[pair];
      }
  }

  static bool used(const Vec* table, size_t size) {
    for (size_t i = 0; i < size; ++i)
      if (any_nonzero(table[i])) return true;
    return false;
  }

  void find_rows() {
    for (int row = 0; row < kEdgeRows; ++row) {
      reward_row[row] = used(&edge_reward[row * pairs], pairs);
      edge_row[row] = reward_row[row] || used(&edge_base[row * pairs], pairs);
    }
    for (int row = 0; row < kPostRows; ++row)
      post_row[row] =
          used(&post_base[row * types], types) || used(&post_reward[row * types], types);
    on_spike =
        edge_row[kSpre] || edge_row[kSpreSpost] || edge_row[kSpreXpost] || edge_row[kSpreXpre];
    on_post_spike = post_row[kSpost] || post_row[kSpostXpost] || edge_row[kSpostXpre];
    always = edge_row[kXpre] || edge_row[kXpreXpost] || edge_row[kXpre2] || post_row[kXpost] ||
             post_row[kXpost2] || any_nonzero(alone);
  }
};

}  // namespace evoplast
