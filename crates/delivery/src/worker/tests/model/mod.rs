//! Weeks of deliveries in a moment: the worker's rounds one after the other, on a clock that is turned, against a receiver
//! that fails in every way that receivers know, while people change what is wanted and the worker is cut off anywhere.
//!
//! `PROPTEST_CASES=5000 cargo test -p delivery model` looks further; with `PROPTEST_RNG_SEED` elsewhere.

mod judge;
mod manners;
mod script;
mod world;

use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};

use self::{
    script::{Script, script},
    world::World,
};

/// The same stories each time, unless other ones are asked for.
const SEED: u64 = 4_370;

fn stories(place: u64) -> TestRunner {
    let asked = Config::default();
    TestRunner::new(Config {
        cases: if asked.cases == 256 { 100 } else { asked.cases },
        rng_seed: match asked.rng_seed {
            RngSeed::Random => RngSeed::Fixed(SEED + place),
            RngSeed::Fixed(seed) => RngSeed::Fixed(seed + place),
        },
        max_shrink_iters: 120,
        failure_persistence: None,
        ..asked
    })
}

fn tell(script: &Script) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut world = World::new(script).await;
        for step in &script.steps {
            world.take(step).await;
        }
        world.end_well().await;
        judge::judge(&world).await;
        world.end_of_all().await;
    });
}

/// In two parts, for two cores.
fn hold(place: u64) {
    let told = stories(place).run(&script(), |script| {
        tell(&script);
        Ok(())
    });
    match told {
        Ok(()) => {}
        Err(TestError::Fail(why, script)) => panic!("{why}\n{script:?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

#[test]
fn whatever_happens_every_wanted_punch_arrives_or_stands_aside_with_its_reason() {
    hold(0);
}

#[test]
fn whatever_else_happens_every_wanted_punch_arrives_or_stands_aside_with_its_reason() {
    hold(1);
}
