// The time loop of one tile: sixteen lanes of one network. Part of cpu.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "cpu_job.h"
#include "cpu_vectors.h"

namespace evoplast {

constexpr int kBlock = 4;  // steps of plasticity at once; masks of a block fill 64 bits

// Copies rows of `lanes` floats to and from one tile; lanes beyond the last are zero.
inline void load(Vec* to, const float* from, size_t rows, int lanes, int first) {
  const int width = std::min(kLanes, lanes - first);
  if (width == kLanes) {  // a known size becomes one instruction
    for (size_t r = 0; r < rows; ++r) std::memcpy(&to[r], from + r * lanes + first, sizeof(Vec));
    return;
  }
  for (size_t r = 0; r < rows; ++r) {
    to[r] = Vec{};
    std::memcpy(&to[r], from + r * lanes + first, width * sizeof(float));
  }
}

inline void store(float* to, const Vec* from, size_t rows, int lanes, int first) {
  const int width = std::min(kLanes, lanes - first);
  if (width == kLanes) {
    for (size_t r = 0; r < rows; ++r) std::memcpy(to + r * lanes + first, &from[r], sizeof(Vec));
    return;
  }
  for (size_t r = 0; r < rows; ++r)
    std::memcpy(to + r * lanes + first, &from[r], width * sizeof(float));
}

class Tile {
 public:
  Tile(const Job& job, int first)
      : job_(job), net_(job.net), wiring_(*job.wiring), first_(first), n_(net_.n),
        pairs_(size_t(net_.types) * net_.types),
        cells_(n_ * cell_rows(net_)), trace_((kBlock + 1) * size_t(n_)),
        reward_((kBlock + 1) * net_.types), weights_(net_.edges), counts_(n_),
        edge_base_(kEdgeRows * pairs_),
        edge_reward_(kEdgeRows * pairs_), edge_now_(kEdgeRows * pairs_),
        post_base_(kPostRows * net_.types),
        post_reward_(kPostRows * net_.types), post_now_(kBlock * kPostRows * net_.types),
        alone_now_(kBlock * net_.types), trace_keep_(net_.types), reward_keep_(net_.types),
        of_task_(job.tasks), slope_now_(kBlock * kSlopeRows * net_.types),
        slope_(kBlock * net_.types), base_(kBlock * net_.types),
        masks_(size_t(net_.delays) * n_), spikers_(net_.delays), block_masks_(n_, 0),
        done_(net_.edges, 0) {
    load_rules();
    find_active_rows();
    by_source_ = !job.plastic || !dense_;
    in_blocks_ = !by_source_ && weights_.bytes > size_t(job.cache_bytes);
    std::copy(edge_base_.data, edge_base_.data + kEdgeRows * pairs_, edge_now_.data);
    load_state();
  }

  void run() {
    int step = *job_.in.step;
    for (int t = 0; t < job_.steps; ++t, ++step) {
      membranes(t, step);
      transmit(step);
      if (job_.plastic) learn(step);
    }
    if (block_) learn_block();
    store_all();
  }

 private:
  void load_rules() {
    const int l = job_.lanes, f = first_;
    load(edge_base_.data, job_.rules.edge_base, kEdgeRows * pairs_, l, f);
    load(edge_reward_.data, job_.rules.edge_reward, kEdgeRows * pairs_, l, f);
    for (int row = 0; row < kEdgeRows; ++row)
      for (size_t pair = 0; pair < pairs_; ++pair) {
        edge_base_[row * pairs_ + pair] *= wiring_.w_ref[pair];
        edge_reward_[row * pairs_ + pair] *= wiring_.w_ref[pair];
      }
    load(post_base_.data, job_.rules.post_base, kPostRows * net_.types, l, f);
    load(post_reward_.data, job_.rules.post_reward, kPostRows * net_.types, l, f);
    load(&alone_, job_.rules.alone, 1, l, f);
    load(trace_keep_.data, job_.rules.trace_keep, net_.types, l, f);
    load(reward_keep_.data, job_.rules.reward_keep, net_.types, l, f);
    std::fill(of_task_.data, of_task_.data + job_.tasks, Vec{});
    for (int lane = 0; lane < kLanes; ++lane) of_task_[(f + lane) % job_.tasks][lane] = 1.0f;
  }

