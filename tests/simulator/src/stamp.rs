//! Stamps, the values of `last_modified`: microseconds since 1970 internally, strings in responses.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The format and precision of `last_modified`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum StampStyle {
    /// `2019-04-04T15:41:29.140265Z`, as in NetApp's documentation.
    #[default]
    Micros,
    /// `2019-04-04T15:41:29.140265+00:00`.
    Offset,
    /// `2019-04-04T15:41:29Z`: changes within one second share a stamp, and a long poll misses the later ones.
    Seconds,
    /// Like `micros`, but a job keeps its first stamp, and a long poll misses every change.
    Constant,
}

impl StampStyle {
    /// Rounds a time down to this format's precision.
    pub(crate) fn cut(self, micros: i64) -> i64 {
        match self {
            Self::Micros | Self::Offset | Self::Constant => micros,
            Self::Seconds => micros.div_euclid(1_000_000).saturating_mul(1_000_000),
        }
    }

    pub(crate) fn write(self, micros: i64) -> String {
        let nanos = i128::from(micros).saturating_mul(1000);
        let time =
            OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (date, clock) = (time.date(), time.time());
        let whole = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            date.year(),
            u8::from(date.month()),
            date.day(),
            clock.hour(),
            clock.minute(),
            clock.second()
        );
        match self {
            Self::Micros | Self::Constant => format!("{whole}.{:06}Z", clock.microsecond()),
            Self::Offset => format!("{whole}.{:06}+00:00", clock.microsecond()),
            Self::Seconds => format!("{whole}Z"),
        }
    }
}

/// Parses a stamp in any format to microseconds since 1970; none if it is not a stamp.
pub(crate) fn read(text: &str) -> Option<i64> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1000)).ok()
}

#[cfg(test)]
mod tests {
    use super::{StampStyle, read};

    #[test]
    fn each_style_reads_back_to_what_it_can_hold() {
        let micros = 1_554_392_489_140_265;
        for (style, text) in [
            (StampStyle::Micros, "2019-04-04T15:41:29.140265Z"),
            (StampStyle::Offset, "2019-04-04T15:41:29.140265+00:00"),
            (StampStyle::Seconds, "2019-04-04T15:41:29Z"),
        ] {
            assert_eq!(style.write(micros), text);
            assert_eq!(read(text), Some(style.cut(micros)));
        }
    }

    #[test]
    fn an_invalid_stamp_is_rejected() {
        for text in [
            "",
            "None",
            "undefined",
            "2019-04-04",
            "2019-04-04T15:41:29.140265 00:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
