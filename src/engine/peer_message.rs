//! The messages between tabs of an origin, as JSON. Unknown versions and invalid messages are ignored. A
//! record in a message is checked like one in a response.

use super::protocol::json::{Json, Kind};
use super::protocol::url::{JobId, encode, percent_decode};

/// The most jobs in one message.
pub(super) const MAX_JOBS: usize = 1_000;

/// A message from one tab to all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PeerMessage<'a> {
    /// A follower wants updates of these jobs. `is_new` means that it has no record of them yet.
    Interest { jobs: Vec<JobId>, is_new: bool },
    /// A follower checks whether the leader is alive.
    Ping,
    /// A new leader requests the interests of its followers.
    NewLeader,
    /// The leader is alive.
    Alive,
    /// The leader's record of a job, as JSON; `None` if it does not know how the job ended.
    Job { id: JobId, record: Option<&'a str> },
}

impl<'a> PeerMessage<'a> {
    /// Reads a message.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let message = Json::parse(text).ok()?;
        if message.member("v").map(Json::source) != Some("1") {
            return None;
        }
        let has = |name| message.member(name).is_some();
        if let Some(jobs) = message.member("want") {
            let jobs = jobs.elements().take(MAX_JOBS).filter_map(job_id).collect();
            let is_new = has("new");
            Some(Self::Interest { jobs, is_new })
        } else if has("ask") {
            Some(Self::Ping)
        } else if has("who") {
            Some(Self::NewLeader)
        } else if has("alive") {
            Some(Self::Alive)
        } else {
            let id = message.member("id").and_then(job_id)?;
            let record = message.member("record").map(Json::source);
            Some(Self::Job { id, record })
        }
    }

    /// The text to broadcast.
    pub(super) fn write(&self) -> String {
        let mut text = String::from(r#"{"v":1,"#);
        match self {
            Self::Interest { jobs, is_new } => {
                text.push_str(if *is_new {
                    r#""new":1,"want":["#
                } else {
                    r#""want":["#
                });
                for (at, id) in jobs.iter().enumerate() {
                    if at > 0 {
                        text.push(',');
                    }
                    write_id(id, &mut text);
                }
                text.push(']');
            }
            Self::Ping => text.push_str(r#""ask":1"#),
            Self::NewLeader => text.push_str(r#""who":1"#),
            Self::Alive => text.push_str(r#""alive":1"#),
            Self::Job { id, record } => {
                text.push_str(r#""id":"#);
                write_id(id, &mut text);
                if let Some(record) = record {
                    text.push_str(r#","record":"#);
                    text.push_str(record);
                }
            }
        }
        text.push('}');
        text
    }
}

/// Writes an id percent-encoded, so that it needs no JSON escapes.
fn write_id(id: &JobId, text: &mut String) {
    text.push('"');
    *text += &encode(id.as_str());
    text.push('"');
}

fn job_id(value: Json<'_>) -> Option<JobId> {
    let text = value.text().filter(|_| value.kind() == Kind::String)?;
    JobId::new(&percent_decode(&text)?).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::PeerMessage;
    use crate::engine::protocol::url::JobId;

    fn id(text: &str) -> JobId {
        JobId::new(text).unwrap()
    }

    #[test]
    fn messages_round_trip() {
        let record = r#"{"state":"running"}"#;
        let jobs = vec![id("a"), id("\"b\" /ü")];
        let messages = [
            (
                PeerMessage::Interest { jobs, is_new: true },
                r#"{"v":1,"new":1,"want":["a","%22b%22%20%2F%C3%BC"]}"#,
            ),
            (
                PeerMessage::Interest {
                    jobs: Vec::new(),
                    is_new: false,
                },
                r#"{"v":1,"want":[]}"#,
            ),
            (PeerMessage::Ping, r#"{"v":1,"ask":1}"#),
            (PeerMessage::NewLeader, r#"{"v":1,"who":1}"#),
            (PeerMessage::Alive, r#"{"v":1,"alive":1}"#),
            (
                PeerMessage::Job {
                    id: id("a"),
                    record: Some(record),
                },
                r#"{"v":1,"id":"a","record":{"state":"running"}}"#,
            ),
            (
                PeerMessage::Job {
                    id: id("a"),
                    record: None,
                },
                r#"{"v":1,"id":"a"}"#,
            ),
        ];
        for (message, text) in messages {
            assert_eq!(message.write(), text);
            assert_eq!(PeerMessage::parse(text), Some(message));
        }
    }

    #[test]
    fn invalid_messages_are_ignored() {
        for text in [
            "",
            "hello",
            "{}",
            r#"{"v":2,"alive":1}"#,
            r#"{"v":1}"#,
            r#"{"v":1,"id":".."}"#,
        ] {
            assert_eq!(PeerMessage::parse(text), None, "{text}");
        }
    }
}
