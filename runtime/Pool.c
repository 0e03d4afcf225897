/* SPDX-License-Identifier: Apache-2.0
 * The fork-join pool: a mailbox a worker, spinning first and sleeping after. */
#define _POSIX_C_SOURCE 200809L
#include <lathe/runtime.h>

#include <pthread.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { cacheLine = 128, maxThreads = 1024 }; /* two lines: x86 prefetches them in pairs */
static const int64_t spinNanoseconds = 100000, graceNanoseconds = 5000;

/* A word that one thread changes and another waits for. The waiter announces that it sleeps before it looks a last
 * time, who changes it looks for sleepers afterwards: one of the two always sees the other. */
typedef struct {
  alignas(cacheLine) _Atomic uint32_t value;
  _Atomic uint32_t sleeping;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
} signal_t;

/* `offer` counts: even, a job is there to be claimed; odd, it is claimed. Whoever makes it odd runs the job's parts. */
typedef struct {
  signal_t offer; /* changed by the caller, claimed by the worker or the caller */
  signal_t done;  /* the last claimed offer that the worker has finished */
  lathe_pool_t *pool;
  pthread_t thread;
  int32_t index;
} worker_t;

struct lathe_pool {
  alignas(cacheLine) atomic_flag busy;
  alignas(cacheLine) int32_t threads;
  int32_t started; /* workers */
  int64_t spin;    /* nanoseconds */
  void (*task)(void *context, int32_t part);
  void *context;
  int32_t parts;
  bool stop;
  worker_t workers[];
};

static void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void openSignal(signal_t *signal, uint32_t value) {
  atomic_init(&signal->value, value);
  atomic_init(&signal->sleeping, 0);
  pthread_mutex_init(&signal->mutex, NULL);
  pthread_cond_init(&signal->changed, NULL);
}

static void closeSignal(signal_t *signal) {
  pthread_cond_destroy(&signal->changed);
  pthread_mutex_destroy(&signal->mutex);
}

static void change(signal_t *signal, uint32_t value) {
  atomic_store(&signal->value, value);
  if (atomic_load(&signal->sleeping) == 0)
    return;
  pthread_mutex_lock(&signal->mutex);
  pthread_cond_signal(&signal->changed);
  pthread_mutex_unlock(&signal->mutex);
}

/* Spins until (signal == value) == equal; false where it took longer than `nanoseconds`. */
static bool spinUntil(signal_t *signal, uint32_t value, bool equal, int64_t nanoseconds) {
  const int pausesBetweenClocks = 32;
  int64_t end = 0, time;
  do {
    for (int i = 0; i < pausesBetweenClocks; ++i) {
      if ((atomic_load_explicit(&signal->value, memory_order_acquire) == value) == equal)
        return true;
      relax();
    }
    time = now();
    if (end == 0)
      end = time + nanoseconds;
  } while (time < end);
  return false;
}

/* The same, however long it takes. */
static void waitUntil(signal_t *signal, uint32_t value, bool equal, int64_t spin) {
  if (spinUntil(signal, value, equal, spin))
    return;
  pthread_mutex_lock(&signal->mutex);
  atomic_store(&signal->sleeping, 1);
  while ((atomic_load(&signal->value) == value) != equal)
    pthread_cond_wait(&signal->changed, &signal->mutex);
  atomic_store(&signal->sleeping, 0);
  pthread_mutex_unlock(&signal->mutex);
}

static bool claim(worker_t *worker, uint32_t offer) {
  return (offer & 1) == 0 && atomic_compare_exchange_strong(&worker->offer.value, &offer, offer + 1);
}

/* The parts of one thread: its index, and where there are more parts than threads, every threads-th after it. */
static void runParts(const lathe_pool_t *pool, int32_t first) {
  for (int64_t part = first; part < pool->parts; part += pool->threads)
    pool->task(pool->context, (int32_t)part);
}

static void *work(void *self) {
  worker_t *worker = self;
  lathe_pool_t *pool = worker->pool;
  for (uint32_t seen = 1;;) {
    waitUntil(&worker->offer, seen, false, pool->spin);
    seen = atomic_load(&worker->offer.value);
    if (!claim(worker, seen))
      continue;
    ++seen;
    if (pool->stop)
      return NULL;
    runParts(pool, worker->index);
    change(&worker->done, seen);
  }
}

