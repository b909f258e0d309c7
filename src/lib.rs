//! Follows the asynchronous jobs of the ONTAP Select Deploy REST API: one call, one future, no poll
//! loop. The decisions are in [`core`]; around them stands a thin shell of `fetch`, timers and
//! promises, which exists on WebAssembly only, and with it the client for front ends written in Rust.
#![cfg_attr(
    target_arch = "wasm32",
    doc = r##"
```no_run
use ontap_select_deploy::{Code, DeployClient, DeployError};

async fn deploy(id: &str, password: &str) -> Result<String, DeployError> {
    let client = DeployClient::builder("/api").basic("admin", password).build()?;
    let call = client
        .post(&format!("/clusters/{id}/deploy"))
        .json_text(r#"{"ontap_credential": {"password": "…"}}"#)
        .on_progress(|job| println!("{}: {:?}", job.state().name(), job.message()));
    match call.await {
        Ok(_) => Ok("it is deployed".into()),
        Err(error) if error.code() == Some(Code::JobFailed) => Ok(format!("it failed: {error}")),
        Err(error) => Err(error), // how it ended is not known
    }
}
```
"##
)]
//!
//! Features, none of which is on by itself: `json` for values in place of JSON text, by `serde_json`;
//! `javascript` for the exports of the npm package, which is of no use to anybody else.

pub mod core;

#[cfg(target_arch = "wasm32")]
mod client;
#[cfg(all(target_arch = "wasm32", feature = "javascript"))]
pub mod wasm;
#[cfg(all(target_arch = "wasm32", not(feature = "javascript")))]
mod wasm;

#[cfg(target_arch = "wasm32")]
pub use client::{
    AuthRequest, Call, ClientBuilder, Credentials, DeployClient, DeployError, JobHandle,
    JobSnapshot, Pending, Reply, Updates, Wait,
};
#[cfg(target_arch = "wasm32")]
pub use core::{
    Code, JobState, Millis, OptionError, Phase, Report, ReportKind, Retry, Stats, basic, bearer,
};
