// The time loop on a CPU: T steps of 1 ms of many copies (lanes) of one network.
//
// Semantics: evoplast/simulator/run.py with kernels/reference.py. Called by XLA through
// its foreign-function interface; the order of arguments is that of kernels/cpu.py.
// Sixteen lanes form a tile and sit in one vector register; tiles share nothing, so
// they are dealt to threads. Three things make it fast:
//   * a tile's strengths stay in the cache for all T steps (copied in and out once);
//   * spikes are delivered event by event, source by source, in the plastic phase too;
//   * what no lane of the tile needs is not computed: a rule whose active terms all
//     need a spike only touches synapses with a spike on one side.
// No lane's result depends on its neighbours: they can only add exact zeros.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace {

constexpr int kLanes = 16;
typedef float Vec __attribute__((vector_size(4 * kLanes), aligned(4 * kLanes)));

inline Vec splat(float value) { return Vec{} + value; }
inline Vec smaller(Vec a, Vec b) { return a < b ? a : b; }
inline Vec larger(Vec a, Vec b) { return a > b ? a : b; }

inline bool any_nonzero(Vec v) {
  uint64_t bits[kLanes / 2], found = 0;
  std::memcpy(bits, &v, sizeof(v));
  for (uint64_t b : bits) found |= b;
  return (found & 0x7fffffff7fffffffULL) != 0;  // a negative zero is a zero
}

struct Aligned {  // memory for vectors, zeroed
  explicit Aligned(size_t count)
      : data(static_cast<Vec*>(::operator new(count * sizeof(Vec), std::align_val_t(64)))) {
    std::memset(data, 0, count * sizeof(Vec));
  }
  ~Aligned() { ::operator delete(data, std::align_val_t(64)); }
  Aligned(const Aligned&) = delete;
  Vec& operator[](size_t i) { return data[i]; }
  Vec* data;
};

// Rows of the edge tables and the post tables, as in lane_rules.py.
enum EdgeRow { kSpre, kSpreSpost, kSpreXpost, kXpre, kSpostXpre, kXpreXpost, kSpreXpre, kXpre2 };
enum PostRow { kSpost, kXpost, kSpostXpost, kXpost2 };
constexpr int kEdgeRows = 8, kPostRows = 4;

struct Network {
  int n, edges, types, slots, delays;  // delays: length of the spike history
  const float *P11, *P21, *P22, *P31, *P32, *psc;               // (K, N)
  const float *asc_stable, *asc_decay, *asc_jump_decay, *asc_amp;  // (2, N)
  const float *P33, *P30, *threshold, *reset;                   // (N)
  const int *refractory_steps, *type;                           // (N)
  const int *source, *target, *segment, *type_pair;             // (E)
  const float *signed_gain, *w_ref, *w_max;                     // (E)
  const int *out_edge, *out_start;  // (E), (D * N + 1): edges by delay, then source
  const int* in_start;              // (K * N + 1)
};

struct Rules {  // lane axis last, `lanes` wide
  const float *edge_base, *edge_reward, *post_base, *post_reward, *alone, *trace_keep,
      *reward_keep;
};

struct State {
  const float *voltage, *asc, *y1, *y2, *history, *trace, *reward, *weights;
  const int *refractory, *step;
};

struct Result {
  float *voltage, *asc, *y1, *y2, *history, *trace, *reward, *weights;
  int* refractory;
  int* step;
  float *counts, *readout_by_step, *synchronous;
};

struct Job {
  Network net;
  Rules rules;
  State in;
  Result out;
  const float* current;  // (T, N, n_tasks)
  const int* readout;
  int steps, tasks, n_readout, lanes;
  float max_relative_change, synchrony_fraction;
  bool plastic, measure_synchrony;
};

// Copies rows of `lanes` floats to and from one tile; lanes beyond the last are zero.
void load(Vec* to, const float* from, size_t rows, int lanes, int first) {
  const int width = std::min(kLanes, lanes - first);
  for (size_t r = 0; r < rows; ++r) {
    to[r] = Vec{};
    std::memcpy(&to[r], from + r * lanes + first, width * sizeof(float));
  }
}

