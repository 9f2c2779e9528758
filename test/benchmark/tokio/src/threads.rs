// ordo: W7 and W8 on Tokio.
// SPDX-License-Identifier: BSL-1.0
use crate::common::{per_operation, pin, run, shares, Options, Outcome};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;
use tokio::runtime::Builder;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::spawn_blocking;

/// The receiver of a channel stands for the loop: spawning a task for each entry, from another thread, costs more.
pub fn flood(size: u64, options: &Options) -> Outcome {
    let senders = options.get("threads", 1);
    let barrier = Arc::new(Barrier::new(senders as usize + 1));
    let (entries, mut arriving) = unbounded_channel::<(usize, u64)>();
    let send = |(sender, count): (usize, u64)| {
        let (entries, barrier) = (entries.clone(), barrier.clone());
        thread::spawn(move || {
            pin(1 + sender);
            barrier.wait();
            (0..count).for_each(|number| entries.send((sender, number)).unwrap());
        })
    };
    let threads: Vec<_> = shares(size, senders).enumerate().map(send).collect();
    pin(0);
    let outcome = run(async {
        barrier.wait();
        let start = Instant::now();
        let mut next = vec![0; senders as usize];
        let mut check = 0;
        for _ in 0..size {
            let (sender, number) = arriving.recv().await.unwrap();
            check += u64::from(number == next[sender]);
            next[sender] = number + 1;
        }
        Outcome { value: per_operation(start, size), check }
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    outcome
}

pub fn two_threads_in_turn(size: u64, _: &Options) -> Outcome {
    let (to_there, mut there) = unbounded_channel::<u64>();
    let (to_here, mut here) = unbounded_channel::<u64>();
    pin(0); // the thread inherits it
    let thread = thread::spawn(move || {
        run(async {
            while let Some(number) = there.recv().await {
                to_here.send(number).unwrap();
            }
        })
    });
    let outcome = run(async move {
        let start = Instant::now();
        let mut check = 0;
        for number in 0..size {
            to_there.send(number).unwrap();
            check += u64::from(here.recv().await == Some(number));
        }
        Outcome { value: per_operation(start, size), check }
    });
    thread.join().unwrap();
    outcome
}

fn run_jobs(size: u64, in_flight: u64) -> Outcome {
    async fn ask(count: u64) -> u64 {
        let mut sum = 0;
        for _ in 0..count {
            sum += spawn_blocking(|| 1).await.unwrap();
        }
        sum
    }
    pin(0); // the thread of the jobs inherits it
    let runtime = Builder::new_current_thread().max_blocking_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        ask(1).await; // starts the thread
        let start = Instant::now();
        let tasks: Vec<_> = shares(size, in_flight).map(|count| tokio::spawn(ask(count))).collect();
        let mut check = 0;
        for task in tasks {
            check += task.await.unwrap();
        }
        Outcome { value: per_operation(start, size), check }
    })
}

pub fn one_job_at_a_time(size: u64, _: &Options) -> Outcome {
    run_jobs(size, 1)
}

pub fn jobs_in_flight(size: u64, options: &Options) -> Outcome {
    run_jobs(size, options.get("in_flight", 64))
}
