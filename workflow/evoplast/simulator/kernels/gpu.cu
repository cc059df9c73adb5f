// One step of 1 ms of many copies (lanes) of one network, for GPUs.
//
// Semantics: contract.py and reference.py. A warp owns one
// neuron in 32 lanes: it gathers the spikes that arrive through the neuron's synapses,
// lets those synapses learn, and takes the neuron to its next spike. In the plastic
// phase each strength is read and written once in a step and nothing else of that size
// moves; with frozen weights, or rules whose terms all need a spike, only the strengths
// of synapses with a spike are touched.
//
// Warps share nothing within a launch: what others read is written to a second copy
// (traces, rewards) or to a later place of the ring of spikes. Sums run over a neuron's
// synapses in the order of the edges. So no result depends on the order of the warps
// or on how lanes are split. See gpu_warp.h for the types.

#include "gpu_warp.h"

// Rows of the edge tables and the post tables, as in lane_rules.py, and where the bits
// of Job::rows_in_use tell whether a warp's rules use them.
enum EdgeRow { kSpre, kSpreSpost, kSpreXpost, kXpre, kSpostXpre, kXpreXpost, kSpreXpre, kXpre2 };
enum PostRow { kSpost, kXpost, kSpostXpost, kXpost2 };
constexpr int kEdgeRows = 8, kPostRows = 4;
constexpr int kEdgeReward = kEdgeRows, kPostBase = 2 * kEdgeRows;
constexpr int kPostReward = kPostBase + kPostRows, kAlone = kPostReward + kPostRows;
constexpr unsigned kOnPreSpike =
    1u << kSpre | 1u << kSpreSpost | 1u << kSpreXpost | 1u << kSpreXpre;
constexpr unsigned kOnPostSpike =
    1u << kSpostXpre | 1u << (kPostBase + kSpost) | 1u << (kPostBase + kSpostXpost);
constexpr unsigned kAlways = 1u << kXpre | 1u << kXpreXpost | 1u << kXpre2 |
                             1u << (kPostBase + kXpost) | 1u << (kPostBase + kXpost2) |
                             1u << kAlone;

// Synapses whose strengths are on their way at the same time.
constexpr int kBatch = 4;

struct Edge {
  int source, delay, pair;
  float w_max;
};

// What a launch works on: the arrays of gpu_arrays.h, their sizes, the settings.
struct Job {
#define FIXED(type, name, ...) const type* name;
#define STATE(type, name, ...) type* name;
#include "gpu_arrays.h"
  int n, types, slots, lanes, words, ring, tasks, steps;
  unsigned row_bytes, word_bytes;  // of a row of lanes as floats and as bits
  int plastic, measure_synchrony;
  float max_relative_change;
};
static_assert(sizeof(Job) == 432, "both compilers lay the arguments out alike");

// The warp's place in a row of `rows`. Bytes, so that it takes one instruction.
template <typename T>
DEVICE T* at(const Job& job, Warp warp, T* rows, int row) {
  const size_t offset = size_t(unsigned(row)) * job.row_bytes;
  return (T*)((const char*)(rows + warp.place) + offset);
}

DEVICE unsigned* spikes_at(const Job& job, int t, int neuron, int word) {
  const int slot = t & (job.ring - 1);
  const size_t offset = size_t(unsigned(slot * job.n + neuron)) * job.word_bytes;
  return (unsigned*)((char*)(job.spikes + word) + offset);
}

// Traces and rewards at the beginning of step t.
DEVICE float* trace_at(const Job& job, int t) { return t & 1 ? job.trace_odd : job.trace_even; }
DEVICE float* reward_at(const Job& job, int t) { return t & 1 ? job.reward_odd : job.reward_even; }

// ---------------------------------------------------------------- membranes

