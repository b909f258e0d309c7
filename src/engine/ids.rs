//! Ids of waiters, exchanges and jobs.

use std::fmt;
use std::num::{NonZeroU32, TryFromIntError};

/// An id that is assigned in ascending order.
pub(super) trait Id: Copy + Ord {
    /// The id after `last`.
    fn after(last: Option<Self>) -> Self;
}

macro_rules! id {
    ($(#[$docs:meta])* $name:ident) => {
        $(#[$docs])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// The number.
            #[must_use]
            pub const fn get(self) -> u32 {
                self.0.get()
            }
        }

        impl Id for $name {
            fn after(last: Option<Self>) -> Self {
                let next = last.and_then(|last| last.0.checked_add(1));
                Self(next.unwrap_or(NonZeroU32::MIN))
            }
        }

        impl TryFrom<u32> for $name {
            type Error = TryFromIntError;

            /// # Errors
            /// Zero is not an id.
            fn try_from(number: u32) -> Result<Self, TryFromIntError> {
                NonZeroU32::try_from(number).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// Identifies one waiter, which settles exactly once. The engine reuses an id after four billion others.
    WaiterId
}

id! {
    /// Identifies one exchange: a request and its response. The engine reuses an id after four billion
    /// others.
    ExchangeId
}

/// Identifies a job in the store. The generation distinguishes it from an earlier job in the same slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct JobKey {
    pub(super) index: u32,
    pub(super) generation: u32,
}