template <typename V, typename T>
void store(T* to, const V* from, size_t rows, int lanes, int first) {
  const int width = std::min(kLanes, lanes - first);
  for (size_t r = 0; r < rows; ++r)
    std::memcpy(to + r * lanes + first, &from[r], width * sizeof(T));
}

class Tile {
 public:
  Tile(const Job& job, int first)
      : job_(job), net_(job.net), first_(first), n_(net_.n),
        pairs_(size_t(net_.types) * net_.types),
        voltage_(n_), asc_(2 * n_), y1_(size_t(net_.slots) * n_), y2_(size_t(net_.slots) * n_),
        history_(size_t(net_.delays) * n_), trace_(n_), reward_(net_.types),
        weights_(net_.edges), refractory_(n_), counts_(n_),
        arriving_(size_t(net_.slots) * n_),
        edge_base_(kEdgeRows * pairs_), edge_reward_(kEdgeRows * pairs_),
        edge_now_(kEdgeRows * pairs_), post_base_(kPostRows * net_.types),
        post_reward_(kPostRows * net_.types), trace_keep_(net_.types),
        reward_keep_(net_.types), of_task_(job.tasks), spiked_(size_t(net_.delays) * n_) {
    load_all();
    find_active_rows();
  }

  void run() {
    int step = *job_.in.step;
    for (int t = 0; t < job_.steps; ++t, ++step) {
      membranes(t, step);
      transmit(step);
      synapses();
      if (job_.plastic) {
        learn(step);
        decay(step);
      }
    }
    store_all();
  }

 private:
  void load_all() {
    const int l = job_.lanes, f = first_;
    const State& in = job_.in;
    load(voltage_.data, in.voltage, n_, l, f);
    load(asc_.data, in.asc, 2 * n_, l, f);
    load(y1_.data, in.y1, size_t(net_.slots) * n_, l, f);
    load(y2_.data, in.y2, size_t(net_.slots) * n_, l, f);
    load(history_.data, in.history, size_t(net_.delays) * n_, l, f);
    load(trace_.data, in.trace, n_, l, f);
    load(reward_.data, in.reward, net_.types, l, f);
    load(weights_.data, in.weights, net_.edges, l, f);
    load(refractory_.data, reinterpret_cast<const float*>(in.refractory), n_, l, f);
    load(edge_base_.data, job_.rules.edge_base, kEdgeRows * pairs_, l, f);
    load(edge_reward_.data, job_.rules.edge_reward, kEdgeRows * pairs_, l, f);
    load(post_base_.data, job_.rules.post_base, kPostRows * net_.types, l, f);
    load(post_reward_.data, job_.rules.post_reward, kPostRows * net_.types, l, f);
    load(&alone_, job_.rules.alone, 1, l, f);
    load(trace_keep_.data, job_.rules.trace_keep, net_.types, l, f);
    load(reward_keep_.data, job_.rules.reward_keep, net_.types, l, f);
    for (size_t i = 0; i < size_t(net_.delays) * n_; ++i)
      spiked_[i] = any_nonzero(history_[i]);
    limits_ = {1.0f - job_.max_relative_change, 1.0f + job_.max_relative_change};
    for (int lane = 0; lane < kLanes; ++lane) of_task_[(f + lane) % job_.tasks][lane] = 1.0f;
  }

