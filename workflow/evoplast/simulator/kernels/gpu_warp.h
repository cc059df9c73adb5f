// Thirty-two lanes of the network at once, on a GPU or on a CPU.
//
// The kernel in gpu.cu is written for a warp: `Floats` is one number for each of its 32
// lanes, plain numbers are the same for all of them. On a GPU a lane is a thread and
// `Floats` its float; on a CPU `Floats` is a vector of 32 and a warp runs as ordinary
// code. Both do the same IEEE operations in the same order (products and sums are fused
// only where `madd` says so), so a test on a CPU tests the numbers of the GPU.

#pragma once

constexpr int kWarp = 32;
constexpr unsigned kAll = 0xffffffffu;

// Which lanes a warp has: `width` of them from lane `first`. Its place in a row of
// lanes is where it reads and writes: on a GPU each thread has its own.
struct Warp {
  int first, width, place;
};

#if defined(__CUDACC__)

#define DEVICE static __device__ __forceinline__
#define UNROLL _Pragma("unroll")

typedef float Floats;
typedef int Ints;
typedef unsigned Words;
typedef bool Mask;

DEVICE int lane() { return threadIdx.x % kWarp; }
DEVICE bool present(Warp warp) { return lane() < warp.width; }
DEVICE Warp warp_at(int first, int width) { return {first, width, first + lane()}; }
DEVICE Ints lane_number() { return lane(); }
DEVICE Floats splat(float value) { return value; }
DEVICE Ints splat_int(int value) { return value; }
DEVICE Floats madd(Floats a, Floats b, Floats c) { return __fmaf_rn(a, b, c); }
DEVICE Floats select(Mask mask, Floats yes, Floats no) { return mask ? yes : no; }
DEVICE Ints select_int(Mask mask, Ints yes, Ints no) { return mask ? yes : no; }
// The smaller and the larger of two; a NaN stays one.
DEVICE Floats at_most(Floats a, Floats b) {
#if __CUDA_ARCH__ >= 800
  Floats least;
  asm("min.NaN.f32 %0, %1, %2;" : "=f"(least) : "f"(a), "f"(b));
  return least;
#else
  return b < a ? b : a;
#endif
}
DEVICE Floats at_least(Floats a, Floats b) {
#if __CUDA_ARCH__ >= 800
  Floats most;
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(most) : "f"(a), "f"(b));
  return most;
#else
  return b > a ? b : a;
#endif
}
DEVICE Mask lanes_in(unsigned word) { return word >> lane() & 1; }
DEVICE Mask both(Mask a, Mask b) { return a && b; }
DEVICE unsigned ballot(Warp warp, Mask mask) { return __ballot_sync(kAll, mask && present(warp)); }
DEVICE unsigned ballot_nonzero(Words words) { return __ballot_sync(kAll, words != 0); }
DEVICE unsigned broadcast(Words words, int from) { return __shfl_sync(kAll, words, from); }
DEVICE int lowest_bit(unsigned word) { return __ffs(word) - 1; }

// `row` is the warp's place in it. What is `fixed` does not change during a launch.
DEVICE Floats load(Warp warp, const float* row) { return present(warp) ? *row : 0.0f; }
DEVICE Ints load_int(Warp warp, const int* row) { return present(warp) ? *row : 0; }
DEVICE Floats load_fixed(Warp warp, const float* row) { return present(warp) ? __ldg(row) : 0.0f; }
DEVICE Floats load_fixed_where(Warp warp, Mask mask, const float* row) {
  return mask && present(warp) ? __ldg(row) : 0.0f;
}
// Strengths are read and written once in a step: they must not drive the traces and
// tables, which are read often, out of the caches.
DEVICE Floats load_once(Warp warp, const float* row) { return present(warp) ? __ldcs(row) : 0.0f; }
DEVICE Floats load_once_where(Warp warp, Mask mask, const float* row) {
  return mask && present(warp) ? __ldcs(row) : 0.0f;
}
DEVICE void store_once(Warp warp, float* row, Floats value) {
  if (present(warp)) __stcs(row, value);
}
DEVICE void store_once_where(Warp warp, Mask mask, float* row, Floats value) {
  if (mask && present(warp)) __stcs(row, value);
}
DEVICE void store(Warp warp, float* row, Floats value) {
  if (present(warp)) *row = value;
}
DEVICE void store_int(Warp warp, int* row, Ints value) {
  if (present(warp)) *row = value;
}
DEVICE void store_word(unsigned* at, unsigned word) {
  if (lane() == 0) *at = word;
}
// Whole numbers below 2^24, so the order of the additions does not matter.
DEVICE void add_where(Warp warp, unsigned word, float* row, float value) {
  if (lanes_in(word)) atomicAdd(row, value);
}
// Each lane the number of its task, `values` having one for each.
DEVICE Floats load_by_task(Warp warp, const float* values, int tasks) {
  return __ldg(values + warp.place % tasks);
}
DEVICE Ints gather_int(Mask valid, const int* table, Ints index) {
  return valid ? __ldg(table + index) : 0;
}
DEVICE Words gather_word(Mask valid, const unsigned* table, Ints index) {
  return valid ? __ldg(table + index) : 0u;
}
template <typename T>
DEVICE T fixed(const T* at) {
  return __ldg(at);
}
template <typename T>
DEVICE T fixed_record(const T* at) {  // of 16 bytes: one instruction
  static_assert(sizeof(T) == sizeof(int4), "a record has 16 bytes");
  const int4 raw = __ldg(reinterpret_cast<const int4*>(at));
  T record;
  memcpy(&record, &raw, sizeof(T));
  return record;
}

