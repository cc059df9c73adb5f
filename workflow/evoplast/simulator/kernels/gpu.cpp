// Launches the kernel of gpu.cu for T steps, called by XLA through its foreign-function
// interface with the arrays of gpu_arrays.h. Two handlers do the same: one launches the compiled
// kernel on the stream of a CUDA device, the other runs the same source on the CPU, warp after
// warp, so that it can be tested without a GPU.
//
// The few functions of the CUDA driver that are needed are declared here and found when
// they are first used, so that neither headers nor libraries of CUDA are needed to
// build this.

#include <dlfcn.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "arguments.h"
#include "gpu.cu"
#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

template <>  // a record of whole numbers
struct evoplast::Element<Edge> : evoplast::Element<int> {};

namespace {

// ---------------------------------------------------------------- the CUDA driver

typedef struct CUctx_st* CUcontext;
typedef struct CUmod_st* CUmodule;
typedef struct CUfunc_st* CUfunction;
typedef struct CUstream_st* CUstream;

struct Driver {
  int (*cuStreamGetCtx)(CUstream, CUcontext*);
  int (*cuCtxPushCurrent)(CUcontext);
  int (*cuCtxPopCurrent)(CUcontext*);
  int (*cuModuleLoadData)(CUmodule*, const void*);
  int (*cuModuleGetFunction)(CUfunction*, CUmodule, const char*);
  int (*cuLaunchKernel)(CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                        unsigned, CUstream, void**, void**);
  int (*cuGetErrorString)(int, const char**);
  std::string missing;  // what was not found
};

template <typename F>
void find(void* library, const char* name, F& function, std::string& missing) {
  function = reinterpret_cast<F>(dlsym(library, name));
  if (!function && missing.empty()) missing = name;
}

Driver find_driver() {
  Driver d{};
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    d.missing = "libcuda.so.1";
    return d;
  }
  find(library, "cuStreamGetCtx", d.cuStreamGetCtx, d.missing);
  find(library, "cuCtxPushCurrent_v2", d.cuCtxPushCurrent, d.missing);
  find(library, "cuCtxPopCurrent_v2", d.cuCtxPopCurrent, d.missing);
  find(library, "cuModuleLoadData", d.cuModuleLoadData, d.missing);
  find(library, "cuModuleGetFunction", d.cuModuleGetFunction, d.missing);
  find(library, "cuLaunchKernel", d.cuLaunchKernel, d.missing);
  find(library, "cuGetErrorString", d.cuGetErrorString, d.missing);
  return d;
}

const Driver& driver() {
  static const Driver found = find_driver();
  return found;
}

ffi::Error failure(const std::string& what) {
  return ffi::Error(ffi::ErrorCode::kInternal, "evoplast's GPU kernel: " + what);
}

std::string explained(const char* call, int code) {
  const char* text = nullptr;
  driver().cuGetErrorString(code, &text);
  return std::string(call) + " failed: " + (text ? text : std::to_string(code));
}

// The compiled kernel, and the function it became in each device's context.
struct Program {
  std::mutex mutex;
  std::vector<char> image;
  std::map<CUcontext, CUfunction> functions;
};

Program& program() {
  static Program only;
  return only;
}

// The context must be current.
std::string find_function(CUcontext context, CUfunction& function) {
  Program& p = program();
  std::lock_guard<std::mutex> lock(p.mutex);
  const auto known = p.functions.find(context);
  if (known != p.functions.end()) {
    function = known->second;
    return "";
  }
  if (p.image.empty()) return "it has not been compiled";
  CUmodule module;
  int code = driver().cuModuleLoadData(&module, p.image.data());
  if (code) return explained("cuModuleLoadData", code);
  code = driver().cuModuleGetFunction(&function, module, "evoplast_step");
  if (code) return explained("cuModuleGetFunction", code);
  p.functions[context] = function;
  return "";
}

// Step -1 stands for the membranes of step 0, which need no synapses before them.
int rows_of(const Job& job, int t) { return t >= 0 && job.plastic ? job.n + job.types : job.n; }

std::string launch_steps(Job& job, CUstream stream, CUfunction function) {
  const int warps = job.words < kWarpsPerBlock ? job.words : kWarpsPerBlock;
  const unsigned tiles = (job.words + warps - 1) / warps;
  for (int t = -1; t < job.steps; ++t) {
    void* arguments[] = {&job, &t};
    const int code = driver().cuLaunchKernel(function, rows_of(job, t), tiles, 1, warps * kWarp, 1,
                                             1, 0, stream, arguments, nullptr);
    if (code) return explained("cuLaunchKernel", code);
  }
  return "";
}

std::string run_on_device(Job& job, CUstream stream) {
  const Driver& d = driver();
  if (!d.missing.empty()) return d.missing + " was not found";
  CUcontext context;
  int code = d.cuStreamGetCtx(stream, &context);
  if (code) return explained("cuStreamGetCtx", code);
  code = d.cuCtxPushCurrent(context);
  if (code) return explained("cuCtxPushCurrent", code);
  CUfunction function;
  std::string problem = find_function(context, function);
  if (problem.empty()) problem = launch_steps(job, stream, function);
  d.cuCtxPopCurrent(&context);
  return problem;
}