  void store_all() {
    const int l = job_.lanes, f = first_;
    const Result& out = job_.out;
    store(out.voltage, voltage_.data, n_, l, f);
    store(out.asc, asc_.data, 2 * n_, l, f);
    store(out.y1, y1_.data, size_t(net_.slots) * n_, l, f);
    store(out.y2, y2_.data, size_t(net_.slots) * n_, l, f);
    store(out.history, history_.data, size_t(net_.delays) * n_, l, f);
    store(out.trace, trace_.data, n_, l, f);
    store(out.reward, reward_.data, net_.types, l, f);
    store(out.weights, weights_.data, net_.edges, l, f);
    store(out.refractory, refractory_.data, n_, l, f);
    store(out.counts, counts_.data, n_, l, f);
    store(out.synchronous, &synchronous_, 1, l, f);
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
      if (edge_row_[row])
        std::memcpy(&edge_now_[row * pairs_], &edge_base_[row * pairs_], pairs_ * sizeof(Vec));
    }
    for (int row = 0; row < kPostRows; ++row)
      post_row_[row] = row_used(post_base_.data, row, net_.types) ||
                       row_used(post_reward_.data, row, net_.types);
    on_spike_ = edge_row_[kSpre] || edge_row_[kSpreSpost] || edge_row_[kSpreXpost] ||
                edge_row_[kSpreXpre];
    on_trace_ = edge_row_[kXpre] || edge_row_[kXpreXpost] || edge_row_[kXpre2];
    post_continuous_ = post_row_[kXpost] || post_row_[kXpost2] || any_nonzero(alone_);
    dense_ = on_trace_ || post_continuous_;
    on_post_spike_ = post_row_[kSpost] || post_row_[kSpostXpost] || edge_row_[kSpostXpre];
  }

  void membranes(int t, int step) {
    const int slot = step & (net_.delays - 1), tasks = job_.tasks;
    Vec* spikes = &history_[size_t(slot) * n_];
    uint8_t* spiked = &spiked_[size_t(slot) * n_];
    const float* current = job_.current + size_t(t) * n_ * tasks;
    Vec active{};
    Vec* before = &history_[size_t((step - 1) & (net_.delays - 1)) * n_];
    for (int i = 0; i < n_; ++i) {
      Vec external{};
      for (int k = 0; k < tasks; ++k) external += current[i * tasks + k] * of_task_[k];
      const Vec spike = membrane(i, external);
      spikes[i] = spike;
      spiked[i] = any_nonzero(spike);
      counts_[i] += spike;
      if (job_.measure_synchrony) active += larger(spike, before[i]);
    }
    if (job_.measure_synchrony && (step & 1)) {
      const Vec one = splat(1.0f);
      synchronous_ += active > splat(job_.synchrony_fraction * n_) ? one : Vec{};
    }
    Vec read{};
    for (int r = 0; r < job_.n_readout; ++r) read += spikes[job_.readout[r]];
    store(job_.out.readout_by_step + size_t(t) * job_.lanes, &read, 1, job_.lanes, first_);
  }

  Vec membrane(int i, Vec external) {
    const Network& p = net_;
    const Vec zero{};
    Vec current = external + p.asc_stable[i] * asc_[i] + p.asc_stable[n_ + i] * asc_[n_ + i];
    Vec synaptic{};
    for (int k = 0; k < p.slots; ++k)
      synaptic += p.P31[k * n_ + i] * y1_[k * n_ + i] + p.P32[k * n_ + i] * y2_[k * n_ + i];
    const Vec free = p.P33[i] * voltage_[i] + p.P30[i] * current + synaptic;
    typedef int Ints __attribute__((vector_size(4 * kLanes)));
    Ints waiting_steps;
    std::memcpy(&waiting_steps, &refractory_[i], sizeof(Ints));
    const Ints waiting = waiting_steps > 0;
    const Ints fires = (free > splat(p.threshold[i])) & ~waiting;
    const Vec clamped = waiting ? voltage_[i] : free;
    voltage_[i] = fires ? splat(p.reset[i]) : clamped;
    for (int k = 0; k < 2; ++k) {
      const int j = k * n_ + i;
      const Vec decayed = waiting ? asc_[j] : p.asc_decay[j] * asc_[j];
      asc_[j] = fires ? p.asc_amp[j] + p.asc_jump_decay[j] * decayed : decayed;
    }
    const Ints left = waiting ? waiting_steps - 1 : Ints{};
    const Ints next = fires ? Ints{} + p.refractory_steps[i] : left;
    std::memcpy(&refractory_[i], &next, sizeof(Ints));
    return fires ? splat(1.0f) : zero;
  }

  void transmit(int step) {
    std::fill(&arriving_[0], &arriving_[0] + size_t(net_.slots) * n_, Vec{});
    for (int d = 1; d < net_.delays; ++d) {
      const size_t slot = size_t((step - d) & (net_.delays - 1)) * n_;
      const int* start = net_.out_start + size_t(d) * n_;
      for (int j = 0; j < n_; ++j) {
        if (!spiked_[slot + j]) continue;
        const Vec spike = history_[slot + j];
        for (int o = start[j]; o < start[j + 1]; ++o) {
          const int e = net_.out_edge[o];
          arriving_[net_.segment[e]] += weights_[e] * net_.signed_gain[e] * spike;
        }
      }
    }
  }

  void synapses() {
    for (int i = 0; i < net_.slots * n_; ++i) {
      y2_[i] = net_.P21[i] * y1_[i] + net_.P22[i] * y2_[i];
      y1_[i] = net_.P11[i] * y1_[i] + net_.psc[i] * arriving_[i];
    }
  }

  // Sum of the terms without a presynaptic factor, for the target i.
  Vec post_side(int i, Vec s, Vec x) {
    const int m = net_.type[i], M = net_.types;
    const Vec r = reward_[m];
    const Vec a = post_base_[kSpost * M + m] + post_reward_[kSpost * M + m] * r;
    const Vec b = post_base_[kXpost * M + m] + post_reward_[kXpost * M + m] * r;
    const Vec c = post_base_[kSpostXpost * M + m] + post_reward_[kSpostXpost * M + m] * r;
    const Vec d = post_base_[kXpost2 * M + m] + post_reward_[kXpost2 * M + m] * r;
    return alone_ * r + s * (a + c * x) + x * (b + d * x);
  }

  void tables_now() {  // base + reward * R of the postsynaptic type
    for (int row = 0; row < kEdgeRows; ++row) {
      if (!reward_row_[row]) continue;
      for (size_t pair = 0; pair < pairs_; ++pair) {
        const size_t at = row * pairs_ + pair;
        edge_now_[at] = edge_base_[at] + edge_reward_[at] * reward_[pair / net_.types];
      }
    }
  }

  Vec table(int row, int pair) { return edge_now_[row * pairs_ + pair]; }

  Vec on_spike(int pair, Vec s_post, Vec x_post, Vec x_pre) {
    Vec sum{};
    if (edge_row_[kSpre]) sum += table(kSpre, pair);
    if (edge_row_[kSpreSpost]) sum += table(kSpreSpost, pair) * s_post;
    if (edge_row_[kSpreXpost]) sum += table(kSpreXpost, pair) * x_post;
    if (edge_row_[kSpreXpre]) sum += table(kSpreXpre, pair) * x_pre;
    return sum;
  }

  // What multiplies X_pre, and X_pre squared, for a type pair and a target.
  Vec slope(int pair, Vec s_post, Vec x_post) {
    Vec sum{};
    if (edge_row_[kXpre]) sum += table(kXpre, pair);
    if (edge_row_[kSpostXpre]) sum += table(kSpostXpre, pair) * s_post;
    if (edge_row_[kXpreXpost]) sum += table(kXpreXpost, pair) * x_post;
    return sum;
  }

  Vec curvature(int pair) { return edge_row_[kXpre2] ? table(kXpre2, pair) : Vec{}; }

  // The strength after a change of w_ref * terms, within cap and upper bound. A cap
  // below 1 keeps it positive without a lower bound.
  struct Limits {
    float least, most;  // 1 - f and 1 + f
  };
  static Vec changed(Vec w, float w_ref, Vec terms, Limits limits, float w_max) {
    const Vec wanted = w + w_ref * terms;
    return smaller(smaller(larger(wanted, limits.least * w), limits.most * w), splat(w_max));
  }

  void learn(int step) {
    tables_now();
    const size_t slot = size_t(step & (net_.delays - 1)) * n_;
    const Vec* spikes = &history_[slot];
    const uint8_t* spiked = &spiked_[slot];
    after_spike_.clear();
    if (on_spike_) learn_sources(spikes, spiked);
    for (int k = 0; k < net_.slots; ++k)
      for (int i = 0; i < n_; ++i)
        if (dense_ || (on_post_spike_ && spiked[i])) learn_target(k * n_ + i, i, spikes[i]);
    for (const Changed& edge : after_spike_) weights_[edge.index] = edge.strength;
  }

  // Synapses whose source spikes. Their new strengths wait until learn_target, which
  // takes every source for silent, is done.
  void learn_sources(const Vec* spikes, const uint8_t* spiked) {
    for (int d = 1; d < net_.delays; ++d) {
      const int* start = net_.out_start + size_t(d) * n_;
      for (int j = 0; j < n_; ++j) {
        if (!spiked[j]) continue;
        for (int o = start[j]; o < start[j + 1]; ++o)
          after_spike_.push_back(spike_change(net_.out_edge[o], j, spikes));
      }
    }
  }

  struct Changed {
    Vec strength;
    int index;
  };

  Changed spike_change(int e, int j, const Vec* spikes) {
    const int i = net_.target[e], pair = net_.type_pair[e];
    const Vec s_post = spikes[i], x_post = trace_[i], x = trace_[j];
    Vec terms = post_side(i, s_post, x_post) +
                x * (slope(pair, s_post, x_post) + curvature(pair) * x);
    terms += spikes[j] * on_spike(pair, s_post, x_post, x);
    return {changed(weights_[e], net_.w_ref[e], terms, limits_, net_.w_max[e]), e};
  }

  // All synapses onto target i in slot `segment`, by type of the source, as if no
  // source spiked.
  void learn_target(int segment, int i, Vec s_post) {
    const Vec x_post = trace_[i], post = post_side(i, s_post, x_post);
    const int end = net_.in_start[segment + 1];
    for (int e = net_.in_start[segment]; e < end;) {
      const int pair = net_.type_pair[e];
      int last = e + 1;
      while (last < end && net_.type_pair[last] == pair) ++last;
      if (edge_row_[kXpre2])
        learn_group<true>(e, last, post, slope(pair, s_post, x_post), curvature(pair));
      else
        learn_group<false>(e, last, post, slope(pair, s_post, x_post), Vec{});
      e = last;
    }
  }

  template <bool kCurved>
  void learn_group(int e, int last, Vec post, Vec slope, Vec curvature) {
    const Limits limits = limits_;
    const float w_ref = net_.w_ref[e];
    const float* w_max = net_.w_max;
    const int* source = net_.source;
    const Vec* trace = trace_.data;
    Vec* weights = weights_.data;
    for (; e < last; ++e) {
      const Vec x = trace[source[e]];
      const Vec terms = post + x * (kCurved ? slope + curvature * x : slope);
      weights[e] = changed(weights[e], w_ref, terms, limits, w_max[e]);
    }
  }

  void decay(int step) {
    const size_t slot = size_t(step & (net_.delays - 1)) * n_;
    for (int i = 0; i < n_; ++i)
      trace_[i] = trace_[i] * trace_keep_[net_.type[i]] + history_[slot + i];
    for (int m = 0; m < net_.types; ++m) reward_[m] *= reward_keep_[m];
  }

  const Job& job_;
  const Network& net_;
  int first_, n_;
  size_t pairs_;
  Aligned voltage_, asc_, y1_, y2_, history_, trace_, reward_, weights_, refractory_, counts_,
      arriving_, edge_base_, edge_reward_, edge_now_, post_base_, post_reward_, trace_keep_,
      reward_keep_, of_task_;
  std::vector<uint8_t> spiked_;
  std::vector<Changed> after_spike_;
  Limits limits_;
  Vec alone_{}, synchronous_{};
  bool edge_row_[kEdgeRows], reward_row_[kEdgeRows], post_row_[kPostRows];
  bool on_spike_, on_trace_, post_continuous_, dense_, on_post_spike_;
};

