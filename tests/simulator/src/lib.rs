//! ONTAP Select Deploy as a pure state machine.