#else  // a CPU

#include <cmath>
#include <cstring>

#define DEVICE static inline
#define UNROLL

typedef float Floats __attribute__((vector_size(4 * kWarp)));
typedef int Ints __attribute__((vector_size(4 * kWarp)));
typedef unsigned Words __attribute__((vector_size(4 * kWarp)));
typedef Ints Mask;  // -1 for true

DEVICE Warp warp_at(int first, int width) { return {first, width, first}; }
DEVICE Ints lane_number() {
  Ints numbers;
  for (int k = 0; k < kWarp; ++k) numbers[k] = k;
  return numbers;
}
DEVICE Floats splat(float value) { return Floats{} + value; }
DEVICE Ints splat_int(int value) { return Ints{} + value; }
DEVICE Floats madd(Floats a, Floats b, Floats c) {
  Floats sum;
  for (int k = 0; k < kWarp; ++k) sum[k] = __builtin_fmaf(a[k], b[k], c[k]);
  return sum;
}
DEVICE Floats madd(float a, Floats b, Floats c) { return madd(splat(a), b, c); }
DEVICE Floats select(Mask mask, Floats yes, Floats no) { return mask ? yes : no; }
DEVICE Ints select_int(Mask mask, Ints yes, Ints no) { return mask ? yes : no; }
DEVICE Floats at_most(Floats a, Floats b) { return b < a ? b : a; }
DEVICE Floats at_least(Floats a, Floats b) { return b > a ? b : a; }
DEVICE Mask lanes_in(unsigned word) {
  Mask mask;
  for (int k = 0; k < kWarp; ++k) mask[k] = -int(word >> k & 1);
  return mask;
}
DEVICE Mask both(Mask a, Mask b) { return a & b; }
DEVICE unsigned ballot(Warp warp, Mask mask) {
  unsigned word = 0;
  for (int k = 0; k < warp.width; ++k) word |= unsigned(mask[k] & 1) << k;
  return word;
}
DEVICE unsigned ballot_nonzero(Words words) {
  unsigned word = 0;
  for (int k = 0; k < kWarp; ++k) word |= unsigned(words[k] != 0) << k;
  return word;
}
DEVICE unsigned broadcast(Words words, int from) { return words[from]; }
DEVICE int lowest_bit(unsigned word) { return __builtin_ctz(word); }

DEVICE Floats load(Warp warp, const float* row) {
  Floats values{};
  std::memcpy(&values, row, warp.width * sizeof(float));
  return values;
}
DEVICE Ints load_int(Warp warp, const int* row) {
  Ints values{};
  std::memcpy(&values, row, warp.width * sizeof(int));
  return values;
}
DEVICE void store(Warp warp, float* row, Floats value) {
  std::memcpy(row, &value, warp.width * sizeof(float));
}
DEVICE void store_int(Warp warp, int* row, Ints value) {
  std::memcpy(row, &value, warp.width * sizeof(int));
}
DEVICE Floats load_fixed(Warp warp, const float* row) { return load(warp, row); }
DEVICE Floats load_once(Warp warp, const float* row) { return load(warp, row); }
DEVICE void store_once(Warp warp, float* row, Floats value) { store(warp, row, value); }
DEVICE Floats load_fixed_where(Warp warp, Mask mask, const float* row) {
  return select(mask, load(warp, row), Floats{});
}
DEVICE Floats load_once_where(Warp warp, Mask mask, const float* row) {
  return load_fixed_where(warp, mask, row);
}
DEVICE void store_once_where(Warp warp, Mask mask, float* row, Floats value) {
  store(warp, row, select(mask, value, load(warp, row)));
}
DEVICE void store_word(unsigned* at, unsigned word) { *at = word; }
DEVICE void add_where(Warp warp, unsigned word, float* row, float value) {
  for (int k = 0; k < kWarp; ++k)
    if (word >> k & 1) row[k] += value;
}
DEVICE Floats load_by_task(Warp warp, const float* values, int tasks) {
  Floats result;
  for (int k = 0; k < kWarp; ++k) result[k] = values[(warp.place + k) % tasks];
  return result;
}
DEVICE Ints gather_int(Mask valid, const int* table, Ints index) {
  Ints values{};
  for (int k = 0; k < kWarp; ++k)
    if (valid[k]) values[k] = table[index[k]];
  return values;
}
DEVICE Words gather_word(Mask valid, const unsigned* table, Ints index) {
  Words values{};
  for (int k = 0; k < kWarp; ++k)
    if (valid[k]) values[k] = table[index[k]];
  return values;
}
template <typename T>
DEVICE T fixed(const T* at) {
  return *at;
}
template <typename T>
DEVICE T fixed_record(const T* at) {
  return *at;
}

#endif
