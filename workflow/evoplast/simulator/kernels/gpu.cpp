// Launches the kernel of gpu.cu for T steps, called by XLA through its foreign-function
// interface; the order of arguments is that of kernels/gpu.py. Two handlers do the
// same: one launches the compiled kernel on the stream of a CUDA device, the other runs
// the same source on the CPU, warp after warp, so that it can be tested without a GPU.
//
// The few functions of the CUDA driver that are needed are declared here and found when
// they are first used, so that neither headers nor libraries of CUDA are needed to
// build this.

#include <dlfcn.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "gpu.cu"
#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

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
  int (*cuLaunchKernel)(CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned,
                        unsigned, unsigned, CUstream, void**, void**);
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
int rows_of(const Job& job, int t) {
  return t >= 0 && job.plastic ? job.n + job.types : job.n;
}

std::string launch_steps(Job& job, CUstream stream, CUfunction function) {
  const int warps = job.words < kWarpsPerBlock ? job.words : kWarpsPerBlock;
  const unsigned tiles = (job.words + warps - 1) / warps;
  for (int t = -1; t < job.steps; ++t) {
    void* arguments[] = {&job, &t};
    const int code = driver().cuLaunchKernel(function, rows_of(job, t), tiles, 1,
                                             warps * kWarp, 1, 1, 0, stream, arguments,
                                             nullptr);
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

// Takes the arguments in the order in which kernels/gpu.py gives them.
class Reader {
 public:
  Reader(ffi::RemainingArgs args, ffi::RemainingRets rets) : args_(args), rets_(rets) {}
  template <typename T>
  void in(const T*& field) {
    field = static_cast<const T*>(next().untyped_data());
  }
  template <typename T>
  void in_place(T*& field) {
    void* before = next().untyped_data();
    field = static_cast<T*>((*rets_.get<ffi::AnyBuffer>(next_out_++))->untyped_data());
    copied_ |= before != field;
  }
  auto shape() { return args_.get<ffi::AnyBuffer>(next_)->dimensions(); }
  bool copied() const { return copied_; }

 private:
  ffi::AnyBuffer next() { return *args_.get<ffi::AnyBuffer>(next_++); }
  ffi::RemainingArgs args_;
  ffi::RemainingRets rets_;
  size_t next_ = 0, next_out_ = 0;
  bool copied_ = false;
};

void read_network(Reader& r, Job& job) {
  job.slots = r.shape()[0];
  job.n = r.shape()[1];
  for (auto field : {&job.P11, &job.P21, &job.P22, &job.P31, &job.P32, &job.psc,
                     &job.asc_stable, &job.asc_decay, &job.asc_jump_decay, &job.asc_amp,
                     &job.P33, &job.P30, &job.threshold, &job.reset})
    r.in(*field);
  r.in(job.refractory_steps);
  r.in(job.type);
  r.in(job.edges);
  r.in(job.source);
  r.in(job.delay);
  r.in(job.in_start);
  r.in(job.w_ref);
  r.in(job.gain);
}

void read_rules(Reader& r, Job& job) {
  for (auto field : {&job.edge_base, &job.edge_reward, &job.post_base, &job.post_reward,
                     &job.alone})
    r.in(*field);
  job.types = r.shape()[0];
  r.in(job.trace_keep);
  r.in(job.reward_keep);
  job.words = r.shape()[0];
  r.in(job.rows);
}

void read_what_changes(Reader& r, Job& job) {
  job.lanes = r.shape()[1];
  r.in_place(job.voltage);
  r.in_place(job.asc);
  r.in_place(job.y1);
  r.in_place(job.y2);
  r.in_place(job.refractory);
  r.in_place(job.weights);
  for (float*& trace : job.trace) r.in_place(trace);
  for (float*& reward : job.reward) r.in_place(reward);
  job.ring = r.shape()[0];
  r.in_place(job.bits);
  r.in_place(job.counts);
  r.in_place(job.readout_by_step);
  r.in_place(job.active);
}

std::string read_job(ffi::RemainingArgs args, ffi::RemainingRets rets, Job& job) {
  Reader r(args, rets);
  read_network(r, job);
  read_rules(r, job);
  r.in(job.step);
  job.steps = r.shape()[0];
  job.tasks = r.shape()[2];
  r.in(job.current);
  r.in(job.in_readout);
  read_what_changes(r, job);
  job.row_bytes = sizeof(float) * job.lanes;
  job.word_bytes = sizeof(unsigned) * job.words;
  return r.copied() ? "XLA did not give it its state in place" : "";
}

Job empty_job(int64_t plastic, int64_t measure_synchrony, float max_relative_change) {
  Job job{};
  job.plastic = plastic;
  job.measure_synchrony = measure_synchrony;
  job.max_relative_change = max_relative_change;
  return job;
}

ffi::Error steps_on_device(CUstream stream, ffi::RemainingArgs args,
                           ffi::RemainingRets rets, int64_t plastic,
                           int64_t measure_synchrony, float max_relative_change) {
  Job job = empty_job(plastic, measure_synchrony, max_relative_change);
  std::string problem = read_job(args, rets, job);
  if (problem.empty()) problem = run_on_device(job, stream);
  return problem.empty() ? ffi::Error::Success() : failure(problem);
}

ffi::Error steps_on_cpu(ffi::RemainingArgs args, ffi::RemainingRets rets, int64_t plastic,
                        int64_t measure_synchrony, float max_relative_change) {
  Job job = empty_job(plastic, measure_synchrony, max_relative_change);
  const std::string problem = read_job(args, rets, job);
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
                                  .Attr<int64_t>("plastic")
                                  .Attr<int64_t>("measure_synchrony")
                                  .Attr<float>("max_relative_change"));

XLA_FFI_DEFINE_HANDLER_SYMBOL(evoplast_gpu_on_cpu, steps_on_cpu,
                              ffi::Ffi::Bind()
                                  .RemainingArgs()
                                  .RemainingRets()
                                  .Attr<int64_t>("plastic")
                                  .Attr<int64_t>("measure_synchrony")
                                  .Attr<float>("max_relative_change"));
