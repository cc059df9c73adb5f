// What a call works on: the arrays as XLA hands them over, sizes and settings. Part of
// cpu.cpp.
#pragma once

#include <cstdint>

namespace evoplast {

// Rows of the edge tables and the post tables, as in lane_rules.py.
enum EdgeRow { kSpre, kSpreSpost, kSpreXpost, kXpre, kSpostXpre, kXpreXpost, kSpreXpre, kXpre2 };
enum PostRow { kSpost, kXpost, kSpostXpost, kXpost2 };
constexpr int kEdgeRows = 8, kPostRows = 4;
// Signals of extra terms, as SIGNALS in rules/terms.py.
enum Signal { kSigSpre, kSigSpost, kSigXpre, kSigXpost, kSigR, kSigW, kSigV, kSigBpre, kSigBpost };
constexpr int kSignals = 9;

struct Wiring;

struct Job {
  struct Fixed {
#define FIXED(type, name, ...) const type* name;
#include "cpu_arrays.h"
  } net;
  struct Before {
#define STATE(type, name, ...) const type* name;
#include "cpu_arrays.h"
  } in;
  struct After {
#define STATE(type, name, ...) type* name;
#define RESULT(type, name, ...) type* name;
#include "cpu_arrays.h"
  } out;
  int n, edges, types, slots, delays;  // delays: length of the spike history
  int lanes, steps, tasks, n_readout;
  int extras, slow_traces;  // terms beyond the 25, traces B
  const Wiring* wiring;
  int64_t cache_bytes;  // a core's share of the caches, about
  float max_relative_change, synchrony_fraction;
  bool plastic, measure_synchrony;

  size_t pairs() const { return size_t(types) * types; }
  int real_edges() const { return net.in_start[slots * n]; }  // without padding
};

}  // namespace evoplast
