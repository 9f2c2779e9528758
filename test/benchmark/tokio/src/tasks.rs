// ordo: W3, W4, W5, W11, W12 and W13 on Tokio.
// SPDX-License-Identifier: BSL-1.0
use crate::common::{per_operation, run, shares, Options, Outcome};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, Mutex};
use tokio::task::{yield_now, JoinHandle, JoinSet};

/// The compiler must not see through it, else nothing is left of a loop that awaits it.
#[inline(never)]
async fn trivial(result: u64) -> u64 {
    unsafe { std::ptr::read_volatile(&result) }
}

pub fn spawn_and_await(size: u64, options: &Options) -> Outcome {
    let batch = options.get("batch", 1000);
    run(async {
        let start = Instant::now();
        let (mut done, mut check) = (0, 0);
        while done < size {
            let count = batch.min(size - done);
            let tasks: Vec<_> = (0..count).map(|place| tokio::spawn(trivial(place))).collect();
            for task in tasks {
                check += task.await.unwrap();
            }
            done += count;
        }
        Outcome { value: per_operation(start, size), check }
    })
}

pub fn await_future(size: u64, _: &Options) -> Outcome {
    run(async {
        let start = Instant::now();
        let mut check = 0;
        for _ in 0..size {
            check += trivial(1).await;
        }
        Outcome { value: per_operation(start, size), check }
    })
}

/// What a player sends: where the other one is to send its answer.
struct Turn(oneshot::Sender<Turn>);

async fn play(mut inbox: oneshot::Receiver<Turn>, count: u64) -> u64 {
    let mut turns = 0;
    for _ in 0..count {
        let Turn(other) = inbox.await.unwrap();
        let (sender, receiver) = oneshot::channel();
        inbox = receiver;
        turns += 1;
        let _ = other.send(Turn(sender)); // the last turn finds nobody
    }
    turns
}

pub fn ping_pong(size: u64, _: &Options) -> Outcome {
    run(async {
        let (to_first, first) = oneshot::channel();
        let (to_second, second) = oneshot::channel();
        let start = Instant::now();
        let players = [tokio::spawn(play(first, size - size / 2)), tokio::spawn(play(second, size / 2))];
        let _ = to_first.send(Turn(to_second));
        let check = sum_of(players).await;
        Outcome { value: per_operation(start, size), check }
    })
}

async fn sum_of<Tasks: IntoIterator<Item = JoinHandle<u64>>>(tasks: Tasks) -> u64 {
    let mut sum = 0;
    for task in tasks {
        sum += task.await.unwrap();
    }
    sum
}

fn yield_in_turn(size: u64, tasks: u64) -> Outcome {
    async fn turn(count: u64) -> u64 {
        let mut came_back = 0;
        for _ in 0..count {
            yield_now().await;
            came_back += 1;
        }
        came_back
    }
    run(async {
        let start = Instant::now();
        let tasks: Vec<_> = shares(size, tasks).map(|count| tokio::spawn(turn(count))).collect();
        let check = sum_of(tasks).await;
        Outcome { value: per_operation(start, size), check }
    })
}

pub fn one_yields(size: u64, _: &Options) -> Outcome {
    yield_in_turn(size, 1)
}

pub fn many_yield(size: u64, options: &Options) -> Outcome {
    yield_in_turn(size, options.get("tasks", 1000).min(size))
}

pub fn cancel_all(size: u64, _: &Options) -> Outcome {
    run(async {
        let sleep = || tokio::spawn(tokio::time::sleep(Duration::from_secs(3600)));
        let tasks: Vec<_> = (0..size).map(|_| sleep()).collect();
        tokio::time::sleep(Duration::from_millis(1)).await; // until all have begun
        let start = Instant::now();
        tasks.iter().for_each(|task| task.abort());
        let mut check = 0;
        for task in tasks {
            check += u64::from(task.await.unwrap_err().is_cancelled());
        }
        Outcome { value: per_operation(start, size), check }
    })
}

/// A JoinSet is what Tokio has in place of gather(); it gives the results as they come.
pub fn join_all(size: u64, options: &Options) -> Outcome {
    let batch = options.get("batch", 1000);
    run(async {
        let start = Instant::now();
        let (mut done, mut check) = (0, 0);
        while done < size {
            let count = batch.min(size - done);
            let mut children = JoinSet::new();
            for place in 0..count {
                children.spawn(trivial(place));
            }
            while let Some(result) = children.join_next().await {
                check += result.unwrap();
            }
            done += count;
        }
        Outcome { value: per_operation(start, size), check }
    })
}

pub fn hand_over_lock(size: u64, _: &Options) -> Outcome {
    async fn take(lock: Arc<Mutex<u64>>, count: u64) {
        for _ in 0..count {
            let mut taken = lock.lock().await;
            *taken += 1;
            yield_now().await; // so that the other one finds it taken
        }
    }
    run(async {
        let lock = Arc::new(Mutex::new(0));
        let start = Instant::now();
        let takers: Vec<_> = shares(size, 2).map(|count| tokio::spawn(take(lock.clone(), count))).collect();
        for taker in takers {
            taker.await.unwrap();
        }
        let value = per_operation(start, size);
        let check = *lock.lock().await;
        Outcome { value, check }
    })
}

pub fn pass_through_channel(size: u64, _: &Options) -> Outcome {
    run(async {
        let start = Instant::now();
        let (sender, mut receiver) = mpsc::channel(1);
        let producer = tokio::spawn(async move {
            for item in 0..size {
                sender.send(item).await.unwrap();
            }
        });
        let consumer = tokio::spawn(async move {
            let mut sum = 0;
            while let Some(item) = receiver.recv().await {
                sum += item;
            }
            sum
        });
        producer.await.unwrap();
        let check = consumer.await.unwrap();
        Outcome { value: per_operation(start, size), check }
    })
}