static uint32_t lastOffer(worker_t *worker) {
  return atomic_load_explicit(&worker->offer.value, memory_order_relaxed);
}

static void post(worker_t *worker) {
  change(&worker->offer, lastOffer(worker) + 1);
}

/* Runs the parts of a worker that does not begin within `grace` nanoseconds: it sleeps or has lost its processor, and
 * would keep us waiting for a time slice. */
static bool takeOver(worker_t *worker, int64_t grace) {
  uint32_t offer = lastOffer(worker);
  if ((offer & 1) != 0 || spinUntil(&worker->offer, offer, false, grace) || !claim(worker, offer))
    return false;
  runParts(worker->pool, worker->index);
  atomic_store_explicit(&worker->done.value, offer + 1, memory_order_relaxed);
  return true;
}

static void stopWorkers(lathe_pool_t *pool) {
  pool->stop = true;
  for (int32_t i = 0; i < pool->started; ++i)
    post(&pool->workers[i]);
  for (int32_t i = 0; i < pool->started; ++i) {
    pthread_join(pool->workers[i].thread, NULL);
    closeSignal(&pool->workers[i].offer);
    closeSignal(&pool->workers[i].done);
  }
}

/* Starts one more worker; false where the system has no thread left. */
static bool startWorker(lathe_pool_t *pool) {
  worker_t *worker = &pool->workers[pool->started];
  openSignal(&worker->offer, 1);
  openSignal(&worker->done, 1);
  worker->pool = pool;
  worker->index = pool->started + 1;
  if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
    closeSignal(&worker->offer);
    closeSignal(&worker->done);
    return false;
  }
  ++pool->started;
  return true;
}

lathe_pool_t *lathe_pool_create(int32_t threads) {
  if (threads < 1 || threads > maxThreads)
    return NULL;
  size_t bytes = sizeof(lathe_pool_t) + (size_t)(threads - 1) * sizeof(worker_t);
  bytes = (bytes + cacheLine - 1) / cacheLine * cacheLine;
  lathe_pool_t *pool = aligned_alloc(cacheLine, bytes);
  if (pool == NULL)
    return NULL;
  memset(pool, 0, bytes);
  atomic_flag_clear(&pool->busy);
  pool->threads = threads;
  /* With more threads than processors a spinning thread keeps a working one from its processor. */
  pool->spin = threads <= sysconf(_SC_NPROCESSORS_ONLN) ? spinNanoseconds : 0;

  sigset_t all, before; /* the application's signal handlers are for the application's threads */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool complete = true;
  while (complete && pool->started < threads - 1)
    complete = startWorker(pool);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (complete)
    return pool;
  stopWorkers(pool);
  free(pool);
  return NULL;
}

void lathe_pool_destroy(lathe_pool_t *pool) {
  if (pool == NULL)
    return;
  stopWorkers(pool);
  free(pool);
}

static int32_t poolConcurrency(void *self) {
  return ((const lathe_pool_t *)self)->threads;
}

static void poolParallel(void *self, void (*task)(void *context, int32_t part), void *context, int32_t parts) {
  lathe_pool_t *pool = self;
  /* Another thread runs on the pool, or a task starts tasks: working alone is progress, waiting could be a deadlock. */
  if (parts <= 1 || pool->threads == 1 || atomic_flag_test_and_set_explicit(&pool->busy, memory_order_acquire)) {
    for (int32_t part = 0; part < parts; ++part)
      task(context, part);
    return;
  }
  pool->task = task;
  pool->context = context;
  pool->parts = parts;
  int32_t helpers = (parts < pool->threads ? parts : pool->threads) - 1;
  for (int32_t i = 0; i < helpers; ++i)
    post(&pool->workers[i]);
  runParts(pool, 0);
  int64_t grace = graceNanoseconds;
  for (int32_t i = 0; i < helpers; ++i)
    grace = takeOver(&pool->workers[i], grace) ? 0 : grace;
  for (int32_t i = 0; i < helpers; ++i)
    waitUntil(&pool->workers[i].done, lastOffer(&pool->workers[i]), true, pool->spin);
  atomic_flag_clear_explicit(&pool->busy, memory_order_release);
}

lathe_executor_t lathe_pool_executor(lathe_pool_t *pool) {
  return (lathe_executor_t){sizeof(lathe_executor_t), 0, pool, poolConcurrency, poolParallel, NULL};
}
