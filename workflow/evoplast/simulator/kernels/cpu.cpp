// The time loop on a CPU: T steps of 1 ms of many copies (lanes) of one network.
//
// Semantics: contract.py and reference.py. Called by XLA through its foreign-function
// interface with the arrays of cpu_arrays.h. As many lanes as a vector register holds
// form a tile (cpu_vectors.h); tiles share nothing, so they are dealt to threads. What
// makes it fast:
//   * a tile's strengths stay in the cache for all T steps (copied in and out once);
//   * spikes are delivered event by event, source by source, in the plastic phase too;
//   * what no lane of the tile needs is not computed: a rule whose active terms all
//     need a spike only touches synapses with a spike on one side (cpu_sparse.h);
//   * strengths lie in the order in which they are used most: by target where every
//     synapse changes in every step (cpu_dense.h), by source where only spikes touch them;
//   * where the caches are too small, several steps are done at once (cpu_blocks.h).
// No lane's result depends on its neighbours: they can only add exact zeros.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "arguments.h"
#include "cpu_job.h"
#include "cpu_tile.h"
#include "cpu_vectors.h"
#include "cpu_wiring.h"

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
      for (int tile; (tile = next++) < tiles;) run_tile(job, tile * kLanes);
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

constexpr std::string_view kNames =
#define FIXED(type, name, ...) " " #name
#define STATE(type, name, ...) " " #name
#define RESULT(type, name, ...) " " #name
#include "cpu_arrays.h"
    ;
constexpr size_t kFixed = 0
#define FIXED(...) +1
#include "cpu_arrays.h"
    ;
constexpr size_t kStates = 0
#define STATE(...) +1
#include "cpu_arrays.h"
    ;
constexpr size_t kResults = 0
#define RESULT(...) +1
#include "cpu_arrays.h"
    ;

// Fills a job from the arguments of a call.
struct Border : Arguments {
  using Arguments::Arguments;
  Dimension N{"N"}, E{"E"}, M{"M"}, K{"K"}, D{"D"}, L{"L"}, T{"T"}, C{"C"}, B{"B"};
  Dimension TWO{"TWO", 2}, EIGHT{"EIGHT", kEdgeRows}, FOUR{"FOUR", kPostRows};
  Dimension OUT{"OUT"}, IN{"IN"}, X{"X"}, Z{"Z"}, NINE{"NINE", kSignals};

  void read(std::string_view names, Job& job) {
    expect_names(kNames.substr(1), names);
    expect_counts(kFixed + kStates, kStates + kResults);
#define FIXED(type, name, ...) in(#name, job.net.name, {__VA_ARGS__});
#define STATE(type, name, ...) in_and_out(#name, job.in.name, job.out.name, {__VA_ARGS__});
#define RESULT(type, name, ...) out(#name, job.out.name, {__VA_ARGS__});
#include "cpu_arrays.h"
    expect_size(OUT, D * N + 1);
    expect_size(IN, K * N + 1);
    job.n = N, job.edges = E, job.types = M, job.slots = K, job.delays = D;
    job.extras = X, job.slow_traces = Z;
    job.lanes = L, job.steps = T, job.tasks = C, job.n_readout = B;
  }
};

ffi::Error run_steps(ffi::RemainingArgs args, ffi::RemainingRets rets, std::string_view arrays,
                     int64_t plastic, int64_t measure_synchrony, int64_t n_threads,
                     int64_t cache_bytes, float max_relative_change, float synchrony_fraction) {
  Border border(args, rets);
  Job job{};
  border.read(arrays, job);
  if (!border.problem().empty())
    return ffi::Error(ffi::ErrorCode::kInvalidArgument, "C++ kernel: " + border.problem());
  job.plastic = plastic;
  job.measure_synchrony = measure_synchrony;
  job.cache_bytes = cache_bytes;
  job.max_relative_change = max_relative_change;
  job.synchrony_fraction = synchrony_fraction;
  const int last = *job.in.step + job.steps;
  try {
    const Wiring wiring(job);
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
                              evoplast::ffi::Ffi::Bind()
                                  .RemainingArgs()
                                  .RemainingRets()
                                  .Attr<std::string_view>("arrays")
                                  .Attr<int64_t>("plastic")
                                  .Attr<int64_t>("measure_synchrony")
                                  .Attr<int64_t>("n_threads")
                                  .Attr<int64_t>("cache_bytes")
                                  .Attr<float>("max_relative_change")
                                  .Attr<float>("synchrony_fraction"));