void run_tiles(const Job& job, int n_threads) {
  const int tiles = (job.lanes + kLanes - 1) / kLanes;
  std::atomic<int> next{0};
  auto work = [&] {
    for (int tile; (tile = next++) < tiles;) std::make_unique<Tile>(job, tile * kLanes)->run();
  };
  std::vector<std::thread> helpers;
  for (int i = 1; i < std::min(n_threads, tiles); ++i) helpers.emplace_back(work);
  work();
  for (auto& helper : helpers) helper.join();
}

// Takes the arguments in the order in which kernels/cpu.py gives them.
class Reader {
 public:
  Reader(ffi::RemainingArgs args, ffi::RemainingRets rets) : args_(args), rets_(rets) {}
  template <typename T = float>
  const T* in() {
    return static_cast<const T*>(args_.get<ffi::AnyBuffer>(next_in_++)->untyped_data());
  }
  auto dimensions(size_t index) { return args_.get<ffi::AnyBuffer>(index)->dimensions(); }
  size_t position() const { return next_in_; }
  template <typename T = float>
  T* out() {
    return static_cast<T*>((*rets_.get<ffi::AnyBuffer>(next_out_++))->untyped_data());
  }

 private:
  ffi::RemainingArgs args_;
  ffi::RemainingRets rets_;
  size_t next_in_ = 0, next_out_ = 0;
};

