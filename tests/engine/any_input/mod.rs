//! Properties that hold for any input. The fuzz targets search for inputs that break them; the tests here
//! replay the stored inputs.

mod addresses;
mod answers;
mod messages;
mod tokens;

#[test]
fn stored_addresses_and_options() {
    replay("addresses", addresses::check);
}

#[test]
fn stored_responses() {
    replay("answers", answers::check);
}

#[test]
fn stored_messages() {
    replay("messages", messages::check);
}

#[test]
fn stored_tokens() {
    replay("tokens", tokens::check);
}

/// Replays the files of a corpus and names one that fails.
fn replay(target: &str, check: fn(&[u8])) {
    let corpus = format!("{}/fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut played = 0;
    for file in std::fs::read_dir(corpus).unwrap() {
        let path = file.unwrap().path();
        let data = std::fs::read(&path).unwrap();
        if std::panic::catch_unwind(|| check(&data)).is_err() {
            panic!("{}", path.display());
        }
        played += 1;
    }
    assert!(played > 0, "{target} has a corpus");
}
