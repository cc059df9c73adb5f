// A tile's lanes in a register, masks of lanes, and memory for them. Part of cpu.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <new>

#if defined(__SSE__)
#include <immintrin.h>
#endif
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace evoplast {

// As many as a register holds: vectors that the processor does not have are taken apart
// by the compiler, and g++ then keeps them in memory.
#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif
typedef float Vec __attribute__((vector_size(4 * kLanes), aligned(4 * kLanes)));
typedef int Ints __attribute__((vector_size(4 * kLanes), aligned(4 * kLanes)));
typedef uint16_t Mask;  // one bit a lane

inline Vec splat(float v) { return v - Vec{}; }  // minus zero: every number stays
inline Vec smaller(Vec a, Vec b) { return a < b ? a : b; }
inline Vec larger(Vec a, Vec b) { return a > b ? a : b; }

inline bool any_nonzero(Vec v) {
  uint64_t bits[kLanes / 2], found = 0;
  std::memcpy(bits, &v, sizeof(v));
  for (uint64_t b : bits) found |= b;
  return (found & 0x7fffffff7fffffffULL) != 0;  // a negative zero is a zero
}

alignas(64) constexpr int kBits[16] = {1,       1 << 1,  1 << 2,  1 << 3, 1 << 4,  1 << 5,
                                       1 << 6,  1 << 7,  1 << 8,  1 << 9, 1 << 10, 1 << 11,
                                       1 << 12, 1 << 13, 1 << 14, 1 << 15};

// 1 in the lanes of the mask, else 0.
inline Vec ones(Mask mask) {
  Ints bit;
  std::memcpy(&bit, kBits, sizeof(Ints));
  const Ints in = (bit & int(mask)) != 0;
  return in ? splat(1.0f) : Vec{};
}

inline Mask mask_of(Vec v) {  // lanes that are not zero
#if defined(__AVX512F__)
  __m512 raw;
  std::memcpy(&raw, &v, sizeof(v));
  return _mm512_cmp_ps_mask(raw, _mm512_setzero_ps(), _CMP_NEQ_OQ);
#elif defined(__AVX2__)
  __m256 raw;
  std::memcpy(&raw, &v, sizeof(v));
  return _mm256_movemask_ps(_mm256_cmp_ps(raw, _mm256_setzero_ps(), _CMP_NEQ_OQ));
#else
  if (!any_nonzero(v)) return 0;
  Mask mask = 0;
  for (int lane = 0; lane < kLanes; ++lane) mask |= Mask(v[lane] != 0.0f) << lane;
  return mask;
#endif
}

// XLA takes numbers below the smallest normal one for zero; so does every thread here.
struct FlushDenormals {
#if defined(__SSE__)
  FlushDenormals() : before(_mm_getcsr()) { _mm_setcsr(before | 0x8040); }
  ~FlushDenormals() { _mm_setcsr(before); }
  unsigned before;
#endif
};

// Memory that calls hand on to the next: fresh pages would have to be cleared.
class Pool {
 public:
  static void* take(size_t bytes) {
    std::lock_guard<std::mutex> guard(pool().mutex_);
    auto found = pool().free_.find(bytes);
    if (found == pool().free_.end()) return allocate(bytes);
    void* block = found->second;
    pool().free_.erase(found);
    pool().kept_ -= bytes;
    return block;
  }
  static void give(void* block, size_t bytes) {
    std::lock_guard<std::mutex> guard(pool().mutex_);
    if (pool().kept_ + bytes > kMostKept) {
      ::operator delete(block, alignment(bytes));
      return;
    }
    pool().free_.emplace(bytes, block);
    pool().kept_ += bytes;
  }

 private:
  static constexpr size_t kMostKept = size_t(256) << 20, kHugePage = size_t(2) << 20;
  static Pool& pool() {
    static Pool* one = new Pool;  // never destroyed: threads may outlive statics
    return *one;
  }
  static std::align_val_t alignment(size_t bytes) {
    return std::align_val_t(bytes < kHugePage ? 64 : kHugePage);
  }
  static void* allocate(size_t bytes) {
    void* block = ::operator new(bytes, alignment(bytes));
#if defined(__linux__)
    if (bytes >= kHugePage) madvise(block, bytes, MADV_HUGEPAGE);
#endif
    return block;
  }
  std::mutex mutex_;
  std::multimap<size_t, void*> free_;
  size_t kept_ = 0;
};

template <typename T>
struct Array {  // memory of the pool, not cleared
  explicit Array(size_t count)
      : bytes(std::max<size_t>(count, 1) * sizeof(T)), data(static_cast<T*>(Pool::take(bytes))) {}
  ~Array() { Pool::give(data, bytes); }
  Array(const Array&) = delete;
  T& operator[](size_t i) { return data[i]; }
  const T& operator[](size_t i) const { return data[i]; }
  size_t bytes;
  T* data;
};
typedef Array<Vec> Vectors;

}  // namespace evoplast