// ---------------------------------------------------------------- the CPU in its place

bool backwards = false;  // the order of the warps of a launch must not matter

void run_on_cpu(const Job& job) {
  for (int t = -1; t < job.steps; ++t) {
    const int count = rows_of(job, t) * job.words;
    for (int k = 0; k < count; ++k) {
      const int which = backwards ? count - 1 - k : k;
      run_warp(job, t, which / job.words, which % job.words);
    }
  }
}

// ---------------------------------------------------------------- arguments

constexpr std::string_view kNames =
#define FIXED(type, name, ...) " " #name
#define STATE(type, name, ...) " " #name
#include "gpu_arrays.h"
    ;
constexpr size_t kFixed = 0
#define FIXED(...) +1
#include "gpu_arrays.h"
    ;
constexpr size_t kStates = 0
#define STATE(...) +1
#include "gpu_arrays.h"
    ;

// Fills a job from the arguments of a call.
struct Border : evoplast::Arguments {
  using Arguments::Arguments;
  typedef evoplast::Dimension Dimension;
  Dimension N{"N"}, E{"E"}, M{"M"}, P{"P"}, K{"K"}, L{"L"}, W{"W"}, H{"H"};
  Dimension T{"T"}, A{"A"}, C{"C"}, IN{"IN"};
  Dimension TWO{"TWO", 2}, EIGHT{"EIGHT", kEdgeRows}, FOUR{"FOUR", kPostRows};
  Dimension RECORD{"RECORD", sizeof(Edge) / sizeof(int)};

  void read(std::string_view names, Job& job) {
    expect_names(kNames.substr(1), names);
    expect_counts(kFixed + kStates, kStates);
#define FIXED(type, name, ...) in(#name, job.name, {__VA_ARGS__});
#define STATE(type, name, ...) in_place(#name, job.name, {__VA_ARGS__});
#include "gpu_arrays.h"
    expect_size(IN, K * N + 1);
    expect_size(P, M * M);
    job.n = N, job.types = M, job.slots = K, job.lanes = L, job.words = W, job.ring = H;
    job.steps = T, job.tasks = C;
    job.row_bytes = sizeof(float) * job.lanes;
    job.word_bytes = sizeof(unsigned) * job.words;
  }
};

std::string read_job(ffi::RemainingArgs args, ffi::RemainingRets rets, std::string_view arrays,
                     Job& job) {
  Border border(args, rets);
  border.read(arrays, job);
  return border.problem();
}

Job empty_job(int64_t plastic, int64_t measure_synchrony, float max_relative_change) {
  Job job{};
  job.plastic = plastic;
  job.measure_synchrony = measure_synchrony;
  job.max_relative_change = max_relative_change;
  return job;
}

ffi::Error steps_on_device(CUstream stream, ffi::RemainingArgs args, ffi::RemainingRets rets,
                           std::string_view arrays, int64_t plastic, int64_t measure_synchrony,
                           float max_relative_change) {
  Job job = empty_job(plastic, measure_synchrony, max_relative_change);
  std::string problem = read_job(args, rets, arrays, job);
  if (problem.empty()) problem = run_on_device(job, stream);
  return problem.empty() ? ffi::Error::Success() : failure(problem);
}

ffi::Error steps_on_cpu(ffi::RemainingArgs args, ffi::RemainingRets rets, std::string_view arrays,
                        int64_t plastic, int64_t measure_synchrony, float max_relative_change) {
  Job job = empty_job(plastic, measure_synchrony, max_relative_change);
  const std::string problem = read_job(args, rets, arrays, job);
  if (!problem.empty()) return failure(problem);
  run_on_cpu(job);
  return ffi::Error::Success();
}

}  // namespace

extern "C" void evoplast_gpu_program(const char* image, int64_t size) {
  Program& p = program();
  std::lock_guard<std::mutex> lock(p.mutex);
  p.image.assign(image, image + size);
  p.functions.clear();
}

extern "C" void evoplast_gpu_backwards(int yes) { backwards = yes; }

XLA_FFI_DEFINE_HANDLER_SYMBOL(evoplast_gpu_on_device, steps_on_device,
                              ffi::Ffi::Bind()
                                  .Ctx<ffi::PlatformStream<CUstream>>()
                                  .RemainingArgs()
                                  .RemainingRets()
                                  .Attr<std::string_view>("arrays")
                                  .Attr<int64_t>("plastic")
                                  .Attr<int64_t>("measure_synchrony")
                                  .Attr<float>("max_relative_change"));

XLA_FFI_DEFINE_HANDLER_SYMBOL(evoplast_gpu_on_cpu, steps_on_cpu,
                              ffi::Ffi::Bind()
                                  .RemainingArgs()
                                  .RemainingRets()
                                  .Attr<std::string_view>("arrays")
                                  .Attr<int64_t>("plastic")
                                  .Attr<int64_t>("measure_synchrony")
                                  .Attr<float>("max_relative_change"));
