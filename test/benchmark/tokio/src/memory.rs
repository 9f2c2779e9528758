// ordo: W10a and W10b on Tokio.
// SPDX-License-Identifier: BSL-1.0
use crate::common::{heap_bytes, run, Options, Outcome, Random};
use crate::timers::Arm;
use std::time::Duration;
use tokio::time::sleep;

pub fn sleeping_tasks(size: u64, _: &Options) -> Outcome {
    run(async {
        let mut tasks = Vec::with_capacity(size as usize);
        let before = heap_bytes();
        tasks.extend((0..size).map(|_| tokio::spawn(sleep(Duration::from_secs(3600)))));
        sleep(Duration::from_millis(10)).await;
        let value = (heap_bytes() - before) / size as f64;
        let check = tasks.iter().filter(|task| !task.is_finished()).count() as u64;
        Outcome { value, check }
    })
}

pub fn pending_timers(size: u64, _: &Options) -> Outcome {
    run(async {
        let mut random = Random::new();
        let mut timers = Vec::with_capacity(size as usize);
        let before = heap_bytes();
        for _ in 0..size {
            let mut timer =
                Box::pin(sleep(Duration::from_secs(3600) + Duration::from_micros(random.below(3_600_000_000))));
            Arm(timer.as_mut()).await;
            timers.push(timer);
        }
        let value = (heap_bytes() - before) / size as f64;
        let check = timers.iter().filter(|timer| !timer.is_elapsed()).count() as u64;
        Outcome { value, check }
    })
}