DEVICE Floats free_voltage(const Job& job, int t, int i, Warp warp, const Floats* asc) {
  const int n = job.n;
  const float* values = job.current_pA + (size_t(t) * n + i) * job.tasks;
  Floats current = load_by_task(warp, values, job.tasks);
  for (int k = 0; k < 2; ++k) current = madd(fixed(job.asc_stable + k * n + i), asc[k], current);
  Floats sum = splat(0.0f);
  for (int k = 0; k < job.slots; ++k) {
    const int j = k * n + i;
    sum = madd(fixed(job.P31 + j), load(warp, at(job, warp, job.y1, j)), sum);
    sum = madd(fixed(job.P32 + j), load(warp, at(job, warp, job.y2, j)), sum);
  }
  sum = madd(fixed(job.P30 + i), current, sum);
  return madd(fixed(job.P33 + i), load(warp, at(job, warp, job.voltage_mV, i)), sum);
}

DEVICE void after_spike_current(const Job& job, int j, Warp warp, Mask waiting, Mask fires,
                                Floats before) {
  const Floats free = fixed(job.asc_decay + j) * before;
  const Floats decayed = select(waiting, before, free);
  const Floats jumped =
      madd(fixed(job.asc_refractory_decay + j), decayed, splat(fixed(job.asc_amp_pA + j)));
  store(warp, at(job, warp, job.asc_pA, j), select(fires, jumped, decayed));
}

DEVICE void observe(const Job& job, int t, int i, Warp warp, int word, unsigned spikes) {
  if (spikes) {
    float* counts = at(job, warp, job.spike_counts, i);
    const Floats one = select(lanes_in(spikes), splat(1.0f), splat(0.0f));
    store(warp, counts, load(warp, counts) + one);
    const float times = fixed(job.in_readout + i);
    if (times > 0.0f) add_where(warp, spikes, at(job, warp, job.readout_by_step, t), times);
  }
  if (job.measure_synchrony && ((fixed(job.step) + t) & 1)) {
    const unsigned bin = spikes | *spikes_at(job, t - 1, i, word);
    if (bin) add_where(warp, bin, at(job, warp, job.active_by_step, t), 1.0f);
  }
}

// From the state at the start of step t to the spikes of step t.
DEVICE void membrane(const Job& job, int t, int i, Warp warp, int word) {
  const int n = job.n;
  const Floats asc[2] = {load(warp, at(job, warp, job.asc_pA, i)),
                         load(warp, at(job, warp, job.asc_pA, n + i))};
  const Floats free = free_voltage(job, t, i, warp, asc);
  int* waits = at(job, warp, job.refractory, i);
  float* voltage = at(job, warp, job.voltage_mV, i);
  const Ints refractory = load_int(warp, waits), none = splat_int(0);
  const Mask waiting = refractory > none;
  const Mask above = free > splat(fixed(job.threshold_mV + i));
  const Mask fires = both(above, refractory <= none);
  const Floats clamped = select(waiting, load(warp, voltage), free);
  const Floats reset = splat(fixed(job.reset_mV + i));
  store(warp, voltage, select(fires, reset, clamped));
  for (int k = 0; k < 2; ++k) after_spike_current(job, k * n + i, warp, waiting, fires, asc[k]);
  const Ints left = select_int(waiting, refractory - splat_int(1), none);
  const Ints wait = splat_int(fixed(job.refractory_steps + i));
  store_int(warp, waits, select_int(fires, wait, left));
  const unsigned spikes = ballot(warp, fires);
  store_word(spikes_at(job, t, i, word), spikes);
  observe(job, t, i, warp, word, spikes);
}

// ---------------------------------------------------------------- learning

// What the synapses of one neuron share in one step.
struct Post {
  unsigned rows;    // what the rules use
  unsigned spikes;  // of the neuron, now
  Floats trace;
  const float* reward;  // row of the neuron's type
  Floats terms;         // those without a presynaptic factor
};

// What the synapses of one neuron from one type of source share.
struct Pair {
  int index;
  float w_ref, gain;
  Floats slope, curve;  // on X_pre and its square
  bool spike_side;      // whether the next two are there
  Floats spike, spike_slope;
};

