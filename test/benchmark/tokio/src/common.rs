// ordo: what the workloads on Tokio share: outcome and options, runtime, clocks, cores, and the generator of all peers.
// SPDX-License-Identifier: BSL-1.0
use std::collections::HashMap;
use std::future::Future;
use std::mem::{size_of, zeroed};
use std::sync::Mutex;
use std::time::Instant;
use tokio::runtime::{Builder, Runtime};

pub struct Outcome {
    pub value: f64,
    pub check: u64,
}

pub type Workload = fn(size: u64, options: &Options) -> Outcome;

/// What was given as key=value on the command line.
#[derive(Default)]
pub struct Options(HashMap<String, u64>);

impl Options {
    pub fn add(&mut self, key: &str, value: &str) {
        self.0.insert(key.to_string(), value.parse().expect("an option is a number"));
    }

    pub fn get(&self, key: &str, otherwise: u64) -> u64 {
        *self.0.get(key).unwrap_or(&otherwise)
    }
}

pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

pub fn run<Body: Future>(body: Body) -> Body::Output {
    runtime().block_on(body)
}

/// Nanoseconds per operation since then.
pub fn per_operation(start: Instant, size: u64) -> f64 {
    start.elapsed().as_nanos() as f64 / size as f64
}

/// The size in so many parts that differ by one at most.
pub fn shares(size: u64, parts: u64) -> impl Iterator<Item = u64> {
    (0..parts).map(move |part| size / parts + u64::from(part < size % parts))
}

pub fn process_cpu_ns() -> f64 {
    unsafe {
        let mut time: libc::timespec = zeroed();
        libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time);
        time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
    }
}

pub fn heap_bytes() -> f64 {
    let heap = unsafe { libc::mallinfo2() };
    (heap.uordblks + heap.hblkhd) as f64
}

/// Those the process was given: found before the first thread is pinned.
static CORES: Mutex<Vec<usize>> = Mutex::new(Vec::new());

/// Keep the calling thread on one of the cores that the process was given.
pub fn pin(place: usize) {
    let mut cores = CORES.lock().unwrap();
    unsafe {
        let mut set: libc::cpu_set_t = zeroed();
        if cores.is_empty() {
            libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set);
            *cores = (0..libc::CPU_SETSIZE as usize).filter(|core| libc::CPU_ISSET(*core, &set)).collect();
        }
        libc::CPU_ZERO(&mut set);
        libc::CPU_SET(cores[place % cores.len()], &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set);
    }
}

pub struct Random(u64);

impl Random {
    pub fn new() -> Self {
        Random(88172645463325252)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    pub fn shuffle<Item>(&mut self, items: &mut [Item]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}
