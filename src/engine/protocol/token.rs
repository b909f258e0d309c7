//! The token that resumes a wait elsewhere: after a reload, in another process, after a timeout.
//!
//! The format is `osd1:<base>:<known>:<id>:<cursor>:<check>`: the version; a hash of the base URL, which
//! binds the token to a server without showing its URL; the evidence for the job; its id and cursor,
//! percent-encoded; a checksum. A token contains no secret and proves nothing. A forged token can only name a
//! job, and [`JobId`] checks its id.

use std::fmt;

use crate::engine::protocol::url::{JobId, encode, percent_decode};

const VERSION: &str = "osd1";

/// The evidence that the server knows a job. It decides what a later 404 means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum JobEvidence {
    /// Only an id was given.
    Unknown,
    /// An initial response named the job.
    Named,
    /// A poll has returned the job.
    Seen,
}

/// The content of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The job.
    pub job: JobId,
    pub(crate) known: JobEvidence,
    pub(crate) cursor: Option<String>,
}

/// Why a token is invalid, and what was expected.
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
    /// A string that is not a token, a changed token, an unknown version, or a token from another server.
    pub fn parse(text: &str, base: &str) -> Result<Self, TokenError> {
        let (version, rest) = text.split_once(':').unwrap_or((text, ""));
        if version != VERSION {
            return Err(TokenError(
                "token: unknown format or version; expected a value from serialize()",
            ));
        }
        let (server, rest) = field(rest)?;
        let (known, rest) = field(rest)?;
        let (id, rest) = field(rest)?;
        let (cursor, check) = field(rest)?;
        let body = text.strip_suffix(check).unwrap_or_default();
        if check != hex(body) {
            return Err(CORRUPTED);
        }
        if server != hex(base) {
            return Err(TokenError(
                "token: from another server; expected one for baseUrl",
            ));
        }
        let known = match known {
            "u" => JobEvidence::Unknown,
            "n" => JobEvidence::Named,
            "s" => JobEvidence::Seen,
            _ => return Err(CORRUPTED),
        };
        let decoded = |part| percent_decode(part).ok_or(CORRUPTED);
        Ok(Self {
            job: JobId::new(&decoded(id)?).map_err(|_| CORRUPTED)?,
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

/// The token for `base`. An empty cursor means none.
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

/// The name of the lock and the channel that tabs with the same base and principal share. It is a hash and
/// shows neither.
#[must_use]
pub fn channel_name(base: &str, principal: &str) -> String {
    format!(
        "ontap-select-deploy:{}",
        hex(&format!("{base}\n{principal}"))
    )
}

const CORRUPTED: TokenError = TokenError("token: corrupted; expected a value from serialize()");

/// Splits a string at the next colon.
fn field(text: &str) -> Result<(&str, &str), TokenError> {
    text.split_once(':').ok_or(CORRUPTED)
}

fn hex(text: &str) -> String {
    format!("{:016x}", hash(text))
}

/// FNV-1a with 64 bits, which detects accidents, not attacks.
pub(crate) fn hash(text: &str) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}