Network read_network(Reader& r) {
  Network p{};
  const auto shape = r.dimensions(0);
  p.slots = shape[0];
  p.n = shape[1];
  for (const float** field : {&p.P11, &p.P21, &p.P22, &p.P31, &p.P32, &p.psc, &p.asc_stable,
                              &p.asc_decay, &p.asc_jump_decay, &p.asc_amp, &p.P33, &p.P30,
                              &p.threshold, &p.reset})
    *field = r.in();
  p.refractory_steps = r.in<int>();
  p.type = r.in<int>();
  p.edges = r.dimensions(r.position())[0];
  for (const int** field : {&p.source, &p.target, &p.segment, &p.type_pair})
    *field = r.in<int>();
  for (const float** field : {&p.signed_gain, &p.w_ref, &p.w_max}) *field = r.in();
  for (const int** field : {&p.out_edge, &p.out_start, &p.in_start}) *field = r.in<int>();
  return p;
}

Rules read_rules(Reader& r) {
  Rules rules{};
  for (const float** field : {&rules.edge_base, &rules.edge_reward, &rules.post_base,
                              &rules.post_reward, &rules.alone, &rules.trace_keep,
                              &rules.reward_keep})
    *field = r.in();
  return rules;
}

State read_state(Reader& r) {
  State s{};
  for (const float** field :
       {&s.voltage, &s.asc, &s.y1, &s.y2, &s.history, &s.trace, &s.reward, &s.weights})
    *field = r.in();
  s.refractory = r.in<int>();
  s.step = r.in<int>();
  return s;
}

