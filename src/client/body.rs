//! Reading a body, up to its limit.

use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, ReadableStream, ReadableStreamDefaultReader};

use crate::wasm::members::member;

/// The whole body, or `None` if it is larger than the limit; no more than that is ever held.
#[allow(clippy::cast_precision_loss)] // No body is as long as 2^53 bytes.
pub(super) async fn read(
    response: &JsValue,
    limit: f64,
    signal: &AbortSignal,
) -> Result<Option<Rc<[u8]>>, JsValue> {
    let body = member(response, "body")?;
    if body.is_undefined() || body.is_null() {
        return Ok(Some(Rc::default()));
    }
    let body: ReadableStream = body.dyn_into()?;
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into()?;
    // Not every `fetch` ties the body to the signal, which is ours alone.
    let leave: Closure<dyn Fn()> = Closure::new({
        let reader = reader.clone();
        move || cancel(&reader)
    });
    if signal.aborted() {
        cancel(&reader);
    }
    signal.set_onabort(Some(leave.as_ref().unchecked_ref()));
    let read = read_chunks(&reader, limit).await;
    signal.set_onabort(None);
    if signal.aborted() {
        return Err(JsValue::UNDEFINED);
    }
    read
}

async fn read_chunks(
    reader: &ReadableStreamDefaultReader,
    limit: f64,
) -> Result<Option<Rc<[u8]>>, JsValue> {
    let mut bytes = Vec::new();
    loop {
        let step = JsFuture::from(reader.read()).await?;
        if member(&step, "done")?.is_truthy() {
            return Ok(Some(bytes.into()));
        }
        let chunk: Uint8Array = member(&step, "value")?.dyn_into()?;
        if bytes.len() as f64 + f64::from(chunk.length()) > limit {
            cancel(reader);
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk.to_vec());
    }
}

fn cancel(reader: &ReadableStreamDefaultReader) {
    let cancelled = JsFuture::from(reader.cancel());
    // Of a stream that is broken already it rejects, which is nobody's concern.
    spawn_local(async move { drop(cancelled.await) });
}
