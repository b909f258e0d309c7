//! Nanoseconds per event, with few and with very many jobs.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use engine_bench::{SIZES, Slots, World};

fn events(criterion: &mut Criterion) {
    for (slots, name) in [(Slots::Each, "change"), (Slots::Few, "turn")] {
        let mut group = criterion.benchmark_group(name);
        for jobs in SIZES {
            let mut world = World::new(jobs, slots);
            group.bench_function(BenchmarkId::from_parameter(jobs), |bench| {
                bench.iter(|| world.change());
            });
        }
    }
    let mut group = criterion.benchmark_group("life");
    for jobs in SIZES {
        let mut world = World::new(jobs, Slots::Each);
        group.bench_function(BenchmarkId::from_parameter(jobs), |bench| {
            bench.iter(|| world.life());
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("timer");
    for jobs in SIZES {
        let mut world = World::new(jobs, Slots::Each);
        group.bench_function(BenchmarkId::from_parameter(jobs), |bench| {
            bench.iter(|| world.timer());
        });
    }
    group.finish();
}

criterion_group!(benches, events);
criterion_main!(benches);