DEVICE Floats if_spikes(const Post& post, Floats value) {
  return select(lanes_in(post.spikes), value, splat(0.0f));
}

DEVICE Floats coefficient(const Job& job, Warp warp, const Post& post, int bit, int reward_bit,
                          const float* base, const float* reward, int row) {
  Floats value = splat(0.0f);
  if (post.rows >> bit & 1) value = load_fixed(warp, at(job, warp, base, row));
  if (post.rows >> reward_bit & 1) {
    const Floats r = load_fixed(warp, post.reward);
    value = madd(load_fixed(warp, at(job, warp, reward, row)), r, value);
  }
  return value;
}

DEVICE Floats edge_coefficient(const Job& job, Warp warp, const Post& post, int row, int pair) {
  const int line = row * job.types * job.types + pair;
  return coefficient(job, warp, post, row, kEdgeReward + row, job.edge_base, job.edge_reward, line);
}

DEVICE Floats post_coefficient(const Job& job, Warp warp, const Post& post, int row, int type) {
  return coefficient(job, warp, post, kPostBase + row, kPostReward + row, job.post_base,
                     job.post_reward, row * job.types + type);
}

DEVICE Post post_side(const Job& job, int t, int i, Warp warp, int word) {
  Post post{};
  if (!job.plastic) return post;
  const int type = fixed(job.cell_type + i);
  post.rows = fixed(job.rows_in_use + word);
  post.spikes = *spikes_at(job, t, i, word);
  post.trace = load_fixed(warp, at(job, warp, trace_at(job, t), i));
  post.reward = at(job, warp, reward_at(job, t), type);
  const Floats s = post_coefficient(job, warp, post, kSpost, type);
  const Floats x = post_coefficient(job, warp, post, kXpost, type);
  const Floats sx = post_coefficient(job, warp, post, kSpostXpost, type);
  const Floats xx = post_coefficient(job, warp, post, kXpost2, type);
  if (post.rows >> kAlone & 1)
    post.terms =
        load_fixed(warp, at(job, warp, job.reward_alone, 0)) * load_fixed(warp, post.reward);
  post.terms = post.terms + if_spikes(post, madd(sx, post.trace, s));
  post.terms = madd(post.trace, madd(xx, post.trace, x), post.terms);
  return post;
}

DEVICE void enter_pair(const Job& job, Warp warp, const Post& post, int index, Pair& pair) {
  if (index == pair.index) return;
  pair.index = index;
  pair.gain = fixed(job.pair_gain_pA + index);
  pair.spike_side = false;
  if (!job.plastic) return;
  pair.w_ref = fixed(job.pair_w_ref + index);
  const Floats s = edge_coefficient(job, warp, post, kSpostXpre, index);
  const Floats x = edge_coefficient(job, warp, post, kXpreXpost, index);
  pair.slope = edge_coefficient(job, warp, post, kXpre, index);
  pair.slope = madd(x, post.trace, pair.slope + if_spikes(post, s));
  pair.curve = edge_coefficient(job, warp, post, kXpre2, index);
}

DEVICE void need_spike_side(const Job& job, Warp warp, const Post& post, Pair& pair) {
  if (pair.spike_side) return;
  pair.spike_side = true;
  const Floats s = edge_coefficient(job, warp, post, kSpreSpost, pair.index);
  const Floats x = edge_coefficient(job, warp, post, kSpreXpost, pair.index);
  pair.spike = edge_coefficient(job, warp, post, kSpre, pair.index);
  pair.spike = madd(x, post.trace, pair.spike + if_spikes(post, s));
  pair.spike_slope = edge_coefficient(job, warp, post, kSpreXpre, pair.index);
}

DEVICE Floats within(Floats values, Floats low, Floats high) {
  return at_least(at_most(values, high), low);
}

