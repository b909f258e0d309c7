//! What holds for input of any bytes. The fuzz targets look for bytes that break it; the inputs that they
//! kept are played here.

mod addresses;
mod answers;
mod messages;
mod tokens;

#[test]
fn kept_addresses_and_options() {
    replay("addresses", addresses::check);
}

#[test]
fn kept_answers() {
    replay("answers", answers::check);
}

#[test]
fn kept_messages() {
    replay("messages", messages::check);
}

#[test]
fn kept_tokens() {
    replay("tokens", tokens::check);
}

/// Plays the files of a corpus; one that fails is named.
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
