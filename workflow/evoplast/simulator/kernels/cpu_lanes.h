// Rows of lanes between the arrays of a call and one tile. Part of cpu.cpp.
#pragma once

#include <algorithm>
#include <cstring>

#include "cpu_job.h"
#include "cpu_vectors.h"

namespace evoplast {

// The lanes of a tile in rows of all lanes.
struct LaneRange {
  int lanes, first;
  LaneRange(const Job& job, int first) : lanes(job.lanes), first(first) {}

  // Copies rows; lanes beyond the last are zero in a tile.
  void load(Vec* to, const void* array, size_t rows) const {
    const float* from = static_cast<const float*>(array) + first;
    const int width = std::min(kLanes, lanes - first);
    if (width == kLanes) {  // a known size becomes one instruction
      for (size_t r = 0; r < rows; ++r) std::memcpy(&to[r], from + r * lanes, sizeof(Vec));
      return;
    }
    for (size_t r = 0; r < rows; ++r) {
      to[r] = Vec{};
      std::memcpy(&to[r], from + r * lanes, width * sizeof(float));
    }
  }

  void store(void* array, const Vec* from, size_t rows) const {
    float* to = static_cast<float*>(array) + first;
    const int width = std::min(kLanes, lanes - first);
    if (width == kLanes) {
      for (size_t r = 0; r < rows; ++r) std::memcpy(to + r * lanes, &from[r], sizeof(Vec));
      return;
    }
    for (size_t r = 0; r < rows; ++r) std::memcpy(to + r * lanes, &from[r], width * sizeof(float));
  }

  void prefetch_row(const float* array, size_t row) const {
    __builtin_prefetch(array + row * lanes + first);
  }
  void load_row(Vec* to, const void* array, size_t row) const {
    load(to, static_cast<const float*>(array) + row * lanes, 1);
  }
  void store_row(void* array, const Vec* from, size_t row) const {
    store(static_cast<float*>(array) + row * lanes, from, 1);
  }
};

}  // namespace evoplast
