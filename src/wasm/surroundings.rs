//! What a browser tells of the network and of its page, for as long as somebody waits.

use std::rc::{Rc, Weak};

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use super::driver::Driver;
use super::options::member;
use crate::core::Event;

/// Listens for as long as it lives.
pub(super) struct Surroundings {
    _listeners: Vec<Listener>,
}

/// One listener, taken away when dropped.
pub(super) struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut(JsValue)>,
}

impl Surroundings {
    /// Listens to what there is; in Node there is nothing.
    pub(super) fn of(driver: &Rc<Driver>) -> Self {
        let global: JsValue = js_sys::global().into();
        let document = member(&global, "document").unwrap_or_default();
        let tell = |event: fn() -> Event| {
            let driver: Weak<Driver> = Rc::downgrade(driver);
            move |_: JsValue| {
                if let Some(driver) = driver.upgrade() {
                    driver.handle(event());
                }
            }
        };
        let driver = Rc::downgrade(driver);
        let shown = move |event: JsValue| {
            // A page is shown once without having been anywhere; it is back if it was kept meanwhile.
            let kept = Reflect::get(&event, &"persisted".into()).is_ok_and(|it| it.is_truthy());
            if let Some(driver) = driver.upgrade().filter(|_| kept) {
                driver.handle(Event::Awake);
            }
        };
        let listeners = [
            Listener::new(&global, "offline", tell(|| Event::Offline)),
            Listener::new(&global, "online", tell(|| Event::Awake)),
            Listener::new(&global, "pageshow", shown),
            Listener::new(&document, "resume", tell(|| Event::Awake)),
        ];
        Self {
            _listeners: listeners.into_iter().flatten().collect(),
        }
    }
}

/// Whether the browser says that there is no network.
pub(super) fn is_offline() -> bool {
    let global: JsValue = js_sys::global().into();
    let online = member(&global, "navigator").and_then(|it| member(&it, "onLine"));
    online.is_ok_and(|it| it.as_bool() == Some(false))
}

impl Listener {
    /// `None` where the target takes no listener.
    pub(super) fn new(
        target: &JsValue,
        name: &'static str,
        heard: impl FnMut(JsValue) + 'static,
    ) -> Option<Self> {
        if !member(target, "addEventListener").ok()?.is_function() {
            return None;
        }
        let target: EventTarget = target.clone().unchecked_into();
        let closure = Closure::<dyn FnMut(JsValue)>::new(heard);
        target
            .add_event_listener_with_callback(name, closure.as_ref().unchecked_ref())
            .ok()?;
        Some(Self {
            target,
            name,
            closure,
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.closure.as_ref().unchecked_ref();
        let _ = self
            .target
            .remove_event_listener_with_callback(self.name, callback);
    }
}