// The strength after the step; `now` are the lanes in which the source spikes.
DEVICE Floats learned(const Job& job, Warp warp, const Post& post, Pair& pair, Floats w,
                      float w_max, Floats x, unsigned now) {
  Floats terms = madd(x, madd(pair.curve, x, pair.slope), post.terms);
  if (now) {
    need_spike_side(job, warp, post, pair);
    const Floats on_spike = terms + madd(pair.spike_slope, x, pair.spike);
    terms = select(lanes_in(now), on_spike, terms);
  }
  const Floats cap = job.max_relative_change * w;
  const Floats change = within(pair.w_ref * terms, -cap, cap);
  return within(w + change, splat(0.0f), splat(w_max));
}

DEVICE Floats transmitted(Floats w, const Pair& pair, unsigned arriving) {
  return select(lanes_in(arriving), pair.gain * w, splat(0.0f));
}

// ---------------------------------------------------------------- synapses

// `kCount` synapses from `e` learn; adds what arrives through them to `sum`.
template <int kCount>
DEVICE void next_synapses(const Job& job, int t, Warp warp, int word, const Post& post, int e,
                          Pair& pair, Floats& sum) {
  Edge edge[kCount];
  Floats w[kCount], x[kCount];
  unsigned arriving[kCount], now[kCount];
  UNROLL for (int b = 0; b < kCount; ++b) {
    edge[b] = fixed_record(job.edges + e + b);
    w[b] = load_once(warp, at(job, warp, job.weights, e + b));
    x[b] = load_fixed(warp, at(job, warp, trace_at(job, t), edge[b].source));
    arriving[b] = *spikes_at(job, t - edge[b].delay, edge[b].source, word);
    now[b] = post.rows & kOnPreSpike ? *spikes_at(job, t, edge[b].source, word) : 0u;
  }
  UNROLL for (int b = 0; b < kCount; ++b) {
    enter_pair(job, warp, post, edge[b].pair, pair);
    if (arriving[b]) sum = sum + transmitted(w[b], pair, arriving[b]);
    w[b] = learned(job, warp, post, pair, w[b], edge[b].w_max, x[b], now[b]);
    store_once(warp, at(job, warp, job.weights, e + b), w[b]);
  }
}

// All synapses of a segment learn; returns what arrives through them.
DEVICE Floats every_synapse(const Job& job, int t, Warp warp, int word, const Post& post, int start,
                            int end) {
  Floats sum = splat(0.0f);
  Pair pair{};
  pair.index = -1;
  int e = start;
  for (; e + kBatch <= end; e += kBatch)
    next_synapses<kBatch>(job, t, warp, word, post, e, pair, sum);
  for (; e < end; ++e) next_synapses<1>(job, t, warp, word, post, e, pair, sum);
  return sum;
}

// One synapse with a spike that arrives or, now, leaves.
DEVICE Floats one_synapse(const Job& job, int t, Warp warp, const Post& post, Pair& pair, int e,
                          unsigned arriving, unsigned now) {
  const Edge edge = fixed_record(job.edges + e);
  float* row = at(job, warp, job.weights, e);
  const Floats w = load_once_where(warp, lanes_in(arriving | now), row);
  enter_pair(job, warp, post, edge.pair, pair);
  if (now) {
    const Mask mask = lanes_in(now);
    const Floats x = load_fixed_where(warp, mask, at(job, warp, trace_at(job, t), edge.source));
    const Floats next = learned(job, warp, post, pair, w, edge.w_max, x, now);
    store_once_where(warp, mask, row, next);
  }
  return transmitted(w, pair, arriving);
}