Result read_result(Reader& r) {
  Result s{};
  for (float** field :
       {&s.voltage, &s.asc, &s.y1, &s.y2, &s.history, &s.trace, &s.reward, &s.weights})
    *field = r.out();
  s.refractory = r.out<int>();
  s.step = r.out<int>();
  for (float** field : {&s.counts, &s.readout_by_step, &s.synchronous}) *field = r.out();
  return s;
}

ffi::Error run_steps(ffi::RemainingArgs args, ffi::RemainingRets rets, int64_t plastic,
                     int64_t measure_synchrony, int64_t n_threads, float max_relative_change,
                     float synchrony_fraction) {
  Reader r(args, rets);
  Job job{};
  job.net = read_network(r);
  job.rules = read_rules(r);
  job.net.types = r.dimensions(r.position() - 1)[0];
  job.net.delays = r.dimensions(r.position() + 4)[0];
  job.lanes = r.dimensions(r.position())[1];
  job.in = read_state(r);
  const auto shape = r.dimensions(r.position());
  job.steps = shape[0];
  job.tasks = shape[2];
  job.current = r.in();
  job.n_readout = r.dimensions(r.position())[0];
  job.readout = r.in<int>();
  job.out = read_result(r);
  job.plastic = plastic;
  job.measure_synchrony = measure_synchrony;
  job.max_relative_change = max_relative_change;
  job.synchrony_fraction = synchrony_fraction;
  const int last = *job.in.step + job.steps;
  run_tiles(job, n_threads);
  *job.out.step = last;
  return ffi::Error::Success();
}

}  // namespace

XLA_FFI_DEFINE_HANDLER_SYMBOL(evoplast_run_steps, run_steps,
                              ffi::Ffi::Bind()
                                  .RemainingArgs()
                                  .RemainingRets()
                                  .Attr<int64_t>("plastic")
                                  .Attr<int64_t>("measure_synchrony")
                                  .Attr<int64_t>("n_threads")
                                  .Attr<float>("max_relative_change")
                                  .Attr<float>("synchrony_fraction"));
