//! Every seed of the fuzzer, without a fuzzer: what was found once must not come back.

use std::{fs, path::PathBuf};

use zk_fuzz::{TARGETS, run};

fn seeds() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds")
}

#[test]
fn every_seed_holds() {
    for (name, _) in TARGETS {
        let mut ran = 0;
        for file in fs::read_dir(seeds().join(name)).unwrap() {
            let path = file.unwrap().path();
            println!("{}", path.display());
            assert!(run(name, &fs::read(path).unwrap()));
            ran += 1;
        }
        assert!(ran > 0, "no seeds for {name}");
    }
}

#[test]
fn every_folder_of_seeds_has_its_target_and_every_target_its_fuzzer() {
    for folder in fs::read_dir(seeds()).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        assert!(
            TARGETS.iter().any(|(known, _)| *known == name),
            "{name} has no target"
        );
    }
    for (name, _) in TARGETS {
        let main = seeds().join(format!("../fuzz_targets/{name}.rs"));
        let text = fs::read_to_string(main).unwrap();
        assert!(text.contains(&format!("zk_fuzz::run(\"{name}\"")), "{name}");
    }
}

#[test]
fn a_target_that_is_not_there_is_said() {
    assert!(!run("nothing", b""));
}