// The synapses of a segment with a spike; 32 are looked at together, one by each lane.
DEVICE Floats synapses_with_spikes(const Job& job, int t, Warp warp, int word, const Post& post,
                                   int start, int end) {
  const bool at_source = post.rows & kOnPreSpike;
  const Ints mask = splat_int(job.ring - 1), n = splat_int(job.n);
  const Ints words = splat_int(job.words), here = splat_int(word);
  Floats sum = splat(0.0f);
  Pair pair{};
  pair.index = -1;
  for (int first = start; first < end; first += kWarp) {
    const Ints e = splat_int(first) + lane_number();
    const Mask valid = e < splat_int(end);
    const Ints source = gather_int(valid, job.source, e);
    const Ints slot = (splat_int(t) - gather_int(valid, job.delay_steps, e)) & mask;
    const Words arriving = gather_word(valid, job.spikes, (slot * n + source) * words + here);
    Words now = arriving ^ arriving;
    if (at_source) {
      const Ints this_slot = splat_int(t) & mask;
      now = gather_word(valid, job.spikes, (this_slot * n + source) * words + here);
    }
    for (unsigned hits = ballot_nonzero(arriving | now); hits; hits &= hits - 1) {
      const int k = lowest_bit(hits);
      sum = sum + one_synapse(job, t, warp, post, pair, first + k, broadcast(arriving, k),
                              broadcast(now, k));
    }
  }
  return sum;
}

DEVICE void synapses(const Job& job, int t, int i, Warp warp, int word) {
  const Post post = post_side(job, t, i, warp, word);
  const bool every = (post.rows & kAlways) || (post.spikes && (post.rows & kOnPostSpike));
  for (int k = 0; k < job.slots; ++k) {
    const int j = k * job.n + i;
    const int start = fixed(job.in_start + j), end = fixed(job.in_start + j + 1);
    const Floats arriving = every ? every_synapse(job, t, warp, word, post, start, end)
                                  : synapses_with_spikes(job, t, warp, word, post, start, end);
    float *y1 = at(job, warp, job.y1, j), *y2 = at(job, warp, job.y2, j);
    const Floats before = load(warp, y1);
    const Floats grown = fixed(job.P21 + j) * before;
    store(warp, y2, madd(fixed(job.P22 + j), load(warp, y2), grown));
    const Floats started = fixed(job.psc_initial + j) * arriving;
    store(warp, y1, madd(fixed(job.P11 + j), before, started));
  }
  if (!job.plastic) return;
  const float* keep = at(job, warp, job.trace_keep, fixed(job.cell_type + i));
  const Floats spike = if_spikes(post, splat(1.0f));
  const Floats trace = madd(post.trace, load_fixed(warp, keep), spike);
  store(warp, at(job, warp, trace_at(job, t + 1), i), trace);
}

// ---------------------------------------------------------------- launches

DEVICE void fade_reward(const Job& job, int t, int type, Warp warp) {
  const Floats now = load_fixed(warp, at(job, warp, reward_at(job, t), type));
  const Floats keep = load_fixed(warp, at(job, warp, job.reward_keep, type));
  store(warp, at(job, warp, reward_at(job, t + 1), type), now * keep);
}

// Rows 0 to N - 1 are neurons; with plasticity M more are the rewards of the types.
DEVICE void run_warp(const Job& job, int t, int row, int word) {
  const int first = word * kWarp, left = job.lanes - first;
  if (left <= 0) return;
  const Warp warp = warp_at(first, left < kWarp ? left : kWarp);
  if (row >= job.n) {
    if (t >= 0) fade_reward(job, t, row - job.n, warp);
    return;
  }
  if (t >= 0) synapses(job, t, row, warp, word);
  if (t + 1 < job.steps) membrane(job, t + 1, row, warp, word);
}

constexpr int kWarpsPerBlock = 8;
constexpr int kBlocksAtOnce = 3;  // on a multiprocessor: more would spill registers

#if defined(__CUDACC__)

// Synapses of step t, then membranes of step t + 1; t = -1: membranes of step 0 only.
// Neighbouring blocks share lanes, so that what they read again stays in the cache.
extern "C" __global__ void __launch_bounds__(kWarp* kWarpsPerBlock, kBlocksAtOnce)
    evoplast_step(const __grid_constant__ Job job, int t) {
  const int word = blockIdx.y * (blockDim.x / kWarp) + threadIdx.x / kWarp;
  run_warp(job, t, blockIdx.x, word);
}

#endif