  void load_state() {
    const int l = job_.lanes, f = first_;
    const State& in = job_.in;
    for_cell_rows([&](Vec* row, const float* from, float*) { load(row, from, 1, l, f); });
    load(trace_.data, in.trace, n_, l, f);
    load(reward_.data, in.reward, net_.types, l, f);
    std::fill(counts_.data, counts_.data + n_, Vec{});
    load_weights();
    load_history();
  }

  // Calls with each row of each neuron and where it is in the arrays of the job.
  template <typename Copy>
  void for_cell_rows(Copy copy) {
    const State& in = job_.in;
    const Result& out = job_.out;
    const size_t n = n_, l = job_.lanes;
    for (size_t i = 0; i < n; ++i) {
      Vec* cell = &cells_[i * cell_rows(net_)];
      copy(&cell[kVoltage], in.voltage + i * l, out.voltage + i * l);
      copy(&cell[kRefractory], reinterpret_cast<const float*>(in.refractory) + i * l,
           reinterpret_cast<float*>(out.refractory) + i * l);
      for (size_t k = 0; k < 2; ++k)
        copy(&cell[kAsc + k], in.asc + (k * n + i) * l, out.asc + (k * n + i) * l);
      for (size_t k = 0; k < size_t(net_.slots); ++k) {
        const size_t at = (k * n + i) * l;
        copy(&cell[kSynapses + 2 * k], in.y1 + at, out.y1 + at);
        copy(&cell[kSynapses + 2 * k + 1], in.y2 + at, out.y2 + at);
      }
    }
  }

  void load_weights() {
    const float* from = job_.in.weights;
    if (!by_source_) return load(weights_.data, from, net_.edges, job_.lanes, first_);
    const int real = net_.in_start[net_.slots * n_];
    for (int e = 0; e < real; ++e)
      load(&weights_[wiring_.place[e]], from + size_t(e) * job_.lanes, 1, job_.lanes, first_);
  }

  void load_history() {
    const size_t rows = size_t(net_.delays) * n_;
    for (size_t r = 0; r < rows; ++r) {
      Vec spike;
      load(&spike, job_.in.history + r * job_.lanes, 1, job_.lanes, first_);
      masks_[r] = mask_of(spike);
      if (masks_[r]) spikers_[r / n_].push_back(r % n_);
    }
  }

  void store_all() {
    const int l = job_.lanes, f = first_;
    const Result& out = job_.out;
    for_cell_rows([&](Vec* row, const float*, float* to) { store(to, row, 1, l, f); });
    store(out.trace, trace_.data, n_, l, f);
    store(out.reward, reward_.data, net_.types, l, f);
    store(out.counts, counts_.data, n_, l, f);
    store(out.synchronous, &synchronous_, 1, l, f);
    for (size_t r = 0; r < size_t(net_.delays) * n_; ++r) {
      const Vec spike = ones(masks_[r]);
      store(out.history + r * l, &spike, 1, l, f);
    }
    store_weights();
  }

  void store_weights() {
    const int l = job_.lanes, f = first_;
    float* to = job_.out.weights;
    if (!job_.plastic) {
      copy_weights(to);
    } else if (!by_source_) {
      store(to, weights_.data, net_.edges, l, f);
    } else {
      const int real = net_.in_start[net_.slots * n_];
      for (int e = 0; e < real; ++e)
        store(to + size_t(e) * l, &weights_[wiring_.place[e]], 1, l, f);
      const Vec padding{};
      for (int e = real; e < net_.edges; ++e) store(to + size_t(e) * l, &padding, 1, l, f);
    }
  }

  void copy_weights(float* to) {  // unless XLA gave the same memory for in and out
    if (to == job_.in.weights) return;
    load(weights_.data, job_.in.weights, net_.edges, job_.lanes, first_);
    store(to, weights_.data, net_.edges, job_.lanes, first_);
  }

