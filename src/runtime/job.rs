//! The exported handle on a job.

use std::rc::Rc;
use std::time::Duration;

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::driver::Driver;
use super::settings::wait_timeout;
use super::values;
use crate::engine::{Engine, JobId, WaitOptions};

/// A handle on a job. The engine keeps the job's state until its last handle is dropped.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Job {
    driver: Rc<Driver>,
    id: JobId,
    /// The client's default timeout.
    timeout: Option<Duration>,
}

impl Job {
    /// Whether the engine already counts the handle.
    pub(super) fn new(driver: Rc<Driver>, id: JobId, timeout: Option<Duration>) -> Self {
        Self {
            driver,
            id,
            timeout,
        }
    }
}

#[wasm_bindgen]
impl Job {
    /// The job's id.
    #[wasm_bindgen(getter)]
    pub fn id(&self) -> JsString {
        JsString::from(self.id.as_str())
    }

    /// The token that resumes the wait in another process.
    pub fn serialize(&self) -> JsString {
        JsString::from(self.driver.token(&self.id))
    }

    /// The latest snapshot that this client knows.
    #[wasm_bindgen(getter)]
    pub fn latest(&self) -> JsValue {
        let latest = self.driver.latest(&self.id);
        latest.map_or(JsValue::UNDEFINED, |job| {
            values::snapshot(&self.driver.callbacks, &job, None)
        })
    }

    /// Waits for the job's end and returns the waiter's number; the client's `run` starts the wait.
    ///
    /// # Errors
    /// A `RangeError` that names the option. Then there is no waiter.
    pub fn wait(&self, timeout: Option<f64>, progress: bool) -> Result<u32, JsValue> {
        let options = WaitOptions {
            timeout: wait_timeout(timeout, self.timeout)?,
            progress,
        };
        let wait = |engine: &mut Engine, now| engine.wait(now, &self.id, options);
        Ok(self.driver.queue(wait).get())
    }

    /// Waits for one standard poll and returns the waiter's number; the client's `run` sends it.
    ///
    /// # Errors
    /// A `RangeError` that names the option. Then there is no waiter.
    #[wasm_bindgen(js_name = pollOnce)]
    pub fn poll_once(&self, timeout: Option<f64>) -> Result<u32, JsValue> {
        let timeout = wait_timeout(timeout, self.timeout)?;
        let poll = |engine: &mut Engine, now| engine.poll_once(now, &self.id, timeout);
        Ok(self.driver.queue(poll).get())
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.driver
            .command(|engine, now| engine.detach(now, &self.id));
    }
}
