// The arguments of a call from XLA, by name.
//
// A list of arrays (cpu_arrays.h, gpu_arrays.h) is read by both sides: arguments.py takes
// the order from it and sends the names along, the kernel checks that they are its own,
// then element type and dimensions of every array, and only then looks at the data.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "xla/ffi/api/ffi.h"

namespace evoplast {

namespace ffi = xla::ffi;

// A length that several arrays share; the first of them tells it.
struct Dimension {
  const char* name;
  int64_t size = -1;
  operator int64_t() const { return size; }
};
typedef std::initializer_list<std::reference_wrapper<Dimension>> Shape;

template <typename T>
struct Element;
template <>
struct Element<float> {
  static constexpr ffi::DataType kType = ffi::DataType::F32;
};
template <>
struct Element<int> {
  static constexpr ffi::DataType kType = ffi::DataType::S32;
};
template <>
struct Element<unsigned> {
  static constexpr ffi::DataType kType = ffi::DataType::U32;
};

class Arguments {
 public:
  Arguments(ffi::RemainingArgs args, ffi::RemainingRets rets) : args_(args), rets_(rets) {}

  // What is wrong with the arguments, or nothing.
  const std::string& problem() const { return problem_; }

  // `here` and `there` are the names on this side and in Python, in order.
  void expect_names(std::string_view here, std::string_view there) {
    if (here != there)
      fail("Python and the kernel disagree about the arrays: " + first_difference(here, there));
  }

  void expect_counts(size_t inputs, size_t outputs) {
    if (args_.size() != inputs || rets_.size() != outputs)
      fail("there are " + std::to_string(args_.size()) + " arrays and " +
           std::to_string(rets_.size()) + " results, not " + std::to_string(inputs) + " and " +
           std::to_string(outputs));
  }

  void expect_size(const Dimension& dimension, int64_t size) {
    if (dimension.size != size)
      fail(std::string(dimension.name) + " is " + std::to_string(dimension.size) + ", not " +
           std::to_string(size));
  }

  template <typename T>
  void in(const char* name, const T*& field, Shape shape) {
    if (problem_.empty())
      field = checked<const T>(name, *args_.get<ffi::AnyBuffer>(next_in_++), shape);
  }

  template <typename T>
  void out(const char* name, T*& field, Shape shape) {
    if (problem_.empty()) field = checked<T>(name, **rets_.get<ffi::AnyBuffer>(next_out_++), shape);
  }

  // What changes is argument and result; XLA may give the same memory for both.
  template <typename T>
  void in_and_out(const char* name, const T*& before, T*& after, Shape shape) {
    in(name, before, shape);
    out(name, after, shape);
  }

  // The same for a kernel that only works in place.
  template <typename T>
  void in_place(const char* name, T*& field, Shape shape) {
    const T* before = nullptr;
    in_and_out(name, before, field, shape);
    if (before != field) fail("XLA did not give it " + std::string(name) + " in place");
  }

 private:
  void fail(const std::string& what) {
    if (problem_.empty()) problem_ = what + ".";
  }

  static std::string first_difference(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
      const std::string_view x = a.substr(0, a.find(' ')), y = b.substr(0, b.find(' '));
      if (x != y) return std::string(x) + " here is " + std::string(y) + " there";
      a.remove_prefix(std::min(x.size() + 1, a.size()));
      b.remove_prefix(std::min(y.size() + 1, b.size()));
    }
    return std::string(a) + std::string(b) + " is missing on one side";
  }

  template <typename T>
  T* checked(const char* name, ffi::AnyBuffer buffer, Shape shape) {
    const auto sizes = buffer.dimensions();
    if (buffer.element_type() != Element<std::remove_const_t<T>>::kType)
      fail(std::string(name) + " has another element type");
    if (sizes.size() != shape.size()) {
      fail(std::string(name) + " has " + std::to_string(sizes.size()) + " dimensions, not " +
           std::to_string(shape.size()));
      return nullptr;
    }
    size_t k = 0;
    for (Dimension& expected : shape) {
      const int64_t size = sizes[k++];
      if (expected.size < 0) expected.size = size;
      if (expected.size != size)
        fail(std::string(name) + " has " + expected.name + " = " + std::to_string(size) +
             ", arrays before it " + std::to_string(expected.size));
    }
    return static_cast<T*>(buffer.untyped_data());
  }

  ffi::RemainingArgs args_;
  ffi::RemainingRets rets_;
  size_t next_in_ = 0, next_out_ = 0;
  std::string problem_;
};

}  // namespace evoplast