  static bool row_used(Vec* table, int row, size_t size) {
    for (size_t i = 0; i < size; ++i)
      if (any_nonzero(table[row * size + i])) return true;
    return false;
  }

  void find_active_rows() {
    for (int row = 0; row < kEdgeRows; ++row) {
      reward_row_[row] = row_used(edge_reward_.data, row, pairs_);
      edge_row_[row] = reward_row_[row] || row_used(edge_base_.data, row, pairs_);
    }
    for (int row = 0; row < kPostRows; ++row)
      post_row_[row] = row_used(post_base_.data, row, net_.types) ||
                       row_used(post_reward_.data, row, net_.types);
    on_spike_ = edge_row_[kSpre] || edge_row_[kSpreSpost] || edge_row_[kSpreXpost] ||
                edge_row_[kSpreXpre];
    dense_ = edge_row_[kXpre] || edge_row_[kXpreXpost] || edge_row_[kXpre2] ||
             post_row_[kXpost] || post_row_[kXpost2] || any_nonzero(alone_);
    on_post_spike_ = post_row_[kSpost] || post_row_[kSpostXpost] || edge_row_[kSpostXpre];
  }

  // What spikes of earlier steps bring now.
  void transmit(int step) {
    for (int d = 1; d < wiring_.longest; ++d) {
      const int slot = (step - d) & (net_.delays - 1);
      for (int j : spikers_[slot]) {
        const Wiring::Run run = wiring_.runs[size_t(j) * net_.delays + d];
        const Vec spike = ones(masks_[size_t(slot) * n_ + j]);
        by_source_ ? deliver<true>(run, spike, j) : deliver<false>(run, spike, j);
      }
    }
  }

  template <bool kBySource>
  void deliver(Wiring::Run run, Vec spike, int source) {
    constexpr int kAhead = 6;  // strengths by target are scattered in memory
    const Wiring::Outgoing* out = wiring_.outgoing.data;
    for (int o = run.first; o < run.last; ++o) {
      if (!kBySource && o + kAhead < run.last)
        __builtin_prefetch(&weights_[out[o + kAhead].edge]);
      if (!kBySource && done_[out[o].edge] < block_) catch_up(out[o], source);
      const Vec w = weights_[kBySource ? o : out[o].edge];
      cells_[out[o].y1] += w * out[o].gain * spike;
    }
  }

  static constexpr int kAnyNumber = 0;

  void membranes(int t, int step) {
    switch (net_.slots) {
      case 1: return membranes<1>(t, step);
      case 2: return membranes<2>(t, step);
      default: return membranes<kAnyNumber>(t, step);
    }
  }

  template <int kSlots>
  void membranes(int t, int step) {
    const int slot = step & (net_.delays - 1), tasks = job_.tasks;
    Mask* masks = &masks_[size_t(slot) * n_];
    const float* current = job_.current + size_t(t) * n_ * tasks;
    spikers_[slot].clear();
    for (int i = 0; i < n_; ++i) {
      Vec external = current[i * tasks] * of_task_[0];
      for (int k = 1; k < tasks; ++k) external += current[i * tasks + k] * of_task_[k];
      masks[i] = membrane<kSlots>(i, external);
      if (masks[i]) {
        spikers_[slot].push_back(i);
        counts_[i] += ones(masks[i]);
      }
    }
    if (job_.measure_synchrony && (step & 1)) count_synchrony(slot, (step - 1) & (net_.delays - 1));
    Vec read{};
    for (int r = 0; r < job_.n_readout; ++r)
      if (masks[job_.readout[r]]) read += ones(masks[job_.readout[r]]);
    store(job_.out.readout_by_step + size_t(t) * job_.lanes, &read, 1, job_.lanes, first_);
  }

  // A bin of two steps in which many neurons spike.
  void count_synchrony(int slot, int before) {
    const Mask *now = &masks_[size_t(slot) * n_], *last = &masks_[size_t(before) * n_];
    Vec active{};
    for (int i : spikers_[slot]) active += ones(now[i] | last[i]);
    for (int i : spikers_[before])
      if (!now[i]) active += ones(last[i]);
    synchronous_ += active > splat(job_.synchrony_fraction * n_) ? splat(1.0f) : Vec{};
  }

