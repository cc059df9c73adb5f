// The time loop on a CPU: T steps of 1 ms of many copies (lanes) of one network.
//
// Semantics: evoplast/simulator/run.py with kernels/reference.py. Called by XLA through
// its foreign-function interface; the order of arguments is that of kernels/cpu.py.
// Sixteen lanes form a tile and sit in one vector register; tiles share nothing, so
// they are dealt to threads. What makes it fast:
//   * a tile's strengths stay in the cache for all T steps (copied in and out once);
//   * spikes are delivered event by event, source by source, in the plastic phase too;
//   * what no lane of the tile needs is not computed: a rule whose active terms all
//     need a spike only touches synapses with a spike on one side;
//   * strengths lie in the order in which they are used most: by target where every
//     synapse changes in every step, by source where only spikes touch them;
//   * where every synapse changes in every step and the caches are too small for all,
//     kBlock steps are done at once, so that a strength is fetched once for all of them;
//     a synapse that transmits a spike in the meantime is brought up to date first.
// No lane's result depends on its neighbours: they can only add exact zeros.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "cpu_job.h"
#include "cpu_tile.h"
#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace evoplast {
namespace {

// Returns whether the memory was enough.
bool run_tiles(const Job& job, int n_threads) {
  const int tiles = (job.lanes + kLanes - 1) / kLanes;
  std::atomic<int> next{0};
  std::atomic<bool> enough{true};
  auto work = [&] {
    const FlushDenormals flush;
    try {
      for (int tile; (tile = next++) < tiles;) std::make_unique<Tile>(job, tile * kLanes)->run();
    } catch (const std::bad_alloc&) {
      enough = false;
    }
  };
  std::vector<std::thread> helpers;
  for (int i = 1; i < std::min(n_threads, tiles); ++i) helpers.emplace_back(work);
  work();
  for (auto& helper : helpers) helper.join();
  return enough;
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
                     int64_t measure_synchrony, int64_t n_threads, int64_t cache_bytes,
                     float max_relative_change, float synchrony_fraction) {
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
  job.cache_bytes = cache_bytes;
  job.max_relative_change = max_relative_change;
  job.synchrony_fraction = synchrony_fraction;
  const int last = *job.in.step + job.steps;
  try {
    const Wiring wiring(job.net);
    job.wiring = &wiring;
    if (!run_tiles(job, n_threads)) throw std::bad_alloc();
  } catch (const std::bad_alloc&) {
    return ffi::Error(ffi::ErrorCode::kResourceExhausted, "Out of memory in the C++ kernel.");
  }
  *job.out.step = last;
  return ffi::Error::Success();
}

}  // namespace
}  // namespace evoplast

XLA_FFI_DEFINE_HANDLER_SYMBOL(evoplast_run_steps, evoplast::run_steps,
                              ffi::Ffi::Bind()
                                  .RemainingArgs()
                                  .RemainingRets()
                                  .Attr<int64_t>("plastic")
                                  .Attr<int64_t>("measure_synchrony")
                                  .Attr<int64_t>("n_threads")
                                  .Attr<int64_t>("cache_bytes")
                                  .Attr<float>("max_relative_change")
                                  .Attr<float>("synchrony_fraction"));
