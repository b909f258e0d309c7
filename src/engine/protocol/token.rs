//! The token with which a wait goes on elsewhere: after a reload, in another process, after a time-out.
//!
//! `osd1:<base>:<known>:<id>:<cursor>:<check>`: the version; a hash of the base address, so that a
//! token is of no use for another server and shows no address; what is known of the job; its id and its
//! cursor, percent-encoded; a checksum of all that. No secret is in it, and it is no proof of anything:
//! whoever writes one can but name a job, which [`JobId`] checks as it checks any other.

use std::fmt;

use crate::engine::protocol::url::{JobId, encode, percent_decode};

const VERSION: &str = "osd1";

/// How far the server's knowledge of a job was known, which decides what a later 404 means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum JobEvidence {
    /// Only an id was given.
    Unknown,
    /// An accepting answer named the job.
    Named,
    /// A poll has shown the job.
    Seen,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The job.
    pub job: JobId,
    pub(crate) known: JobEvidence,
    pub(crate) cursor: Option<String>,
}

/// What is wrong with a token, and what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenError(&'static str);

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for TokenError {}

impl Token {
    /// Reads a token that was written for `base`.
    ///
    /// # Errors
    /// A text that is no token, one that was changed since it was written, one of a version that is
    /// not known here, and one of another server.
    pub fn parse(text: &str, base: &str) -> Result<Self, TokenError> {
        let (version, rest) = text.split_once(':').unwrap_or((text, ""));
        if version != VERSION {
            return Err(TokenError(
                "token: expected what serialize() gave, of this version",
            ));
        }
        let (server, rest) = field(rest)?;
        let (known, rest) = field(rest)?;
        let (id, rest) = field(rest)?;
        let (cursor, check) = field(rest)?;
        let body = text.strip_suffix(check).unwrap_or_default();
        if check != hex(body) {
            return Err(DAMAGED);
        }
        if server != hex(base) {
            return Err(TokenError("token: it is of another server than baseUrl"));
        }
        let known = match known {
            "u" => JobEvidence::Unknown,
            "n" => JobEvidence::Named,
            "s" => JobEvidence::Seen,
            _ => return Err(DAMAGED),
        };
        let decoded = |part| percent_decode(part).ok_or(DAMAGED);
        Ok(Self {
            job: JobId::new(&decoded(id)?).map_err(|_| DAMAGED)?,
            known,
            cursor: Some(decoded(cursor)?).filter(|it| !it.is_empty()),
        })
    }

    /// Writes the token for `base`.
    #[must_use]
    pub fn write(&self, base: &str) -> String {
        written(
            base,
            self.known,
            &self.job,
            self.cursor.as_deref().unwrap_or_default(),
        )
    }
}

/// The token for `base` that says this; an empty cursor is none.
pub(crate) fn written(base: &str, known: JobEvidence, job: &JobId, cursor: &str) -> String {
    let known = match known {
        JobEvidence::Unknown => "u",
        JobEvidence::Named => "n",
        JobEvidence::Seen => "s",
    };
    let base = hex(base);
    let (job, cursor) = (encode(job.as_str()), encode(cursor));
    let text = format!("{VERSION}:{base}:{known}:{job}:{cursor}:");
    let check = hex(&text);
    text + &check
}

/// What the tabs of an origin that use the same base and principal call their lock and their channel.
/// Neither can be read from it.
#[must_use]
pub fn channel_name(base: &str, principal: &str) -> String {
    format!(
        "ontap-select-deploy:{}",
        hex(&format!("{base}\n{principal}"))
    )
}

const DAMAGED: TokenError = TokenError("token: it is damaged; expected it as serialize() gave it");

/// What stands before the next colon, and behind it.
fn field(text: &str) -> Result<(&str, &str), TokenError> {
    text.split_once(':').ok_or(DAMAGED)
}

/// A hash in hex.
fn hex(text: &str) -> String {
    format!("{:016x}", hash(text))
}

/// FNV-1a in 64 bits: against accidents, not against people.
pub(crate) fn hash(text: &str) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}