  // Moves a neuron and its synapses on by one step; returns the lanes that spike.
  template <int kSlots>
  Mask membrane(int i, Vec external) {
    const int slots = kSlots == kAnyNumber ? net_.slots : kSlots;
    Vec* cell = &cells_[size_t(i) * (kSynapses + 2 * slots)];
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

  // Step s of the block, 0 <= s < kBlock. Where only spikes change synapses, a block is
  // one step.
  Vec& trace(int i, int s) { return trace_[size_t(s) * n_ + i]; }
  Vec& reward(int m, int s) { return reward_[s * net_.types + m]; }
  Mask mask(int i, int s) const { return Mask(block_masks_[i] >> (16 * s)); }

  // Coefficient of a term times w_ref of the pair.
  Vec coefficient(int row, int pair, int s) {
    const size_t at = row * pairs_ + pair;
    if (!in_blocks_) return edge_now_[at];
    return edge_base_[at] + edge_reward_[at] * reward(pair / net_.types, s);
  }

  // The coefficients of this step, where a block is one step.
  void tables_now() {
    for (int row = 0; row < kEdgeRows; ++row) {
      if (!reward_row_[row]) continue;
      for (size_t pair = 0; pair < pairs_; ++pair) {
        if (wiring_.w_ref[pair] == 0.0f) continue;  // no such synapse
        const size_t at = row * pairs_ + pair;
        edge_now_[at] = edge_base_[at] + edge_reward_[at] * reward(pair / net_.types, 0);
      }
    }
  }

  void post_tables(int s) {
    for (int m = 0; m < net_.types; ++m) {
      for (int row = 0; row < kPostRows; ++row) {
        const int at = row * net_.types + m;
        post_now_[s * kPostRows * net_.types + at] =
            post_base_[at] + post_reward_[at] * reward(m, s);
      }
      alone_now_[s * net_.types + m] = alone_ * reward(m, s);
    }
  }

  // Sum of the terms without a presynaptic factor, for the target i.
  Vec post_side(int i, int s) {
    const int m = net_.type[i], M = net_.types;
    const Vec x = trace(i, s), *now = &post_now_[s * kPostRows * M];
    Vec sum = alone_now_[s * M + m] + x * (now[kXpost * M + m] + now[kXpost2 * M + m] * x);
    if (const Mask spiked = mask(i, s))
      sum += ones(spiked) * (now[kSpost * M + m] + now[kSpostXpost * M + m] * x);
    return sum;
  }

  Vec on_spike(int pair, int i, int s, Vec x_pre) {
    Vec sum{};
    if (edge_row_[kSpre]) sum += coefficient(kSpre, pair, s);
    if (edge_row_[kSpreSpost]) sum += coefficient(kSpreSpost, pair, s) * ones(mask(i, s));
    if (edge_row_[kSpreXpost]) sum += coefficient(kSpreXpost, pair, s) * trace(i, s);
    if (edge_row_[kSpreXpre]) sum += coefficient(kSpreXpre, pair, s) * x_pre;
    return sum;
  }

  // What multiplies X_pre for a type pair and a target, but for the term X_pre squared,
  // from the coefficients of the terms X_pre and X_pre X_post.
  Vec slope(Vec x_pre, Vec x_pre_x_post, int pair, int i, int s) {
    Vec sum = x_pre + x_pre_x_post * trace(i, s);
    if (const Mask spiked = mask(i, s))
      if (edge_row_[kSpostXpre]) sum += coefficient(kSpostXpre, pair, s) * ones(spiked);
    return sum;
  }

  // The strength after a change, within cap and upper bound. A cap below 1 keeps it
  // positive without a lower bound. The order of the operands lets what is not a number
  // through, as in the reference.
  static Vec changed(Vec w, Vec change, float max_relative_change, float w_max) {
    const Vec cap = max_relative_change * w;
    return smaller(splat(w_max), w + larger(-cap, smaller(cap, change)));
  }

  void learn(int step) {
    const int slot = step & (net_.delays - 1), s = block_;
    post_tables(s);
    for (int i : spikers_[slot])
      block_masks_[i] |= uint64_t(masks_[size_t(slot) * n_ + i]) << (16 * s);
    if (in_blocks_) {
      decay(slot, s, s + 1);
      if (++block_ == kBlock) learn_block();
      return;
    }
    tables_now();
    if (dense_)
      learn_now();
    else
      learn_spikes(slot);
    decay(slot, 0, 0);
    for (int i : spikers_[slot]) block_masks_[i] = 0;
  }

  void learn_spikes(int slot) {
    for (int j : spikers_[slot])
      if (on_spike_) learn_source(j);
    for (int i : spikers_[slot])
      if (on_post_spike_) learn_from_silent(i);
  }

  // Traces after a step whose spikes are in `slot`.
  void decay(int slot, int from, int to) {
    const Mask* masks = &masks_[size_t(slot) * n_];
    for (int i = 0; i < n_; ++i) trace(i, to) = trace(i, from) * trace_keep_[net_.type[i]];
    for (int i : spikers_[slot]) trace(i, to) += ones(masks[i]);
    for (int m = 0; m < net_.types; ++m) reward(m, to) = reward(m, from) * reward_keep_[m];
  }

  // Every synapse, for this step.
  void learn_now() {
    for (int i = 0; i < n_; ++i) {
      const bool on_post_spike = mask(i, 0) && edge_row_[kSpostXpre];
      on_post_spike ? learn_target_now<true>(i) : learn_target_now<false>(i);
    }
  }

  template <bool kOnPostSpike>
  void learn_target_now(int i) {
    if (edge_row_[kXpre2])
      on_spike_ ? learn_edges_now<kOnPostSpike, true, true>(i)
                : learn_edges_now<kOnPostSpike, true, false>(i);
    else
      on_spike_ ? learn_edges_now<kOnPostSpike, false, true>(i)
                : learn_edges_now<kOnPostSpike, false, false>(i);
  }

  template <bool kOnPostSpike, bool kCurved, bool kOnSpike>
  void learn_edges_now(int i) {
    const float cap = job_.max_relative_change;
    const int first_pair = net_.type[i] * net_.types;
    const Vec post = post_side(i, 0), x_post = trace(i, 0);
    const Vec *trace = trace_.data, *linear = &edge_now_[kXpre * pairs_ + first_pair],
              *with_post = &edge_now_[kXpreXpost * pairs_ + first_pair],
              *square = &edge_now_[kXpre2 * pairs_ + first_pair];
    const float* w_ref = &wiring_.w_ref[first_pair];
    const uint64_t* masks = block_masks_.data();
    Vec* weights = weights_.data;
    for (int k = 0; k < net_.slots; ++k) {
      const int last = net_.in_start[k * n_ + i + 1];
      for (int e = net_.in_start[k * n_ + i]; e < last; ++e) {
        const Wiring::Incoming& in = wiring_.incoming.data[e];
        const int m = in.type;
        const Vec x = trace[in.source];
        Vec on_trace = kOnPostSpike ? slope(linear[m], with_post[m], first_pair + m, i, 0)
                                    : linear[m] + with_post[m] * x_post;
        if (kCurved) on_trace += square[m] * x;
        Vec change = w_ref[m] * post + x * on_trace;
        if (kOnSpike && __builtin_expect(masks[in.source] != 0, 0))
          change += ones(Mask(masks[in.source])) * on_spike(first_pair + m, i, 0, x);
        weights[e] = changed(weights[e], change, cap, in.w_max);
      }
    }
  }

  // Every synapse, for the steps since the last time.
  void learn_block() {
    int type = -1;
    for (int i = 0; i < n_; ++i) {
      if (net_.type[i] != type) slope_tables(type = net_.type[i]);
      learn_target(i);
    }
    std::copy(&trace(0, block_), &trace(0, block_) + n_, &trace(0, 0));
    std::copy(&reward(0, block_), &reward(0, block_) + net_.types, &reward(0, 0));
    std::fill(block_masks_.begin(), block_masks_.end(), 0);
    block_ = 0;
  }

  enum SlopeRow { kLinear, kWithPost, kSquare, kSlopeRows };

  Vec& slope_now(int row, int m, int s) {
    return slope_now_[(row * net_.types + m) * kBlock + s];
  }

  // Coefficients of what every synapse onto a type needs.
  void slope_tables(int type) {
    for (int m = 0; m < net_.types; ++m)
      for (int s = 0; s < block_; ++s) {
        const int pair = type * net_.types + m;
        slope_now(kLinear, m, s) = coefficient(kXpre, pair, s);
        slope_now(kWithPost, m, s) = coefficient(kXpreXpost, pair, s);
        slope_now(kSquare, m, s) = coefficient(kXpre2, pair, s);
      }
  }

  // Every synapse onto target i.
  void learn_target(int i) {
    const int first_pair = net_.type[i] * net_.types;
    const Wiring::Run run = wiring_.type_runs[i];
    for (int s = 0; s < block_; ++s) {
      const Vec post = post_side(i, s);
      for (int k = run.first; k < run.last; ++k) {
        const int m = wiring_.types[k], pair = first_pair + m;
        slope_[m * kBlock + s] =
            slope(slope_now(kLinear, m, s), slope_now(kWithPost, m, s), pair, i, s);
        base_[m * kBlock + s] = wiring_.w_ref[pair] * post;
      }
    }
    if (edge_row_[kXpre2])
      on_spike_ ? learn_edges<true, true>(i) : learn_edges<true, false>(i);
    else
      on_spike_ ? learn_edges<false, true>(i) : learn_edges<false, false>(i);
  }

  template <bool kCurved, bool kOnSpike>
  void learn_edges(int i) {
    constexpr int kAhead = 32;  // each slot is a stream of its own
    for (int k = 0; k < net_.slots; ++k) {
      const int last = net_.in_start[k * n_ + i + 1];
      for (int e = net_.in_start[k * n_ + i]; e < last; ++e) {
        __builtin_prefetch(&weights_.data[e + kAhead], 1);
        const Wiring::Incoming& in = wiring_.incoming.data[e];
        if (block_ == kBlock && !done_[e] && !block_masks_[in.source])
          learn_silent_edge<kCurved>(e, in);
        else
          learn_edge<kCurved, kOnSpike>(e, in, i);
      }
    }
  }

  // A whole block. Without a spike the source's trace only decays.
  template <bool kCurved>
  void learn_silent_edge(int e, const Wiring::Incoming& in) {
    const float cap = job_.max_relative_change;
    const Vec *slope = &slope_.data[in.type * kBlock], *base = &base_.data[in.type * kBlock];
    const Vec* square = &slope_now(kSquare, in.type, 0);
    const Vec keep = trace_keep_.data[in.type];
    Vec w = weights_.data[e], x = trace_.data[in.source];
    for (int s = 0; s < kBlock; ++s) {
      const Vec on_trace = kCurved ? slope[s] + square[s] * x : slope[s];
      w = changed(w, base[s] + x * on_trace, cap, in.w_max);
      x *= keep;
    }
    weights_.data[e] = w;
  }

  template <bool kCurved, bool kOnSpike>
  void learn_edge(int e, const Wiring::Incoming& in, int i) {
    const int pair = net_.type[i] * net_.types + in.type;
    Vec w = weights_[e];
    for (int s = done_[e]; s < block_; ++s) {
      const Vec x = trace(in.source, s);
      Vec on_trace = slope_[in.type * kBlock + s];
      if (kCurved) on_trace += slope_now(kSquare, in.type, s) * x;
      Vec change = base_[in.type * kBlock + s] + x * on_trace;
      const Mask spiked = mask(in.source, s);
      if (kOnSpike && spiked) change += ones(spiked) * on_spike(pair, i, s, x);
      w = changed(w, change, job_.max_relative_change, in.w_max);
    }
    weights_[e] = w;
    done_[e] = 0;
  }

  // The steps of this block that a synapse has not been through, for its strength now.
  // Products and sums as above, here and below: no bit depends on the way taken.
  void catch_up(const Wiring::Outgoing& out, int source) {
    const int i = out.target;
    Vec w = weights_[out.edge];
    for (int s = done_[out.edge]; s < block_; ++s) {
      const Vec x = trace(source, s);
      Vec on_trace = slope(coefficient(kXpre, out.pair, s), coefficient(kXpreXpost, out.pair, s),
                           out.pair, i, s);
      if (edge_row_[kXpre2]) on_trace += coefficient(kXpre2, out.pair, s) * x;
      Vec change = out.w_ref * post_side(i, s) + x * on_trace;
      const Mask spiked = mask(source, s);
      if (on_spike_ && spiked) change += ones(spiked) * on_spike(out.pair, i, s, x);
      w = changed(w, change, job_.max_relative_change, out.w_max);
    }
    weights_[out.edge] = w;
    done_[out.edge] = block_;
  }

  // Every synapse of a source that spikes, where only spikes change synapses.
  void learn_source(int j) {
    const Vec x = trace(j, 0), spike = ones(mask(j, 0));
    const Wiring::Outgoing* out = wiring_.outgoing.data;
    const Wiring::Run* runs = &wiring_.runs[size_t(j) * net_.delays];
    for (int o = runs[0].first; o < runs[net_.delays - 1].last; ++o) {
      const int i = out[o].target, pair = out[o].pair;
      Vec change{};
      if (mask(i, 0)) change = after_post_spike(i, pair, out[o].w_ref, x);
      change += spike * on_spike(pair, i, 0, x);
      weights_[o] = changed(weights_[o], change, job_.max_relative_change, out[o].w_max);
    }
  }

  Vec after_post_spike(int i, int pair, float w_ref, Vec x_pre) {
    return w_ref * post_side(i, 0) + x_pre * slope(Vec{}, Vec{}, pair, i, 0);
  }

  // Synapses onto a target that spikes, except those that learn_source has done.
  void learn_from_silent(int i) {
    for (int k = 0; k < net_.slots; ++k)
      for (int e = net_.in_start[k * n_ + i]; e < net_.in_start[k * n_ + i + 1]; ++e) {
        const Wiring::Incoming& in = wiring_.incoming[e];
        if (on_spike_ && mask(in.source, 0)) continue;
        const int pair = net_.type[i] * net_.types + in.type;
        Vec& w = weights_[wiring_.place[e]];
        w = changed(w, after_post_spike(i, pair, wiring_.w_ref[pair], trace(in.source, 0)),
                    job_.max_relative_change, in.w_max);
      }
  }

  const Job& job_;
  const Network& net_;
  const Wiring& wiring_;
  int first_, n_;
  size_t pairs_;
  // trace_, reward_: (kBlock + 1, N or M), at the beginning of each step of a block.
  Vectors cells_, trace_, reward_, weights_, counts_, edge_base_, edge_reward_, edge_now_,
      post_base_, post_reward_, post_now_, alone_now_, trace_keep_, reward_keep_, of_task_;
  Vectors slope_now_, slope_, base_;       // (rows, M, kBlock), (M, kBlock)
  std::vector<Mask> masks_;                // (D, N): who spiked, by step
  std::vector<std::vector<int>> spikers_;  // (D): where the mask is not zero
  std::vector<uint64_t> block_masks_;      // (N): the masks of the steps of a block
  std::vector<uint8_t> done_;              // (E): steps of the block already done
  int block_ = 0;                          // steps in the block so far
  Vec alone_{}, synchronous_{};
  bool edge_row_[kEdgeRows], reward_row_[kEdgeRows], post_row_[kPostRows];
  bool on_spike_, dense_, on_post_spike_, by_source_;
  bool in_blocks_;  // where the strengths of a tile do not fit into the caches
};

}  // namespace evoplast
