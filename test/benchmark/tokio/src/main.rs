// ordo: runs a workload of the benchmark on Tokio's current-thread runtime, by the arguments of all peers.
// SPDX-License-Identifier: BSL-1.0
//
//     tokio_peer tokio WORKLOAD SIZE [--seconds S | --repeats N] [key=value ...]
//     tokio_peer --list
//
// Prints `VALUE CHECK`: the median over the repeats, in the unit of the workload, and a number made by the work.
mod common;
mod memory;
mod tasks;
mod threads;
mod timers;

use common::{Options, Outcome, Workload};
use std::process::exit;
use std::time::{Duration, Instant};

const WORKLOADS: [(&str, Workload); 19] = [
    ("W3", tasks::spawn_and_await),
    ("W4", tasks::await_future),
    ("W5a", tasks::ping_pong),
    ("W5b", tasks::one_yields),
    ("W5c", tasks::many_yield),
    ("W6a", timers::arm_and_cancel),
    ("W6b", timers::fire_in_random_order),
    ("W6c", timers::time_out_not_needed),
    ("W6d", timers::time_out_around_body),
    ("W7a", threads::flood),
    ("W7b", threads::two_threads_in_turn),
    ("W8a", threads::one_job_at_a_time),
    ("W8b", threads::jobs_in_flight),
    ("W10a", memory::sleeping_tasks),
    ("W10b", memory::pending_timers),
    ("W11", tasks::cancel_all),
    ("W12", tasks::join_all),
    ("W13a", tasks::hand_over_lock),
    ("W13b", tasks::pass_through_channel),
];

struct Arguments {
    workload: Workload,
    size: u64,
    repeats: Option<usize>,
    seconds: f64,
    options: Options,
}

fn fail(text: &str, status: i32) -> ! {
    eprintln!("tokio_peer: {}", text);
    exit(status)
}

fn number<T: std::str::FromStr>(text: Option<String>) -> T {
    text.and_then(|text| text.parse().ok()).unwrap_or_else(|| fail("a number is missing", 2))
}

fn parse_arguments() -> Arguments {
    let mut words = std::env::args().skip(1);
    let peer = words.next().unwrap_or_default();
    if peer == "--list" {
        WORKLOADS.iter().for_each(|(name, _)| println!("tokio {}", name));
        exit(0);
    }
    let name = words.next().unwrap_or_default();
    let found = WORKLOADS.iter().find(|(candidate, _)| peer == "tokio" && *candidate == name);
    let (_, workload) = found.unwrap_or_else(|| fail(&format!("no such workload: {} {}", peer, name), 3));
    let size = number(words.next());
    let mut arguments =
        Arguments { workload: *workload, size, repeats: None, seconds: 0.1, options: Options::default() };
    while let Some(word) = words.next() {
        match (word.as_str(), word.split_once('=')) {
            ("--seconds", _) => arguments.seconds = number(words.next()),
            ("--repeats", _) => arguments.repeats = Some(number(words.next())),
            (_, Some((key, value))) => arguments.options.add(key, value),
            _ => fail(&format!("what is {}?", word), 2),
        }
    }
    if arguments.size == 0 || arguments.repeats == Some(0) {
        fail("the size and the repeats must be at least 1", 2);
    }
    arguments
}

fn measure(arguments: &Arguments) -> Vec<Outcome> {
    let run = || (arguments.workload)(arguments.size, &arguments.options);
    if let Some(repeats) = arguments.repeats {
        return (0..repeats).map(|_| run()).collect();
    }
    run();
    let end = Instant::now() + Duration::from_secs_f64(arguments.seconds);
    let mut outcomes = vec![run()];
    while Instant::now() < end {
        outcomes.push(run());
    }
    outcomes
}

fn main() {
    let mut outcomes = measure(&parse_arguments());
    outcomes.sort_by(|left, right| left.value.total_cmp(&right.value));
    if outcomes.iter().any(|outcome| outcome.check != outcomes[0].check) {
        fail("the checks of the repeats differ", 1);
    }
    let (low, high) = (&outcomes[(outcomes.len() - 1) / 2], &outcomes[outcomes.len() / 2]);
    println!("{:.3} {}", (low.value + high.value) / 2.0, low.check);
}
