// ordo: W6 on Tokio, whose timers are futures: armed when they are polled first, cancelled when they are dropped.
// SPDX-License-Identifier: BSL-1.0
use crate::common::{per_operation, process_cpu_ns, run, Options, Outcome, Random};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::{sleep, sleep_until, timeout, Instant, Sleep};

const HOUR: Duration = Duration::from_secs(3600);

/// Awaiting it polls the timer once, and is ready at once.
pub struct Arm<'a>(pub Pin<&'a mut Sleep>);

impl Future for Arm<'_> {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<()> {
        let _ = self.0.as_mut().poll(context);
        Poll::Ready(())
    }
}

pub fn arm_and_cancel(size: u64, _: &Options) -> Outcome {
    let mut random = Random::new();
    let delays: Vec<_> = (0..size).map(|_| HOUR + Duration::from_micros(random.below(3_600_000_000))).collect();
    let mut order: Vec<_> = (0..size as usize).collect();
    random.shuffle(&mut order);
    run(async {
        let start = std::time::Instant::now();
        let mut timers: Vec<Option<Pin<Box<Sleep>>>> = Vec::with_capacity(size as usize);
        for delay in delays {
            let mut timer = Box::pin(sleep(delay));
            Arm(timer.as_mut()).await;
            timers.push(Some(timer));
        }
        let mut check = 0;
        for place in order {
            check += u64::from(timers[place].take().map_or(false, |timer| !timer.is_elapsed()));
        }
        yield_now().await;
        Outcome { value: per_operation(start, size), check }
    })
}

pub fn fire_in_random_order(size: u64, _: &Options) -> Outcome {
    let mut random = Random::new();
    run(async {
        let start = process_cpu_ns();
        let first = Instant::now() + Duration::from_millis(300);
        let mut arm = || tokio::spawn(sleep_until(first + Duration::from_micros(random.below(50_000))));
        let timers: Vec<_> = (0..size).map(|_| arm()).collect();
        let mut check = 0;
        for timer in timers {
            timer.await.unwrap();
            check += 1;
        }
        Outcome { value: (process_cpu_ns() - start) / size as f64, check }
    })
}

async fn ready() -> u64 {
    1
}

pub fn time_out_not_needed(size: u64, _: &Options) -> Outcome {
    run(async {
        let start = std::time::Instant::now();
        let mut check = 0;
        for _ in 0..size {
            let timer = sleep(Duration::from_secs(30));
            tokio::pin!(timer);
            Arm(timer.as_mut()).await;
            check += ready().await;
        }
        Outcome { value: per_operation(start, size), check }
    })
}

pub fn time_out_around_body(size: u64, _: &Options) -> Outcome {
    run(async {
        let start = std::time::Instant::now();
        let mut check = 0;
        for _ in 0..size {
            check += u64::from(timeout(Duration::from_secs(30), yield_now()).await.is_ok());
        }
        Outcome { value: per_operation(start, size), check }
    })
}
