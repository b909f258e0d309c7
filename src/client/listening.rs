//! What a browser says of the network and of its page, heard while somebody waits.

use std::rc::{Rc, Weak};

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use super::desk::Desk;
use crate::core::Event;
use crate::wasm::driver::Driver;
use crate::wasm::members::member;

type Listener = Closure<dyn Fn(JsValue)>;

/// Listens until it is dropped.
pub(super) struct Listening(Vec<(EventTarget, &'static str, Listener)>);

impl Listening {
    pub(super) fn begin(driver: &Rc<Driver<Desk>>) -> Self {
        let global = JsValue::from(js_sys::global());
        let page = member(&global, "document").unwrap_or_default();
        // A page is shown once without having been anywhere; it is back if it was kept meanwhile.
        let kept = |event: &JsValue| member(event, "persisted").is_ok_and(|it| it.is_truthy());
        let awake = |_: &JsValue| Some(Event::Awake);
        let shown = move |event: &JsValue| kept(event).then_some(Event::Awake);
        let mut listening = Self(Vec::new());
        listening.add(&global, "offline", driver, |_| Some(Event::Offline));
        listening.add(&global, "online", driver, awake);
        listening.add(&global, "pageshow", driver, shown);
        listening.add(&page, "resume", driver, awake);
        if is_offline() {
            driver.handle(Event::Offline);
        }
        listening
    }

    fn add(
        &mut self,
        target: &JsValue,
        name: &'static str,
        driver: &Rc<Driver<Desk>>,
        means: impl Fn(&JsValue) -> Option<Event> + 'static,
    ) {
        // In Node nothing is to be heard.
        if !member(target, "addEventListener").is_ok_and(|it| it.is_function()) {
            return;
        }
        let target: EventTarget = target.clone().unchecked_into();
        let driver: Weak<Driver<Desk>> = Rc::downgrade(driver);
        let listener: Listener = Closure::new(move |event| {
            if let (Some(event), Some(driver)) = (means(&event), driver.upgrade()) {
                driver.handle(event);
            }
        });
        let function = listener.as_ref().unchecked_ref();
        if target
            .add_event_listener_with_callback(name, function)
            .is_ok()
        {
            self.0.push((target, name, listener));
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        for (target, name, listener) in &self.0 {
            let function = listener.as_ref().unchecked_ref();
            // What cannot be taken off does nothing any more, once the client is gone.
            let _ = target.remove_event_listener_with_callback(name, function);
        }
    }
}

/// Whether the browser says that there is no network.
pub(super) fn is_offline() -> bool {
    let navigator = member(&js_sys::global(), "navigator").unwrap_or_default();
    member(&navigator, "onLine").is_ok_and(|it| it.as_bool() == Some(false))
}
