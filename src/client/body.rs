//! Reading a body, up to its limit.

use std::rc::Rc;

use js_sys::{ArrayBuffer, Function, Promise, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, ReadableStream, ReadableStreamDefaultReader};

use crate::wasm::members::member;

/// The whole body, or `None` if it is larger than the limit; no more than that is ever held.
pub(super) async fn read(
    response: &JsValue,
    limit: f64,
    signal: &AbortSignal,
) -> Result<Option<Rc<[u8]>>, JsValue> {
    let body = member(response, "body")?;
    let read = if body.is_undefined() {
        // Some runtimes have no streams.
        read_whole(response, limit).await
    } else if body.is_null() {
        Ok(Some(Rc::default()))
    } else {
        read_stream(&body.dyn_into()?, limit, signal).await
    };
    if signal.aborted() {
        return Err(JsValue::UNDEFINED);
    }
    read
}

async fn read_whole(response: &JsValue, limit: f64) -> Result<Option<Rc<[u8]>>, JsValue> {
    let read = member(response, "arrayBuffer")?;
    if read.is_undefined() {
        return Ok(Some(Rc::default()));
    }
    let whole = read.dyn_into::<Function>()?.call0(response)?;
    let whole = JsFuture::from(Promise::resolve(&whole)).await?;
    let whole: ArrayBuffer = whole.dyn_into()?;
    let whole = Uint8Array::new(&whole);
    let fits = f64::from(whole.length()) <= limit;
    Ok(fits.then(|| whole.to_vec().into()))
}

async fn read_stream(
    body: &ReadableStream,
    limit: f64,
    signal: &AbortSignal,
) -> Result<Option<Rc<[u8]>>, JsValue> {
    // Unlike `getReader()` as it is bound, it fails where somebody else reads the body already.
    let reader = ReadableStreamDefaultReader::new(body)?;
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
    read
}

#[allow(clippy::cast_precision_loss)] // No body is as long as 2^53 bytes.
async fn read_chunks(
    reader: &ReadableStreamDefaultReader,
    limit: f64,
) -> Result<Option<Rc<[u8]>>, JsValue> {
    let mut bytes: Vec<u8> = Vec::new();
    loop {
        let step = JsFuture::from(reader.read()).await?;
        if member(&step, "done")?.is_truthy() {
            return Ok(Some(bytes.into()));
        }
        let chunk: Uint8Array = member(&step, "value")?.dyn_into()?;
        let (before, more) = (bytes.len(), chunk.length());
        if before as f64 + f64::from(more) > limit {
            cancel(reader);
            return Ok(None);
        }
        bytes.resize(before.saturating_add(more as usize), 0);
        if let Some(room) = bytes.get_mut(before..) {
            chunk.copy_to(room);
        }
    }
}

fn cancel(reader: &ReadableStreamDefaultReader) {
    let cancelled = JsFuture::from(reader.cancel());
    // Of a stream that is broken already it rejects, which is nobody's concern.
    spawn_local(async move { drop(cancelled.await) });
}
